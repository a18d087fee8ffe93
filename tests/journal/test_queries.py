"""Statements: what is read often is found through an index, on SQLite."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from nbrunbook.journal import queries
from tests.journal.conftest import Opened

READING = {
    "AFTER": {"runbook": "x", "after": 0},
    "STORED": {"runbook": "x"},
    "CLOSING": {"runbooks": ["x", "y"]},
    "LIFE": {"runbooks": ["x", "y"]},
    "BY_ID": {"id": "x"},
    "LAST": {"runbook": "x"},
    "AFTER_AND_BY_ID": {"runbook": "x", "after": 0, "id": "x"},
}


def test_every_statement_that_reads_is_tried() -> None:
    """Each select of the module stands in the table above."""
    assert set(READING) == {name for name, each in vars(queries).items() if isinstance(each, sa.Select)} - {
        "_OF_RUNBOOKS"
    }


@pytest.mark.on("sqlite")
@pytest.mark.parametrize("name", READING)
def test_no_statement_goes_through_all_events(opened: Opened, name: str) -> None:
    """However many runbooks a journal holds: each statement searches, and none scans the events or their data."""
    found, _ = opened
    with found.reading() as connection:
        plan = sa.text(f"EXPLAIN QUERY PLAN {_compiled(name, connection)}")
        steps = [str(row[3]) for row in connection.execute(plan)]
    assert steps
    assert [step for step in steps if step.startswith("SCAN event")] == []


def _compiled(name: str, connection: sa.Connection) -> str:
    statement = getattr(queries, name).params(**READING[name])
    return str(statement.compile(connection, compile_kwargs={"literal_binds": True}))
