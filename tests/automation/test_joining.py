"""Joining a batch: its run is one that all runners share."""

from __future__ import annotations

from nbrunbook.automation import beginning, joining
from nbrunbook.project.settings import find_project
from nbrunbook.runbook import batch_results
from tests.conftest import Workplace
from tests.filling import NAMES, ROWS, batched, counts
from tests.making import session_on

__all__ = ["batched"]


def test_a_batch_goes_through_its_databases_to_its_end(batched: Workplace) -> None:
    """Each row is changed once, the step is done, and its end keeps the board."""
    session = session_on()
    begun = joining.run_batch(session, find_project(), "fill", workers=2)
    end = beginning.follow(session, begun)
    assert end is not None, (begun.folder / "supervisor.log").read_text(encoding="utf-8")
    assert (end.kind, end.data.get("value")) == ("passed", "750 rows in 3 databases")
    assert [counts(batched, name) for name in NAMES] == [{1: ROWS}] * 3
    assert [(each.name, each.state, each.done) for each in batch_results.board_of(end)] == [
        (name, "done", ROWS) for name in NAMES
    ]
    assert session.progress.of("fill").status == "done"
    assert not begun.folder.exists()
