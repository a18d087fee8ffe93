"""Batches as a record shows them."""

from __future__ import annotations

from nbrunbook.record import verify
from nbrunbook.runbook.board import DatabaseStatus
from nbrunbook.work import controls
from tests.conftest import Workplace
from tests.jupyter.batches import FILL, batch_session, begun, ended
from tests.record.test_runs import _runs, finished


def test_each_run_shows_its_databases_and_who_held_it(work: Workplace) -> None:
    """The end of each database, and what operators said of the run while it went on, as text."""
    session = batch_session(work)
    first = begun(session)
    controls.pause(session, FILL, reason="<b>support asked</b>")
    controls.resize(session, FILL, 500)
    controls.resume(session, FILL)
    refused = DatabaseStatus(name="us", state="stopped", error="2 rows are refused", quarantined=2, done=8, left=0)
    ended(session, first, [DatabaseStatus(name="eu", state="done", done=10, left=0), refused])
    second = begun(session)
    ended(session, second, [DatabaseStatus(name=each, state="done", done=10, left=0) for each in ("eu", "us")])
    path = finished(session)
    shown = _runs(path, FILL)
    assert "paused by ana (declared)" in shown
    assert "<b>support asked</b>" in shown
    assert "500 rows a chunk, says ana" in shown
    assert shown.count("paused by") == 1
    assert "us stopped 8 of 10 80 % stopped: 2 rows are refused eu done 10 100 %" in shown
    assert "2 of 2 databases done, 20 rows" in shown
    assert verify.verify(path).fault is None
