"""Differences inside texts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbrunbook.review import text_diff
from nbrunbook.review.text_diff import Span

TEXTS = st.text(alphabet="ab \n*é.", max_size=40)


def _side(spans: list[Span], *kinds: str) -> str:
    return "".join(span.text for span in spans if span.kind in kinds)


def test_words_are_compared_not_letters() -> None:
    """A word that changed is one removed and one added word; two beside each other are one change."""
    assert [(span.kind, span.text) for span in text_diff.compare("Press the red button", "Press a big button")] == [
        ("same", "Press "),
        ("removed", "the red"),
        ("added", "a big"),
        ("same", " button"),
    ]


@given(TEXTS, TEXTS)
def test_the_spans_are_both_texts(old: str, new: str) -> None:
    """What stayed and went is the old text, what stayed and came the new one."""
    spans = text_diff.compare(old, new)
    assert _side(spans, "same", "removed") == old
    assert _side(spans, "same", "added") == new


def test_a_very_long_text_is_compared_by_lines() -> None:
    """Nothing is lost of it, and it takes no seconds."""
    old = "\n".join(f"line {number} of it" for number in range(2000))
    spans = text_diff.compare(old, old.replace("line 77 ", "row 77 "))
    assert [span.text for span in spans if span.kind == "added"] == ["row 77 of it\n"]


def test_long_stretches_that_stayed_are_cut() -> None:
    """Only what is around a change is shown of them."""
    spans = text_diff.shortened(text_diff.compare("a " * 200 + "x" + " b" * 200, "a " * 200 + "y" + " b" * 200))
    assert [span.kind for span in spans] == ["left-out", "same", "removed", "added", "same", "left-out"]
    assert len(_side(spans, "same")) == 2 * text_diff.AROUND


def test_code_is_compared_by_lines() -> None:
    """Each line has its sign, and what is far from a change is left out."""
    assert text_diff.lines("a\nb\nc\nd\ne\nf", "a\nb\nc\nx\ne\nf") == [
        "@@ -2,5 +2,5 @@",
        " b",
        " c",
        "-d",
        "+x",
        " e",
        " f",
    ]


def test_alike_is_nothing_below_the_least() -> None:
    """Texts that are less alike than asked for are not alike at all."""
    assert text_diff.alike("Mail support", "Mail the support", least=0.6) > 0.8
    assert text_diff.alike("Mail support", "Press the button", least=0.6) == 0


@pytest.mark.parametrize("lines", [10, 5_000])
def test_many_alike_lines_are_compared_in_time(lines: int) -> None:
    """The spans are both texts, whole; so many lines that differ everywhere are one change."""
    old, new = "a\n" + "x\n" * lines + "end\n", "b\n" + "x\n" * (lines - 2) + "y\nend\n"
    spans = text_diff.compare(old, new)
    assert "".join(each.text for each in spans if each.kind != "added") == old
    assert "".join(each.text for each in spans if each.kind != "removed") == new
    assert spans[-1].kind == "same"
    shown = text_diff.lines(old, new)
    assert {"-a", "+b", "+y"} <= set(shown)
