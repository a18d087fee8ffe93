"""Beside the rows of an SQLite journal: what is missing, what was changed, and what is not ours."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from nbrunbook.journal import sqlite_catalog, tables
from tests.conftest import Workplace
from tests.journal.conftest import catalog_faults_after

pytestmark = pytest.mark.on("sqlite")

CHANGES = {
    "DROP TRIGGER event_no_update": ["the trigger event_no_update is missing or was changed: rows could be edited"],
    "DROP INDEX runbook_deployment": ["the index runbook_deployment is missing or was changed: rows could be edited"],
    "CREATE INDEX mine ON event (kind)": ["the index mine is not nbrunbook's: it may change what is stored or read"],
    "CREATE VIEW mine AS SELECT * FROM event": [
        "the view mine is not nbrunbook's: it may change what is stored or read"
    ],
    "CREATE TABLE mine (x)": ["the table mine is not nbrunbook's: it may change what is stored or read"],
    "CREATE TRIGGER mine BEFORE INSERT ON event BEGIN SELECT RAISE(IGNORE); END": [
        "the trigger mine is not nbrunbook's: it may change what is stored or read"
    ],
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_was_changed_is_named(work: Workplace, engine: str, change: str) -> None:
    """One sentence for each thing, with its name."""
    assert catalog_faults_after(change) == CHANGES[change]


def test_a_table_without_its_key_is_named() -> None:
    """A key that was dropped lets a row stand there twice."""
    memory = sa.create_engine("sqlite://")
    with memory.begin() as connection:
        tables.metadata.create_all(connection)
        connection.exec_driver_sql("DROP TABLE event")
        connection.exec_driver_sql("CREATE TABLE event (id TEXT, runbook TEXT, seq INTEGER, body TEXT)")
        found = list(sqlite_catalog.faults(connection, []))
    assert "the table event is missing or was changed: rows could be edited" in found
