"""Statements: what is read often is found through an index, on SQLite."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from nbrunbook.journal import queries
from tests.journal.conftest import Opened

READING = {
    "AFTER": {"runbook": "x", "after": 0},
    "OF_KINDS": {"runbook": "x", "kinds": ["ticked"]},
    "STORED": {"runbook": "x"},
    "CLOSING": {"runbooks": ["x", "y"]},
    "LIFE": {"runbooks": ["x", "y"]},
    "BY_ID": {"id": "x"},
    "LAST": {"runbook": "x"},
    "AFTER_AND_BY_ID": {"runbook": "x", "after": 0, "id": "x"},
}


def test_every_statement_that_reads_is_tried() -> None:
    """Each select of the module stands in the table above."""
    parts = {"_OF_RUNBOOKS", "_ENDS"}
    assert set(READING) == {name for name, each in vars(queries).items() if isinstance(each, sa.Select)} - parts


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


@pytest.mark.on("sqlite")
@pytest.mark.parametrize("asked", [queries.ends_after([("x", 3), ("y", 0)]), queries.named_and_after([1, 2], 5)])
def test_no_statement_that_is_made_goes_through_all_events(opened: Opened, asked: sa.Executable) -> None:
    """Nor one that is made for some runbooks, or some numbers of events."""
    found, _ = opened
    with found.reading() as connection:
        words = str(asked.compile(connection, compile_kwargs={"literal_binds": True}))  # type: ignore[attr-defined]
        made = sa.text(f"EXPLAIN QUERY PLAN {words}")
        steps = [str(row[3]) for row in connection.execute(made, {"runbook": "x"} if ":runbook" in words else {})]
    assert steps
    assert [step for step in steps if step.startswith("SCAN event")] == []


def _compiled(name: str, connection: sa.Connection) -> str:
    statement = getattr(queries, name).params(**READING[name])
    return str(statement.compile(connection, compile_kwargs={"literal_binds": True}))
