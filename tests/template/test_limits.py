"""Limits: how much a template may hold."""

from __future__ import annotations

from pathlib import Path

import pytest

from nbrunbook.errors import NbrunbookError
from nbrunbook.template import limits


def test_what_a_template_may_hold_passes() -> None:
    """Up to the limit, all texts together."""
    limits.check_text(Path("a.md"), ["x" * (limits.MOST_TEXT - 1), "x"])
    limits.check_text(Path("a.md"), ["[ ]" * limits.MOST_STEPS])


@pytest.mark.parametrize(
    ("texts", "said"),
    [(["x" * limits.MOST_TEXT, "x"], "300,001 characters"), (["[ ]" * limits.MOST_STEPS, "[x]"], "2,001 boxes")],
)
def test_more_is_refused(texts: list[str], said: str) -> None:
    """With what was found and what may be."""
    with pytest.raises(NbrunbookError, match=rf"a\.md: {said}; expected .* at most"):
        limits.check_text(Path("a.md"), texts)


def test_a_long_text_is_tried_less_often() -> None:
    """All tries together read about as much of any text."""
    assert limits.tries("x" * 100) == 100
    assert 1 <= limits.tries("x" * limits.MOST_TEXT) <= 3
