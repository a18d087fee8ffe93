"""What a batch's runner tells the journal, and reads there."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from nbrunbook.automation.batch_reporting import BatchReporting
from nbrunbook.automation.control import Said
from nbrunbook.automation.outcome import Outcome
from nbrunbook.automation.supervisor import Beat
from nbrunbook.errors import RefusedError
from nbrunbook.project.settings import find_project
from nbrunbook.runbook import batch_results
from nbrunbook.runbook.board import DatabaseStatus
from nbrunbook.runbook.events import new_id
from nbrunbook.work import batches, controls, runs
from tests.conftest import Workplace
from tests.filling import batched, board_now, runner_rows
from tests.making import session_on

__all__ = ["batched"]
BEAT = Beat(lines=("working",), attempt=1)


def reporting(work: Workplace, runner: str = "") -> BatchReporting:
    """Begin or join the batch without any process, and return what its supervisor would tell."""
    session, id_ = session_on(), runner or new_id()
    folder = work.root / ".nbrunbook" / "runs" / id_
    started = batches.begin_or_join(session, "fill", run=id_, runner=id_, folder=folder, data={})
    about = {"root": str(find_project().root), "key": session.key, "step": "fill", "run": started.id}
    return BatchReporting({**about, "runner": id_, "folder": str(folder)})


def test_what_it_tells_is_on_the_board_and_what_operators_want_comes_back(batched: Workplace) -> None:
    """With who has paused it, and how many rows are refused by all runners together."""
    told, session = reporting(batched), session_on()
    told.started()
    status = DatabaseStatus(name="eu", state="running", done=3, quarantined=2)
    assert told.hear(BEAT, {"eu": status}) == Said(refused=2)
    assert board_now() == (status,)
    assert [(each.pid, each.lines) for each in runner_rows()] == [(os.getpid(), ("working",))]
    controls.pause(session, "fill")
    controls.resize(session, "fill", 7)
    assert told.hear(BEAT, {}) == Said(pause_words=f"paused by {session.operator.name}", size=7, refused=2)
    controls.resume(session, "fill")
    controls.resize(session, "fill", None)
    runs.stop(session, "fill")
    assert told.hear(BEAT, {}) == Said(stopping=True, refused=2)


def test_a_runner_that_ends_before_the_others_leaves_the_run_to_them(batched: Workplace) -> None:
    """Whoever sees each database at its end writes the end; who comes late is told to stop."""
    first, second = reporting(batched), reporting(batched)
    first.ended(Outcome(kind="undecided", message="its process was ended"), Path("none"))
    session = session_on()
    assert session.progress.of("fill").run
    assert [each.id for each in runner_rows()] == [second.runner]
    third = reporting(batched)
    board = [DatabaseStatus(name=name, state="done", done=1) for name in ("eu", "us", "ap")]
    second.ended(Outcome(kind="passed", board=batch_results.text_of(board)), Path("none"))
    assert session_on().progress.of("fill").status == "done"
    assert third.hear(BEAT, {}) == Said(stopping=True)
    with pytest.raises(RefusedError, match="its run is over by now"):
        third.started()


def test_a_board_that_is_damaged_ends_nothing_as_passed(batched: Workplace) -> None:
    """What cannot be read is no proof."""
    told = reporting(batched)
    told.ended(Outcome(kind="undecided", message="odd", board="[{"), Path("none"))
    last = session_on().progress.of("fill").last
    assert last is not None
    assert (last.kind, last.data["message"]) == ("undecided", "odd")


def test_a_run_took_as_long_as_all_of_its_runners(batched: Workplace) -> None:
    """Whoever comes to its end may have joined a moment before."""
    last = reporting(batched)
    last.ended(Outcome(kind="undecided", message="its process was ended", seconds=0.0), Path("none"))
    end = session_on().progress.of("fill").last
    assert end
    assert float(end.data["seconds"]) > 0
