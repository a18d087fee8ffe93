"""What runners leave that were killed, and who writes the end that nobody wrote."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from nbrunbook.automation import asking, batch_traces, beginning, joining, lock, outcome, reporting
from nbrunbook.automation.outcome import Outcome
from nbrunbook.project.settings import find_project
from nbrunbook.runbook import batch_results
from nbrunbook.runbook.board import DatabaseStatus
from nbrunbook.runbook.events import new_id
from tests.automation.batch_runs import begun, ended, go_on, in_cursors, killed_before_it_worked
from tests.conftest import Workplace
from tests.filling import NAMES, ROWS, batched, counts, runner_rows
from tests.making import raw_journal, session_on
from tests.running import KEY, wait_for

__all__ = ["batched"]


def killed(found: beginning.Begun) -> None:
    """Kill a runner, and wait until nothing of it lives."""
    os.kill(found.pid, signal.SIGKILL)
    wait_for(lambda: lock.is_free(found.folder))


def test_who_runs_it_again_takes_up_what_a_killed_runner_has_left(batched: Workplace) -> None:
    """Without a question, at once, as another runner of the same run; nothing is lost or repeated."""
    first = begun(batched)
    killed(first)
    session = session_on()
    heard = session.progress.heard[first.run]
    assert reporting.is_free(session, "fill", heard) is True
    go_on(batched)
    second = joining.run_batch(session, find_project(), "fill", workers=3)
    assert second.run == first.run
    assert ended(second).kind == "passed"
    assert [counts(batched, name) for name in NAMES] == [{1: ROWS}] * 3
    assert [event.kind for event in session_on().events] == ["opened", "started", "noted", "passed"]


def test_the_end_that_a_killed_runner_did_not_write_is_written_by_whoever_looks(batched: Workplace) -> None:
    """Where the cursors say that each database is at its end."""
    found = begun(batched)
    killed(found)
    session = session_on()
    reporting.catch_up(session)
    assert session.progress.of("fill").run, "there is more to do"
    in_cursors(batched, "state = 'done', lease_until = 0")
    batch_traces.forget(found.run)
    reporting.catch_up(session)
    end = session.progress.of("fill").last
    assert end is not None
    assert end.kind == "passed"
    assert [each.state for each in batch_results.board_of(end)] == ["done"] * 3


def test_what_a_runner_wrote_before_it_was_killed_is_reported(batched: Workplace) -> None:
    """The journal was away when it ended."""
    found = killed_before_it_worked(batched)
    board = [DatabaseStatus(name=name, state="done", done=ROWS) for name in NAMES]
    said = Outcome(kind="passed", seconds=1.0, board=batch_results.text_of(board))
    outcome.write(found.folder, found.run, said)
    session = session_on()
    reporting.catch_up(session)
    last = session.progress.of("fill").last
    assert last is not None
    assert (last.kind, last.data["value"]) == ("passed", f"{3 * ROWS} rows in 3 databases")
    assert not found.folder.exists()


@pytest.mark.faults
def test_an_operator_may_say_what_became_of_it(batched: Workplace) -> None:
    """Once nothing of any runner lives here."""
    found = begun(batched)
    assert batched.run("run", KEY, "fill", "--it-did-not", "--reason", "looked") == 1
    assert "it runs still" in batched.err
    killed(found)
    assert batched.run("run", KEY, "fill", "--it-did-not", "--reason", "looked") == 0, batched.err
    session = session_on()
    assert session.progress.of("fill").run is None
    assert not found.folder.exists()


def test_no_folder_that_is_not_a_runner_s_is_ever_taken_away(batched: Workplace) -> None:
    """Nobody hashes what a row says."""
    found = killed_before_it_worked(batched)
    with raw_journal() as raw:
        raw.execute("UPDATE runner SET folder = ?", (str(batched.root / "data"),))
    session = session_on()
    assert batch_traces.folders(session, found.run) == []
    assert [Path(each.folder).name for each in runner_rows()] == ["data"]


def test_the_folder_of_a_runner_is_swept_once_its_run_has_ended(batched: Workplace) -> None:
    """Its supervisor was killed after somebody else had written the end."""
    session = session_on()
    found = killed_before_it_worked(batched)
    place = found.folder.parent / new_id()
    with lock.held(place):
        outcome.write(place, found.run, Outcome(kind="stopped"))
    reporting.sweep(session, place.parent)
    assert place.exists(), "the run goes on"
    asking.say(session, "fill", ran=False, note="it was killed", gone=False)
    reporting.sweep(session, place.parent)
    assert not place.exists()
