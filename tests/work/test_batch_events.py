"""What the run of a batch tells of itself: bounded by time, whatever the number of rows and runners."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from nbrunbook.runbook.board import DatabaseStatus
from nbrunbook.work import batches
from nbrunbook.work.batch_events import BatchEvents
from nbrunbook.work.session import Session
from tests.batch_steps import DONE, REFUSED, RUNNING, run_as, with_a_batch
from tests.conftest import Workplace
from tests.making import session_on


class Time:
    """A clock that the test sets."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 30, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        """Return what it shows."""
        return self.now

    def go_on(self, seconds: int) -> None:
        """Let it be later."""
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def ana(work: Workplace) -> Session:
    """Ana at work on a runbook with a batch."""
    return with_a_batch(work)


def _at(done: int) -> list[DatabaseStatus]:
    return [replace(RUNNING[0], done=done), RUNNING[1]]


def _kinds(session: Session) -> list[str]:
    session.refresh()
    return [event.kind for event in session.events if event.kind not in ("opened", "started")]


def test_a_million_rows_leave_few_events(ana: Session) -> None:
    """Two runners, ten hours, a beat each ten seconds, and always something new: one event in five minutes."""
    run, time = run_as(ana, "a").id, Time()
    both = [BatchEvents(session, "fill", run, clock=time) for session in (ana, session_on(operator="ben"))]
    for beat in range(360):
        time.go_on(10)
        for each in both:
            each.tell(_at(beat * 250))
    assert _kinds(ana) == ["advanced"] * 12
    last = ana.events[-1]
    assert last.data["value"].startswith("0 of 2 databases done, 8")
    assert (last.operator, last.data["run"], last.data["needs"]) == ("ana", run, "0.5.0")


def test_nothing_new_is_no_event(ana: Session) -> None:
    """A batch that is held through the night says so once."""
    told, time = BatchEvents(ana, "fill", run_as(ana, "a").id, clock=Time()), Time()
    told.clock = time
    for _ in range(100):
        time.go_on(300)
        told.tell(RUNNING)
    assert _kinds(ana) == ["advanced"]


def test_refused_rows_are_told_once_a_minute(ana: Session) -> None:
    """At once, then in sum, by one of the runners; with what its databases say of them."""
    run, time = run_as(ana, "a").id, Time()
    both = [BatchEvents(session, "fill", run, clock=time) for session in (ana, session_on(operator="ben"))]
    for count in range(1, 13):
        for each in both:
            each.tell([RUNNING[0], replace(REFUSED[1], quarantined=count)])
        time.go_on(10)
    assert _kinds(ana) == ["quarantined", "quarantined"]
    first, second = ana.events[-2:]
    assert (first.data["rows"], second.data["rows"]) == ("1", "7")
    assert first.data["message"] == "us: 3 rows are refused: id 7"


def test_what_was_refused_before_is_no_news(ana: Session) -> None:
    """The end of the run before has told it; neither does a runner that joins tell what another one has told."""
    batches.end_if_last(ana, "fill", run_as(ana, "a").id, "a", REFUSED)
    run = run_as(ana, "b").id
    ana.refresh()
    time = Time()
    first = BatchEvents(ana, "fill", run, clock=time)
    assert first.tell(REFUSED) == []
    worse = [DONE[0], replace(REFUSED[1], quarantined=4)]
    assert len(first.tell(worse)) == 1
    time.go_on(60)
    assert BatchEvents(session_on(operator="ben"), "fill", run, clock=time).tell(worse) == []


def test_a_run_that_is_over_tells_nothing(ana: Session) -> None:
    """Not to the runner that has not heard of it yet, either."""
    run = run_as(ana, "a").id
    told = BatchEvents(ana, "fill", run, clock=Time())
    batches.end_if_last(session_on(), "fill", run, "a", DONE)
    assert told.tell(REFUSED) == []
    assert _kinds(ana) == ["passed"]
