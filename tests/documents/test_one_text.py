"""Joining cells: the same steps under the same headings."""

from __future__ import annotations

import pytest

from nbrunbook.documents import one_text
from nbrunbook.errors import NbrunbookError


def test_parts_keep_what_their_headings_say() -> None:
    """A part under another one's heading would inherit its attributes: that is refused."""
    first = "# A {.if-needed}\n- [ ] a"
    assert one_text.joined([[first], ["# B\n- [ ] b"]]).endswith("# B\n- [ ] b")
    with pytest.raises(NbrunbookError, match="'b' would come under the heading 'B'"):
        one_text.joined([[first], ["## B\n- [ ] b"]])
    with pytest.raises(NbrunbookError, match="'b' would come under the heading 'A'"):
        one_text.joined([[first], ["- [ ] b"]])
