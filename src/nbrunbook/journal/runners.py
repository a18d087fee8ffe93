"""Runners: the processes that share one run of a batch, and where it stands in each database, as they last said.

Rows beside the chain, changed and taken away; no truth is there. Whoever joins, is heard of or leaves changes the run's
own row first: so they and the run's end wait for each other, and nobody joins a run that is over.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from nbrunbook.errors import RefusedError
from nbrunbook.journal import runs, tables
from nbrunbook.journal.database import Database
from nbrunbook.journal.entries import RunbookRow
from nbrunbook.runbook.board import DatabaseStatus, status_from_json
from nbrunbook.runbook.status import UNKNOWN_SECONDS

OF, RUN = tables.runners.c, tables.runs.c
BOARD = tables.boards.c
QUIET_SECONDS = 10.0
"""After how long without a word nobody says how fast a runner is."""
JOIN = sa.text(
    "INSERT INTO runner (id, event, host, pid, folder, seen_at, lines) "
    "VALUES (:id, :event, :host, 0, :folder, :seen_at, '[]') ON CONFLICT (id) DO NOTHING"
)
TELL = sa.text(
    "INSERT INTO board (event, database, body, seen_at) VALUES (:event, :database, :body, :seen_at) "
    "ON CONFLICT (event, database) DO UPDATE SET body = excluded.body, seen_at = excluded.seen_at"
)


@dataclass(frozen=True, kw_only=True)
class RunnerRow:
    """What was last heard of one runner."""

    id: str
    host: str
    pid: int
    folder: str
    """Its own, on that host, as it says itself."""
    seconds: float
    """How long ago that was, by the database's clock."""
    lines: tuple[str, ...] = ()
    """The last that it wrote."""

    @property
    def is_unknown(self) -> bool:
        """Whether nobody knows if it still works."""
        return self.seconds >= UNKNOWN_SECONDS

    @property
    def is_quiet(self) -> bool:
        """Whether it has not spoken for a while, as each does twice a second."""
        return self.seconds > QUIET_SECONDS


@dataclass(frozen=True, kw_only=True)
class Orders:
    """What a runner is told with each word of it."""

    stopper: str = ""
    """Who asked the run to stop; empty where nobody did."""


class OthersLeftError(RefusedError):
    """A run was to end with its last runner, and another one works on it."""


def join(journal: Database, run: str, runner: str, *, host: str, folder: str) -> None:
    """Write down a runner of a run that goes on; RefusedError for one that is over. Repeating is safe.

    An order to stop that no living runner hears any more is forgotten: whoever joins is later than that.
    """
    with journal.writing(f"run/{run}") as connection:
        now = _seen(connection, journal, run)
        if now is None:
            raise RefusedError("cannot join the run", "it is over", "look again, and begin another one")
        if not _living(connection, run, now):
            connection.execute(sa.update(tables.runs).where(RUN.event == run).values(stopper=""))
        connection.execute(JOIN, {"id": runner, "event": run, "host": host, "folder": folder, "seen_at": now})


def hear(
    journal: Database,
    run: str,
    runner: str,
    *,
    pid: int,
    lines: Sequence[str] = (),
    changed: Mapping[str, str],
    host: str = "",
    folder: str = "",
) -> Orders | None:
    """Write down that a runner works, and what is new on the board; return its orders, None where the run is over.

    `changed` is the JSON of a DatabaseStatus by the database's name. With its `host` and `folder` it is written down
    again where its row was lost, with a restored backup.
    """
    with journal.writing(f"run/{run}") as connection:
        now = _seen(connection, journal, run)
        if now is None:
            return None
        said = {"pid": pid, "lines": json.dumps(list(lines)), "seen_at": now}
        listed = connection.execute(sa.update(tables.runners).where(OF.id == runner, OF.event == run).values(**said))
        if not listed.rowcount and host:
            connection.execute(JOIN, {"id": runner, "event": run, "host": host, "folder": folder, "seen_at": now})
        told = [{"event": run, "database": name, "body": body, "seen_at": now} for name, body in changed.items()]
        if told:
            connection.execute(TELL, told)
        return Orders(stopper=connection.scalar(sa.select(RUN.stopper).where(RUN.event == run)) or "")


def leave(journal: Database, run: str, runner: str) -> int:
    """Take a runner's row away, and return how many are left of which something was heard within a minute."""
    with journal.writing(f"run/{run}") as connection:
        now = _seen(connection, journal, run, heard=False)
        connection.execute(sa.delete(tables.runners).where(OF.id == runner, OF.event == run))
        return 0 if now is None else _living(connection, run, now)


def of(journal: Database, runbook: RunbookRow) -> Mapping[str, tuple[RunnerRow, ...]]:
    """Return the runners of a runbook's runs, by the ids of their `started`, in the order of theirs."""
    age: sa.Label[float] = (sa.literal_column(journal.door.clock) - OF.seen_at).label("age")
    query = sa.select(tables.runners, age).join(tables.runs, RUN.event == OF.event)
    found: defaultdict[str, list[RunnerRow]] = defaultdict(list)
    with journal.reading() as connection:
        for each in connection.execute(query.where(RUN.runbook == runbook.digest).order_by(OF.event, OF.id)):
            found[each.event].append(_runner(each))
    return {run: tuple(rows) for run, rows in found.items()}


def board(journal: Database, run: str) -> tuple[DatabaseStatus, ...]:
    """Return where a run stands in each database, in the order of their names; what is none of ours is left out."""
    query = sa.select(BOARD.database, BOARD.body).where(BOARD.event == run).order_by(BOARD.database)
    with journal.reading() as connection:
        found = [_status(each.database, each.body) for each in connection.execute(query)]
    return tuple(each for each in found if each is not None)


def end(connection: sa.Connection, run: str, *, clock: str = "", alone: str = "") -> None:
    """Take all rows of a run away, in the transaction of its end, which took the run's own row away before.

    `alone` is the runner with which it ends: OthersLeftError where another one was heard of within a minute, by the
    database's `clock`.
    """
    if alone:
        now: sa.ColumnClause[float] = sa.literal_column(clock)
        at = float(connection.scalar(sa.select(now)) or 0.0)
        if _living(connection, run, at, but=alone):
            raise OthersLeftError("cannot end the run", "another runner works on it")
    for table in (tables.runners, tables.boards):
        connection.execute(sa.delete(table).where(table.c.event == run))


def _seen(connection: sa.Connection, journal: Database, run: str, *, heard: bool = True) -> float | None:
    """Hold a run's row until this transaction is over; return the time of the database, None where it is gone."""
    now: sa.ColumnClause[float] = sa.literal_column(journal.door.clock)
    seen = {"seen_at": now} if heard else {"seen_at": RUN.seen_at}
    held = connection.execute(sa.update(tables.runs).where(RUN.event == run).values(**seen))
    return float(connection.scalar(sa.select(now)) or 0.0) if held.rowcount else None


def _living(connection: sa.Connection, run: str, now: float, *, but: str = "") -> int:
    seen = connection.scalars(sa.select(OF.seen_at).where(OF.event == run, OF.id != but)).all()
    return sum(abs(now - each) < UNKNOWN_SECONDS for each in seen)


def _runner(row: sa.Row[tuple[object, ...]]) -> RunnerRow:
    return RunnerRow(
        id=row.id,
        host=row.host,
        pid=row.pid,
        folder=row.folder,
        seconds=abs(float(row.age)),  # a clock that was put back says as little as one that went on
        lines=runs.lines_of(row.lines),
    )


def _status(name: str, body: str) -> DatabaseStatus | None:
    try:
        found = status_from_json(json.loads(body))
    except (ValueError, TypeError, RecursionError):
        return None
    return found if found.name == name else None
