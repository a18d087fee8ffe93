"""Instants and lengths of time, in words."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from nbrunbook.runbook import events
from nbrunbook.runbook.times import MARK, local, marked, span, split, utc
from tests.making import AT

Zone = Callable[[str], None]


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(1, "1 min"), (60, "1 min"), (840, "14 min"), (3600, "1 h"), (183_600, "2 d 3 h"), (86_400, "1 d")],
)
def test_a_span_is_in_words(seconds: float, words: str) -> None:
    """A length of time is told in at most two units, and never as nothing."""
    assert span(seconds) == words


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("UTC", "22 Nov 14:02 UTC"),
        ("Europe/Berlin", "22 Nov 15:02 CET"),
        ("America/New_York", "22 Nov 09:02 EST"),
        ("Asia/Kathmandu", "22 Nov 19:47 +0545"),
        ("Pacific/Kiritimati", "23 Nov 04:02 +14"),
    ],
)
def test_a_terminal_tells_its_own_zone(zone: Zone, name: str, words: str) -> None:
    """An instant is told in the zone of the process, which is named; its day is the one there."""
    zone(name)
    clock = local(AT)
    assert clock(AT) == words
    assert clock.day(AT) == f"{'Monday' if words.startswith('23') else 'Sunday'} {words}"
    assert utc(AT)(AT) == "22 Nov 2026 14:02 UTC"


def test_the_hour_that_comes_twice_is_told_apart(zone: Zone) -> None:
    """Where summer time ends, the zone's name says which of the two hours it was."""
    zone("Europe/Berlin")
    at = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert [local(AT)(at + timedelta(hours=more)) for more in range(3)] == [
        "25 Oct 02:30 CEST",
        "25 Oct 02:30 CET",
        "25 Oct 03:30 CET",
    ]


def test_another_year_is_told(zone: Zone) -> None:
    """The year stands where it is another one than now, both as they are in the zone."""
    eve = datetime(2026, 12, 31, 23, 30, tzinfo=UTC)
    before, after = eve - timedelta(hours=2), eve + timedelta(hours=2)
    assert [local(before)(each) for each in (before, eve)] == ["31 Dec 21:30 UTC", "31 Dec 23:30 UTC"]
    zone("Europe/Berlin")
    assert [local(before)(each) for each in (before, eve)] == ["31 Dec 22:30 CET", "1 Jan 2027 00:30 CET"]
    assert [local(after)(each) for each in (before, eve)] == ["31 Dec 2026 22:30 CET", "1 Jan 00:30 CET"]
    assert [local(after).date(each) for each in (before, eve)] == ["31 Dec 2026", "1 Jan"]


def test_marks_are_found_again() -> None:
    """Words with marked instants come apart into words and instants, to the millisecond."""
    clock = marked(AT)
    other = AT + timedelta(milliseconds=123)
    assert list(split(f"done by ana, {clock(AT)}, then {clock(other)}.")) == [
        *("done by ana, ", AT),
        *(", then ", other, "."),
    ]
    assert list(split("no instant, 2026-11-22T14:02:00.000Z")) == ["no instant, 2026-11-22T14:02:00.000Z"]


def test_nobody_can_write_a_mark() -> None:
    """Whatever is journaled, a plan and an event alike, cannot hold the character."""
    for value in ({"note": f"x{MARK}"}, [f"{MARK}2026-11-22T14:02:00.000Z{MARK}"], {MARK: ""}):
        with pytest.raises(ValueError, match="NUL"):
            events.canonical(value)


def test_months_and_days_have_their_names() -> None:
    """As the C locale has them, whatever the process's locale says."""
    for month in range(1, 13):
        at = datetime(2026, month, month, tzinfo=UTC)
        assert utc(at).day(at) == f"{at:%A} {month} {at:%b} 2026 00:00 UTC"
    week = [AT + timedelta(days=each) for each in range(7)]
    assert [utc(AT).day(at).split()[0] for at in week] == [f"{at:%A}" for at in week]
