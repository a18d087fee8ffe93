"""How long something still takes, in words."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

SECOND, MINUTE, HOUR, DAY = 1000, 60_000, 3_600_000, 86_400_000


@pytest.mark.parametrize(
    ("ms", "words"),
    [
        (-5, "0 min 0 s"),
        (0, "0 min 0 s"),
        (1, "0 min 1 s"),
        (59 * MINUTE + 59 * SECOND, "59 min 59 s"),
        (HOUR - 1, "1 h 0 min"),
        (3 * HOUR + 12 * MINUTE + 59 * SECOND, "3 h 12 min"),
        (DAY, "1 d 0 h"),
        (2 * DAY + 3 * HOUR + 59 * MINUTE, "2 d 3 h"),
    ],
)
def test_a_span_in_words(page: Page, ms: int, words: str) -> None:
    """Two units, to the second below an hour; what has begun of a second counts, and nothing is below zero."""
    assert page.evaluate("async (ms) => (await import('/js/time.js')).span(ms)", ms) == words
