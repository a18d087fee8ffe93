"""Slices, and what the cursors say."""

from __future__ import annotations

import threading
import time
from dataclasses import replace

import pytest

from nbrunbook.batches import slices
from nbrunbook.batches.orders import Orders
from tests.batches.filling import Data, course_of, filling, job_of


def test_slices_come_to_the_end(data: Data) -> None:
    """Each gives the database back, so that the next one may be anywhere."""
    job = job_of(data, runner="")
    states = []
    for _ in range(30):
        code = filling(each=lambda *_: time.sleep(0.001))  # so that a chunk takes longer than a slice
        states.append(slices.run_slice(job, code, "eu", 0.001, orders=Orders(size=5)).state)
        if states[-1] == "done":
            break
    assert len(states) > 3
    assert states[-1] == "done"
    assert data.counts() == data.once


def test_rows_refused_elsewhere_count(data: Data) -> None:
    """For max_errors, which is of all databases: whoever hands slices out knows of the others."""
    job = job_of(data, on_error="quarantine", max_errors=1)
    found = slices.run_slice(job, filling(), "eu", refused_elsewhere=2)
    assert (found.state, found.error) == ("stopped", "2 rows are refused, more than max_errors=1")


def test_the_cursors_say_where_it_stands(data: Data) -> None:
    """Before it began, while a runner has it, after it was given back, and at its end; nothing is made by asking."""
    job = job_of(data)
    assert slices.status_of(job)[0].state == "waiting"
    assert not data.run("SELECT 1 FROM item WHERE n > 0")
    course = course_of(data, filling(refuses=[9]))
    course.step()
    running = slices.status_of(job)[0]
    assert (running.state, running.done, running.runner) == ("running", 5, "one")
    course.leave()
    assert slices.status_of(job)[0].state == "waiting"
    while not course.is_over:
        course.step()
    ended = slices.status_of(job)[0]
    assert (ended.state, ended.done, ended.error) == ("stopped", 8, course.status.error)


def test_one_that_cannot_be_reached_says_so(data: Data) -> None:
    """The others are told all the same."""
    job = job_of(data)
    gone = replace(data.database, name="us", url="sqlite:////nowhere/us.db")
    eu, us = slices.status_of(replace(job, databases=(*job.databases, gone)))
    assert (eu.error, us.name) == ("", "us")
    assert "no file /nowhere/us.db" in us.error


def test_several_are_asked_at_once(data: Data, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for three hundred that are away, one after the other."""
    meeting = threading.Barrier(3, timeout=60)

    def away(*_: object, **more: object) -> None:
        meeting.wait()
        raise ConnectionError("away")

    monkeypatch.setattr(slices, "opened", away)
    found = slices.status_of(replace(job_of(data), databases=(data.database,) * 3))
    assert [each.error for each in found] == ["ConnectionError: away"] * 3
