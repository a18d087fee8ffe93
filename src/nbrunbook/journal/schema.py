"""The journal's schema in a database: which version is there, making it, and upgrading it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import sqlalchemy as sa

from nbrunbook import __version__
from nbrunbook.errors import JournalError
from nbrunbook.journal import tables
from nbrunbook.journal.engines import Door
from nbrunbook.runbook import events

LOCK = "schema"
"""What whoever makes or upgrades a schema locks."""
NEEDS = "0.5.0"
"""The first nbrunbook that works with this schema, for those that do not know it."""
NEWEST = sa.text("SELECT * FROM schema_version ORDER BY version DESC LIMIT 1")
"""All columns that are there: before schema 5 nothing said which nbrunbook is needed."""
BESIDE = (tables.runs, tables.kept_states, tables.runners, tables.boards)
"""Tables that came later and are no truth: an upgrade makes those that are missing."""


class Version(NamedTuple):
    """What a database says of its schema."""

    number: int
    needs: str = ""
    """The first nbrunbook that works with it; empty where it does not say."""


def version(connection: sa.Connection) -> Version:
    """Return the version that a database says; it raises what the database does where there are no tables."""
    said = connection.execute(NEWEST).mappings().first()
    return Version(int(said["version"]), str(said.get("needs") or "")) if said else Version(0)


def require(found: Version | None, door: Door, *, named: str = "") -> None:
    """Refuse a database without a journal, or one of another version than this program.

    `named` says how a command finds one that is not the project's.
    """
    if found is None:
        raise door.missing() if door.shared else JournalError(f"{door.where} is no journal", "one that nbrunbook made")
    if found.number == door.schema:
        return
    older, needed = found.number < door.schema, f" to {found.needs:.20} or newer" if found.needs else ""
    raise JournalError(
        f"the journal {door.where} has schema {found.number}",
        f"schema {door.schema}",
        f"it is older than this nbrunbook: {named}'nbrunbook journal upgrade' brings it up to date"
        if older
        else f"it is newer than this nbrunbook ({__version__}): update nbrunbook{needed}",
    )


def create(connection: sa.Connection, door: Door) -> bool:
    """Make our tables in an empty database; return whether it was empty."""
    door.prepare(connection)
    there = sa.inspect(connection).get_table_names()
    if there and door.shared and tables.schema_version.name not in there:
        raise JournalError(f"{door.where} holds tables of another program", "an empty database or schema")
    if there:
        return False
    tables.metadata.create_all(connection)
    _run(connection, tables.INDEXES)
    _run(connection, door.triggers(connection))
    _say(connection, door)
    return True


def upgrade(connection: sa.Connection, door: Door) -> int:
    """Bring an older schema up to date; return the version that was there.

    2 has an index of what is open; 3, in PostgreSQL, functions that nobody can attach to tables of their own; 4 has
    runs, and kept states: what is there already gets one with its next event; 5 has the runners of batches, where each
    stands in its databases, and says which nbrunbook it needs.
    """
    found = version(connection)
    if found.number == door.schema:
        return found.number
    if not 1 <= found.number < door.schema:
        require(found, door)
    _run(connection, list(door.old_triggers(connection)))
    if found.number == 1:
        connection.exec_driver_sql("DROP INDEX IF EXISTS event_life")
        tables.open_runbooks.create(connection)
        _run(connection, tables.INDEXES)
        _fill_open(connection)
    connection.exec_driver_sql("ALTER TABLE schema_version ADD COLUMN needs TEXT")
    for table in BESIDE:
        table.create(connection, checkfirst=True)
    _run(connection, door.triggers(connection))
    _say(connection, door)
    return found.number


def _say(connection: sa.Connection, door: Door) -> None:
    connection.execute(sa.insert(tables.schema_version).values(version=door.schema, needs=NEEDS))


def _fill_open(connection: sa.Connection) -> None:
    closed = {digest for digest, is_open in _life(connection) if not is_open}
    known = connection.scalars(sa.select(tables.runbooks.c.digest)).all()
    opened = [{"runbook": each} for each in known if each not in closed]
    if opened:
        connection.execute(sa.insert(tables.open_runbooks), opened)


def _life(connection: sa.Connection) -> Iterator[tuple[str, bool]]:
    """Yield each runbook that was ever closed, and whether it is open now."""
    of = tables.events.c
    query = sa.select(of.runbook, of.kind, of.body).where(of.kind.in_(tables.LIFE_KINDS)).order_by(of.runbook, of.seq)
    now: dict[str, bool] = {}
    for digest, kind, body in connection.execute(query):
        if kind != "skipped" or not events.from_body(body, data=None, salt=None).step:
            now[digest] = kind == "reopened"
    yield from now.items()


def _run(connection: sa.Connection, statements: Iterator[str] | list[str] | tuple[str, ...]) -> None:
    for statement in statements:
        connection.execute(sa.text(statement))
