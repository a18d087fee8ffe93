"""Lengths of time, in words."""

from __future__ import annotations

import pytest

from nbrunbook.runbook.times import clock, dated, day, span
from tests.making import AT


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(1, "1 min"), (60, "1 min"), (840, "14 min"), (3600, "1 h"), (183_600, "2 d 3 h"), (86_400, "1 d")],
)
def test_a_span_is_in_words(seconds: float, words: str) -> None:
    """A length of time is told in at most two units, and never as nothing."""
    assert span(seconds) == words


def test_an_instant_says_its_zone() -> None:
    """An instant is told with UTC behind it, and on request with its day of the week."""
    assert (clock(AT), day(AT, AT)) == ("22 Nov 14:02 UTC", "Sunday 22 Nov 14:02 UTC")


def test_an_instant_of_another_year_says_its_year() -> None:
    """Where it is known what year it is, one of another year is told with it."""
    later = AT.replace(year=AT.year + 1)
    assert (clock(AT, AT), clock(AT, later)) == ("22 Nov 14:02 UTC", "22 Nov 2026 14:02 UTC")
    assert dated(AT) == clock(AT, later)
    assert day(AT, later) == "Sunday 22 Nov 2026 14:02 UTC"
