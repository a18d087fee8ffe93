"""Throttles: why a batch holds."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from nbrunbook.batches.throttles import replica_lag, window
from nbrunbook.errors import NbrunbookError
from tests.batches.filling import Data, course_of, filling, to_the_end


@pytest.mark.parametrize(
    ("begin", "end", "at", "holds"),
    [
        ("22:00", "06:00", "23:30", False), ("22:00", "06:00", "05:59", False), ("22:00", "06:00", "06:00", True),
        ("22:00", "06:00", "12:00", True), ("09:00", "17:00", "09:00", False), ("09:00", "17:00", "17:00", True),
    ],
)  # fmt: skip
def test_a_window_holds_outside_of_it(begin: str, end: str, at: str, holds: bool) -> None:
    """Over midnight, too; it begins at its beginning and ends before its end."""
    made: Any = window(begin, end, tz="Europe/Berlin")
    why = made.why(datetime.fromisoformat(f"2026-03-01T{at}"))
    assert bool(why) == holds
    assert not holds or f"goes on at {begin}" in why


@pytest.mark.parametrize("given", [("22:00", "22:00"), ("25:00", "06:00"), ("10", "11:00"), (1, 2)])
def test_a_window_that_is_none_is_refused(given: Any) -> None:
    """In words."""
    with pytest.raises(NbrunbookError, match="window:"):
        window(*given)
    with pytest.raises(NbrunbookError, match="no time zone 'Mars'"):
        window("22:00", "06:00", tz="Mars")


def test_a_lag_holds_while_a_replica_is_behind() -> None:
    """By how much, and which; one that has nothing to fetch is not behind."""
    made: Any = replica_lag("10s", replicas=1)
    assert "replica b is 12.5 s behind" in made.why([("a", "streaming", 1.0, 5), ("b", "streaming", 12.5, 9)])
    assert made.why([("a", "streaming", 99.0, 0)]) == ""
    assert made.why([]) == "0 of 1 replicas follow"
    assert "pg_monitor" in made.why([("a", None, None, None)])


@pytest.mark.parametrize("given", ["10", "0s", "s", 10, "-1s"])
def test_a_lag_that_is_none_is_refused(given: Any) -> None:
    """In words."""
    with pytest.raises(NbrunbookError, match="length of time"):
        replica_lag(given)


def test_a_server_without_replicas_holds_nothing(data: Data) -> None:
    """And one's own function says why it holds, gets the connection, and is asked before each chunk."""
    seen: list[str] = []

    def own(db: Any) -> str:
        seen.append(db.engine.url.database)
        return "" if len(seen) != 2 else "the queue is long"

    code = filling()
    code.throttles = (replica_lag("10s"), own)
    course = course_of(data, code)
    course.step()
    course.step()
    assert (course.status.state, course.status.hold) == ("holding", "the queue is long")
    assert data.run("SELECT hold FROM nbrunbook_cursor") == [("the queue is long",)]
    assert to_the_end(course).state == "done"
    assert data.counts() == data.once
