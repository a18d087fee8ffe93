"""Texts as they are told."""

from __future__ import annotations

import pytest

from nbrunbook.texts import LONGEST_TITLE, columns_of, listed, many, short


def test_what_is_cut_says_so() -> None:
    """A text is whole, or it ends in an ellipsis, which counts."""
    whole = "a" * LONGEST_TITLE
    assert short(whole) == whole
    assert short(whole + "b") == whole[:-1] + "…"
    assert short("one two", 5) == "one…"


@pytest.mark.parametrize(
    ("names", "words"),
    [("", ""), ("a", "a"), ("abc", "a, b, c"), ("abcd", "a, b, c and 1 more"), ("abcdef", "a, b, c and 3 more")],
)
def test_what_is_not_named_is_counted(names: str, words: str) -> None:
    """So many names are told, and how many more there are."""
    assert listed(names, 3) == words


@pytest.mark.parametrize(("count", "words"), [(0, "0 steps"), (1, "1 step"), (2, "2 steps"), (1_000, "1,000 steps")])
def test_one_is_no_plural(count: int, words: str) -> None:
    """One step is 1 step."""
    assert many(count, "step") == words


@pytest.mark.parametrize(("text", "columns"), [("", 0), ("abc", 3), ("漢字", 4), ("é́", 1), ("🚀!", 3), ("a\u200db", 2)])
def test_wide_letters_take_two_columns(text: str, columns: int) -> None:
    """And accents, joiners and the like take none."""
    assert columns_of(text) == columns
