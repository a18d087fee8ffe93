"""The matrix: a runner is killed, frozen beyond its lease, or cut off, at each point; each row is changed once."""

from __future__ import annotations

import os
import random
import signal
from typing import Any

import pytest

from nbrunbook.batches import sqlite
from tests.batches.conftest import Make
from tests.batches.filling import Data, course_of, filling, job_of, to_the_end
from tests.batches.victim import POINTS, REFUSED, victim

WHOLE = (pytest.mark.faults, pytest.mark.whole)
SAMPLE = {
    ("killed", "in process"), ("killed", "at COMMIT"), ("frozen", "between chunks"),
    ("frozen", "after the read"), ("cut", "before the move"), ("killed", "in a rerun"),
}  # fmt: skip
LEASE = 0.5


def cases(*ways: str) -> list[Any]:
    """Each way at each point: a sample without the marks."""
    return [
        pytest.param(way, point, marks=() if (way, point) in SAMPLE else WHOLE, id=f"{way} {point}")
        for way in ways
        for point in POINTS
    ]


def facts_of(point: str) -> dict[str, Any]:
    """What a job needs so that it comes to a point."""
    halves = {"on_error": "quarantine"} if point in ("in bisecting", "in a rerun") else {}
    again = {"run": "2", "rerun": True} if point == "in a rerun" else {}
    return {"lease_seconds": LEASE, **halves, **again}


def prepared(data: Data, point: str) -> dict[str, Any]:
    """Have a row refused where it is to be tried again."""
    if point == "in a rerun":
        to_the_end(course_of(data, filling(refuses=[REFUSED]), on_error="quarantine", run="1"))
    return facts_of(point)


def taken_over(data: Data, facts: dict[str, Any]) -> None:
    """Let another runner go on, as soon as it may, to the end; a row that was refused is tried again then."""
    deadline = 100_000
    more = {"runner": "two", **facts}
    status = to_the_end(course_of(data, filling(), **more), deadline)
    if status.quarantined:
        to_the_end(course_of(data, filling(), **{**more, "run": "3", "rerun": True}), deadline)
    assert data.counts() == data.once


@pytest.mark.parametrize(("way", "point"), cases("killed"))
def test_one_that_is_killed(way: str, point: str, make: Make) -> None:
    """Kill -9: what it had not committed is gone, and the next one goes on behind what it had."""
    data = make()
    facts = prepared(data, point)
    with victim(job_of(data, runner="one", **facts), point) as (pid, pipe):
        assert pipe.recv() == "here"
        os.kill(pid, signal.SIGKILL)
        taken_over(data, facts)


@pytest.mark.parametrize(("way", "point"), cases("frozen"))
def test_one_that_is_frozen(way: str, point: str, make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond its lease: another one takes over, and the woken one finds that out; on SQLite a chunk is waited for."""
    data = make()
    facts = prepared(data, point)
    monkeypatch.setattr(sqlite, "LOCK_SECONDS", 0.05)
    with victim(job_of(data, runner="one", **facts), point) as (pid, pipe):
        assert pipe.recv() == "here"
        os.kill(pid, signal.SIGSTOP)
        second = course_of(data, filling(), **{"runner": "two", **facts})
        for _ in range(100_000):
            second.step()
            if second.is_over or "lock" in second.status.hold:
                break
        if not second.is_over and second.status.hold:
            assert f"process {pid} on" in second.status.hold
        os.kill(pid, signal.SIGCONT)
        pipe.send("go on")
        assert pipe.recv() == "over"
        second.leave()
    taken_over(data, facts)


@pytest.mark.database
@pytest.mark.parametrize("make", ["postgresql"], indirect=True)
@pytest.mark.parametrize(("way", "point"), cases("cut"))
def test_one_that_is_cut_off(way: str, point: str, make: Make) -> None:
    """Its connection ends: it makes another one, reads the cursor, and comes to the end by itself."""
    data = make()
    facts = prepared(data, point)
    with victim(job_of(data, runner="one", **{**facts, "lease_seconds": 30.0}), point) as (_, pipe):
        assert pipe.recv() == "here"
        data.run(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'nbrunbook' "
            "AND pid IN (SELECT pid FROM pg_locks) OR application_name = 'nbrunbook' AND state LIKE 'idle%'"
        )
        pipe.send("go on")
        assert pipe.recv() == "over"
    taken_over(data, facts)


@pytest.mark.parametrize("kills", [4, pytest.param(100, marks=WHOLE)])
def test_random_kills(kills: int, make: Make) -> None:
    """At any moment, with three databases: each row of each is changed once."""
    places = [make(name, rows=kills * 12) for name in ("eu", "us", "ap")]
    chance = random.Random(17)
    for number in range(kills):
        with victim(job_of(*places, runner=f"runner {number}", lease_seconds=0.01), "never") as (_, pipe):
            pipe.poll(chance.uniform(0.01, 0.12))
    for each in places:
        taken_over(each, {"lease_seconds": 0.01})
