"""What a tick is held against: one insert into SQLite that is as safe as ours. `python bare_insert.py PATH` is one."""

from __future__ import annotations

import sqlite3
import sys
import uuid

BODY = "x" * 450
"""As long as an event's body."""
TABLE = """
CREATE TABLE IF NOT EXISTS event (
    seq INTEGER PRIMARY KEY, id TEXT UNIQUE, runbook TEXT, kind TEXT, body TEXT, hash TEXT, UNIQUE (runbook, seq)
)
"""
"""Its columns and indexes are those of a journal's events."""


def connect(path: str) -> sqlite3.Connection:
    """Return a connection with the pragmas of a journal, and a table like `event`."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = DELETE")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute(TABLE)
    return connection


def insert(connection: sqlite3.Connection) -> None:
    """Write one row in a transaction of its own."""
    connection.execute("BEGIN IMMEDIATE")
    connection.execute(
        "INSERT INTO event (id, runbook, kind, body, hash) VALUES (?, ?, ?, ?, ?)",
        (str(uuid.uuid4()), "0" * 64, "ticked", BODY, "0" * 64),
    )
    connection.execute("COMMIT")


if __name__ == "__main__":
    insert(connect(sys.argv[1]))
