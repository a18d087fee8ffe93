"""Texts as they are told: cut with a sign, and counted."""

from __future__ import annotations

LONGEST_TITLE = 60
"""Characters of a title where it is named among other words."""


def short(text: str, most: int = LONGEST_TITLE) -> str:
    """Return a text that ends in … where it was cut."""
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"


def many(count: int, noun: str) -> str:
    """Return how many there are of something: 1 step, 2 steps, 1,000 steps."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
