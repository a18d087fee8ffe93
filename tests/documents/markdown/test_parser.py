"""The parser: CommonMark, whatever the line ends."""

from __future__ import annotations

import pytest

from nbrunbook.documents.markdown.parser import parse_plain, read_target
from nbrunbook.documents.markdown.reading import read_markdown
from tests.documents.markdown.conftest import only_item


def test_line_ends_do_not_matter() -> None:
    """A file from Windows reads as any other."""
    text = "# A {.gate}\n\n- [ ] a {#a}\n  body\n"
    assert read_markdown(text.replace("\n", "\r\n")).text == text
    assert only_item(text.replace("\n", "\r")).id == "a"


@pytest.mark.parametrize("written", ["x y.md", "b\\_c.md", "b&amp;c.md", "ü.md", "a%20b", "{{ x }}/y.md"])
def test_a_target_is_read_as_its_token_has_it(written: str) -> None:
    """Escapes and entities read, the rest percent-encoded, names whole."""
    (inline,) = [token for token in parse_plain(f"[a](<{written}>)") if token.type == "inline"]
    assert read_target(written) == (inline.children or [])[0].attrs["href"]
