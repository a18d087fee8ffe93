"""A batch's runners: real processes over real databases, which are paused, stopped, killed and joined."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest

from nbrunbook.automation import asking, beginning, control, joining, lock
from nbrunbook.project.settings import find_project
from nbrunbook.work import controls
from tests.automation.batch_runs import begun, ended, go_on, orders_are_heard
from tests.automation.conftest import lives
from tests.conftest import Workplace
from tests.filling import CODE, DECLARED, NAMES, ROWS, STEPS, batched, board_now, counts, filled, runner_rows
from tests.making import raw_journal, session_on
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
    assert [event.kind for event in session.events] == ["opened", "started", "noted", "passed"]
    assert [counts(batched, name) for name in NAMES] == [{1: ROWS}] * 3
    assert not first.folder.exists()
    assert not second.folder.exists()


def test_a_child_that_dies_is_followed_by_another_one_while_it_gets_on(batched: Workplace) -> None:
    """Nothing is lost or repeated by that."""
    found = begun(batched, workers=1)
    orders_are_heard()
    (batched.root / "slow").write_text("50", encoding="utf-8")
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


@pytest.mark.faults
@pytest.mark.whole
def test_a_journal_that_is_away_for_long_has_the_batch_hold_until_it_is_back(batched: Workplace) -> None:
    """A pause would not be seen meanwhile; what is done is told once it answers."""
    found = begun(batched, workers=1, behind=50)
    with raw_journal() as raw:
        raw.lock()
        time.sleep(control.HOLD_SECONDS + 1)
        go_on(batched)
        time.sleep(3)
        done = sum(counts(batched, name).get(1, 0) for name in NAMES)
        time.sleep(2)
        assert sum(counts(batched, name).get(1, 0) for name in NAMES) == done < ROWS
    assert ended(found).kind == "passed"
    assert [counts(batched, name) for name in NAMES] == [{1: ROWS}] * 3


@pytest.mark.faults
def test_a_frozen_supervisor_has_its_child_go_on_and_then_hold(batched: Workplace) -> None:
    """It goes on where it was once it is woken; one end is written."""
    found = begun(batched, behind=50)
    os.kill(found.pid, signal.SIGSTOP)
    go_on(batched)
    wait_for(lambda: [counts(batched, name) for name in NAMES] == [{1: ROWS}] * 3)
    os.kill(found.pid, signal.SIGCONT)
    assert ended(found).kind == "passed"


@pytest.mark.faults
def test_a_child_that_dies_at_once_is_told_and_not_begun_for_ever(batched: Workplace) -> None:
    """It got nowhere: nobody knows why, and its rows are as they were."""
    code = CODE.replace("for row in rows:", "os.kill(os.getpid(), 9)\n    for row in rows:", 1)
    template = batched.template(STEPS, parameters=DECLARED, code=filled(code))
    assert batched.run("instantiate", template, "-e", "production") == 0, batched.err
    session = session_on("production/1.0")
    end = beginning.follow(session, joining.run_batch(session, find_project(), "fill"))
    assert end is not None
    assert (end.kind, end.data["attempts"]) == ("undecided", "1")
    assert "its process was ended by SIGKILL" in end.data["message"]
    assert [counts(batched, name) for name in NAMES] == [{0: ROWS}] * 3


@pytest.mark.faults
@pytest.mark.whole
def test_a_project_that_is_taken_away_takes_its_runners_along(batched: Workplace) -> None:
    """Nothing of them goes on changing data for a runbook that is not there."""
    found = begun(batched, behind=50)
    away = batched.root.with_name("away")
    batched.root.rename(away)
    wait_for(lambda: not lives(found.pid))
    away.rename(batched.root)
