"""Texts as they are told: cut with a sign, listed, counted and measured."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

LONGEST_TITLE = 60
"""Characters of a title where it is named among other words."""
MOST_LISTED = 5
"""Names in one line."""


def short(text: str, most: int = LONGEST_TITLE) -> str:
    """Return a text that ends in … where it was cut."""
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"


def listed(names: Sequence[str], most: int = MOST_LISTED) -> str:
    """Return the first of some names, and how many more there are; there may be any number of them."""
    shown = ", ".join(names[:most])
    return f"{shown} and {len(names) - most} more" if len(names) > most else shown


def many(count: int, noun: str) -> str:
    """Return how many there are of something: 1 step, 2 steps, 1,000 steps."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def columns_of(text: str) -> int:
    """Return how many columns of a terminal a text takes: a wide letter two, what is put on another one none."""
    if text.isascii():
        return len(text)
    seen = [each for each in text if unicodedata.category(each) not in ("Mn", "Me", "Cf")]
    return len(seen) + sum(unicodedata.east_asian_width(each) in "WF" for each in seen)
