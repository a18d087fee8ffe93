"""Runs that go on: rows beside the chain, of what is heard of them. They are changed and taken away; no truth is there.

Ages are by the database's clock, so that computers need not agree on the time.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import PurePath
from typing import TypeVar

import sqlalchemy as sa

from nbrunbook.journal import tables
from nbrunbook.journal.database import Database
from nbrunbook.journal.entries import RunbookRow
from nbrunbook.runbook import events
from nbrunbook.runbook.status import Heard

OF = tables.runs.c
J = TypeVar("J", bound=Database)
FOLDER = "runs"
"""What the folder is called in which each run has its own, by its id."""


def heard(journal: Database, runbook: RunbookRow) -> dict[str, Heard]:
    """Return what was last heard of the runs of a runbook, by the ids of their `started`."""
    age: sa.Label[float] = (sa.literal_column(journal.door.clock) - OF.seen_at).label("age")
    query = sa.select(tables.runs, age).where(OF.runbook == runbook.digest)
    with journal.reading() as connection:
        return {each.event: _heard(each) for each in connection.execute(query)}


def _heard(row: sa.Row[tuple[object, ...]]) -> Heard:
    return Heard(
        host=row.host,
        pid=row.pid,
        folder=row.folder if _is_own(PurePath(row.folder), row.event) else "",
        seconds=abs(float(row.age)),  # a clock that was put back says as little as one that went on
        attempt=row.attempt,
        lines=lines_of(row.lines),
        stopper=row.stopper,
    )


def lines_of(said: str) -> tuple[str, ...]:
    """Return the lines of a row; none of one that somebody else wrote otherwise."""
    try:
        found = json.loads(said)
    except (ValueError, RecursionError):
        return ()
    return tuple(each for each in found if isinstance(each, str)) if isinstance(found, list) else ()


def _is_own(folder: PurePath, run: str) -> bool:
    """Whether a run of ours has such a folder: it is read and taken away whole, and nobody hashes what a row says."""
    return folder.is_absolute() and folder.parts[-2:] == (FOLDER, run) and events.is_id(run)


def hear(journal: Database, run: str, *, pid: int, attempt: int = 0, lines: tuple[str, ...] = ()) -> bool | None:
    """Write down that a run goes on, now; return whether it is asked to stop, None where it is not there any more."""
    said = {"pid": pid, "attempt": attempt, "lines": json.dumps(lines)}
    seen: sa.ColumnClause[float] = sa.literal_column(journal.door.clock)
    with journal.writing(f"run/{run}") as connection:
        connection.execute(sa.update(tables.runs).where(OF.event == run).values(**said, seen_at=seen))
        stopper = connection.scalar(sa.select(OF.stopper).where(OF.event == run))
    return None if stopper is None else bool(stopper)


def goes_on(journal: Database, run: str) -> bool:
    """Tell whether a run of any runbook goes on, as far as the journal knows."""
    with journal.reading() as connection:
        return connection.scalar(sa.select(OF.event).where(OF.event == run)) is not None


def ask_to_stop(journal: Database, run: str, stopper: str) -> None:
    """Ask a run to stop: its supervisor hears of it with its next word. Who asked first is kept."""
    with journal.writing(f"run/{run}") as connection:
        first = sa.and_(OF.event == run, OF.stopper == "")
        connection.execute(sa.update(tables.runs).where(first).values(stopper=stopper))


def begin(connection: sa.Connection, clock: str, runbook: RunbookRow, run: str, *, host: str, folder: str) -> None:
    """Write the row of a run that is about to begin, in the transaction of its `started`."""
    seen: sa.ColumnClause[float] = sa.literal_column(clock)
    row = {"event": run, "runbook": runbook.digest, "host": host, "pid": 0, "folder": folder}
    connection.execute(sa.insert(tables.runs).values(**row, seen_at=seen, attempt=0, lines="[]", stopper=""))


def begin_again(
    journal: J, runbook: RunbookRow, run: str, *, host: str, folder: str, goes_on: Callable[[J], bool]
) -> None:
    """Write the row of a run again that was lost, with a restored backup or a copy; nothing where it is there.

    `goes_on` says by the events, while nobody writes any, whether that run is over.
    """
    with journal.writing(runbook.digest) as connection:
        is_there = connection.scalar(sa.select(OF.event).where(OF.event == run)) is not None
        if not is_there and goes_on(journal.within(connection)):
            begin(connection, journal.door.clock, runbook, run, host=host, folder=folder)


def end(connection: sa.Connection, run: str) -> None:
    """Take the row of a run away, in the transaction of its end."""
    connection.execute(sa.delete(tables.runs).where(OF.event == run))
