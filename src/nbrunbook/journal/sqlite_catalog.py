"""Beside an SQLite journal's rows: the tables, triggers and indexes that are ours, and those that are not.

A trigger of somebody else's may keep a row from being stored, and a table without its key take one twice.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import sqlalchemy as sa

from nbrunbook.journal import tables

CATALOG = (
    "SELECT type, name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY type DESC, name"
)


def faults(connection: sa.Connection, triggers: Sequence[str]) -> Iterator[str]:
    """Yield, in words, what is missing, what was changed, and what nbrunbook did not make."""
    ours = _ours(triggers)
    there = {(kind, name): sql for kind, name, sql in connection.exec_driver_sql(CATALOG)}
    for kind, name in ours:
        if _plain(there.get((kind, name))) != _plain(ours[kind, name]):
            yield f"the {kind} {name} is missing or was changed: rows could be edited"
    for kind, name in there:
        if (kind, name) not in ours:
            yield f"the {kind} {name} is not nbrunbook's: it may change what is stored or read"


def _ours(triggers: Sequence[str]) -> dict[tuple[str, str], str]:
    """What a new journal has, by kind and name."""
    memory = sa.create_engine("sqlite://")
    with memory.begin() as connection:
        tables.metadata.create_all(connection)
        for statement in (*tables.INDEXES, *triggers):
            connection.exec_driver_sql(statement)
        return {(kind, name): sql for kind, name, sql in connection.exec_driver_sql(CATALOG)}


def _plain(sql: str | None) -> str | None:
    """A statement without what its layout may differ in."""
    return None if sql is None else "".join(sql.split()).replace('"', "").lower()
