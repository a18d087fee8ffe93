"""Lengths of time in an author's code."""

from __future__ import annotations

import pytest

from nbrunbook.runbook import lengths


@pytest.mark.parametrize(
    ("written", "length"), [("30s", 30), ("5m", 300), (" 2 h ", 7200), ("1d", 86400), ("90s", 90), ("1w", 604800)]
)
def test_a_length_of_time(written: str, length: int) -> None:
    """Seconds, too, beside what `wait` and `due` take; what is shown is read as the same."""
    assert lengths.seconds(written) == length
    assert lengths.seconds(lengths.duration(length)) == length


@pytest.mark.parametrize("written", ["", "5", "s", "0s", "0m", "1.5m", "-3s", "5 min", "100000s", "1m 30s"])
def test_what_is_none(written: str) -> None:
    """No time at all is none either: a check without a pause would be a flood."""
    with pytest.raises(ValueError):  # noqa: PT011
        lengths.seconds(written)
