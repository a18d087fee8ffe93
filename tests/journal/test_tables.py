"""Tables: nothing that stands in one is changed or taken away."""

from __future__ import annotations

import sqlite3

import pytest

from nbrunbook.journal import tables
from tests.conftest import Workplace
from tests.journal.conftest import Opened
from tests.making import REFUSED, raw_journal

VALUES = {
    "schema_version": {"version": 7},
    "plan": {"body": "{}"},
    "blob": {"content": b"other"},
    "runbook": {"body": "{}"},
    "event": {"body": "{}"},
    "event_data": {"data": "{}"},
}


def test_every_table_is_tried() -> None:
    """The tests below try each table that there is, but for those that hold no truth."""
    assert {*VALUES, "open_runbook", "run", "kept_state", "runner", "board"} == set(tables.metadata.tables)


@pytest.mark.parametrize("table", VALUES)
def test_no_row_is_updated(opened: Opened, work: Workplace, table: str) -> None:
    """A trigger refuses UPDATE on every table."""
    ((column, value),) = VALUES[table].items()
    with raw_journal() as raw, pytest.raises(REFUSED, match="append-only"):
        raw.execute(f"UPDATE {table} SET {column} = ?", (value,))


@pytest.mark.parametrize("table", VALUES)
def test_no_row_is_deleted(opened: Opened, work: Workplace, table: str) -> None:
    """A trigger refuses DELETE on every table."""
    with raw_journal() as raw, pytest.raises(REFUSED, match="append-only"):
        raw.execute(f"DELETE FROM {table}")


@pytest.mark.on("sqlite")
@pytest.mark.parametrize("verb", ["INSERT OR REPLACE", "REPLACE", "INSERT OR IGNORE", "INSERT"])
@pytest.mark.parametrize("table", VALUES)
def test_no_row_is_replaced(opened: Opened, work: Workplace, table: str, verb: str) -> None:
    """An insert over an existing row is refused on every table, however it is worded."""
    with raw_journal() as raw:
        before = raw.execute(f"SELECT * FROM {table}").fetchall()
        with pytest.raises(REFUSED, match="append-only"):
            raw.execute(f"{verb} INTO {table} SELECT * FROM {table} LIMIT 1")
        assert raw.execute(f"SELECT * FROM {table}").fetchall() == before


REPLACED = {
    "plan": "digest, body) SELECT rowid, 'x', body",
    "blob": "sha256, content) SELECT rowid, 'x', content",
    "runbook": "digest, project, key, release, environment, plan, body) "
    "SELECT rowid, 'x', project, 'other', release, environment, plan, body",
    "event": "id, runbook, seq, kind, body, hash) SELECT rowid, 'x', runbook, 99, kind, body, hash",
    "event_data": "event, salt, data) SELECT rowid, 'x', salt, data",
}


@pytest.mark.on("sqlite")
@pytest.mark.parametrize("table", REPLACED)
def test_no_row_is_replaced_by_its_rowid(opened: Opened, work: Workplace, table: str) -> None:
    """An insert with the number that SQLite may keep beside a row's key replaces nothing either."""
    with raw_journal() as raw:
        before = raw.execute(f"SELECT * FROM {table}").fetchall()
        with pytest.raises(sqlite3.DatabaseError, match="has no column named rowid"):
            raw.execute(f"INSERT OR REPLACE INTO {table} (rowid, {REPLACED[table]} FROM {table} LIMIT 1")
        assert raw.execute(f"SELECT * FROM {table}").fetchall() == before


def test_no_seq_is_taken_twice(opened: Opened, engine: str) -> None:
    """Another event with the seq of an existing one is refused."""
    copied = "SELECT 'another', runbook, seq, kind, body, hash FROM event WHERE seq = 2"
    for verb in ("INSERT", *(("INSERT OR REPLACE",) if engine == "sqlite" else ())):
        with raw_journal() as raw, pytest.raises(REFUSED, match=r"append-only|event_seq"):
            raw.execute(f"{verb} INTO event (id, runbook, seq, kind, body, hash) {copied}")


def test_data_can_only_be_blanked(opened: Opened, work: Workplace) -> None:
    """Blanking salt and data is the one update that is allowed; without a `redacted` it is found all the same."""
    found, row = opened
    for change in ("data = 'x'", "salt = NULL", "data = NULL", "salt = 'x', data = NULL", "event = 'x', salt = NULL"):
        with raw_journal() as raw, pytest.raises(REFUSED, match="append-only"):
            raw.execute(f"UPDATE event_data SET {change}")
    with raw_journal() as raw:
        raw.execute("UPDATE event_data SET salt = NULL, data = NULL")
    assert {fault.partition(": ")[2] for fault in found.faults(row)} == {
        "its data was blanked, and no `redacted` says so"
    }
    assert all(each.redacted for each in found.events(row))
