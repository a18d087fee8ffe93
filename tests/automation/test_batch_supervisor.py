"""A batch's runners: real processes over real databases, which are paused, stopped, killed and joined."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from nbrunbook.automation import asking, joining, lock
from nbrunbook.project.settings import find_project
from nbrunbook.work import controls
from tests.automation.batch_runs import begun, ended, go_on, orders_are_heard
from tests.conftest import Workplace
from tests.filling import NAMES, ROWS, batched, board_now, counts, runner_rows
from tests.making import session_on
from tests.running import wait_for

__all__ = ["batched"]


def test_a_batch_is_paused_resumed_and_resized_while_it_runs(batched: Workplace) -> None:
    """The board says who has paused it."""
    found, session = begun(batched), session_on()
    controls.pause(session, "fill")
    orders_are_heard()
    go_on(batched)
    wait_for(lambda: board_now() and all(each.state == "paused" for each in board_now()))
    assert all(each.hold.startswith("paused by ") for each in board_now())
    assert sum(each.done for each in board_now()) < ROWS
    controls.resize(session, "fill", 7)
    controls.resume(session, "fill")
    end = ended(found)
    assert end.kind == "passed"
    assert [counts(batched, name) for name in NAMES] == [{1: ROWS}] * 3


def test_a_batch_is_stopped_and_goes_on_where_it_was(batched: Workplace) -> None:
    """Its end says who stopped it; nothing is repeated."""
    found = begun(batched)
    asking.stop(session_on(), "fill")
    orders_are_heard()
    go_on(batched)
    end = ended(found)
    assert end.kind == "stopped"
    assert end.data["message"].startswith("a stop was asked for by ")
    assert sum(counts(batched, name).get(1, 0) for name in NAMES) < 3 * ROWS
    assert ended(joining.run_batch(session_on(), find_project(), "fill")).kind == "passed"
    assert [counts(batched, name) for name in NAMES] == [{1: ROWS}] * 3


def test_a_second_runner_joins_and_one_end_is_written(batched: Workplace) -> None:
    """Both share one `started`."""
    first = begun(batched, workers=1)
    second = joining.run_batch(session_on(), find_project(), "fill", workers=2)
    assert (second.run, second.folder != first.folder) == (first.run, True)
    wait_for(lambda: sorted(each.pid for each in runner_rows()) == sorted([first.pid, second.pid]))
    go_on(batched)
    assert ended(second).kind == "passed"
    wait_for(lambda: lock.is_free(first.folder) and lock.is_free(second.folder))
    session = session_on()
    assert [event.kind for event in session.events] == ["opened", "started", "passed"]
    assert [counts(batched, name) for name in NAMES] == [{1: ROWS}] * 3
    assert not first.folder.exists()
    assert not second.folder.exists()


def test_a_child_that_dies_is_followed_by_another_one_while_it_gets_on(batched: Workplace) -> None:
    """Nothing is lost or repeated by that."""
    found = begun(batched, workers=1, behind=50)
    wait_for(lambda: any(each.done for each in board_now()))
    child = children_of(found.pid)
    os.kill(child, signal.SIGKILL)
    go_on(batched)
    end = ended(found)
    assert (end.kind, end.data["attempts"]) == ("passed", "2")
    assert "another one goes on" in end.data["output"]
    assert [counts(batched, name) for name in NAMES] == [{1: ROWS}] * 3


def children_of(pid: int) -> int:
    """Return the child of a supervisor that is Python's."""
    for process in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((process / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()[1])
            if parent == pid and b"batch_child" in (process / "cmdline").read_bytes():
                return int(process.name)
        except (FileNotFoundError, ProcessLookupError):
            continue
    pytest.fail("it has no child")
