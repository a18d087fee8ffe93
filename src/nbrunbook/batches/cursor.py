"""The fenced cursor: where a batch stands in one database, kept there, and moved in the transaction of each chunk.

A claim counts the generation up; whoever comes with an older one has lost it. Whoever holds the row's lock is alive.
"""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass
from typing import NamedTuple

from nbrunbook.batches.job import Job
from nbrunbook.batches.store import Store
from nbrunbook.errors import NbrunbookError

TABLE, QUARANTINE = "nbrunbook_cursor", "nbrunbook_quarantine"
NAMED = "project = :project AND key = :key AND step = :step AND database = :database AND part = :part"
"""The condition that names one cursor, and the quarantine of it."""
PLACES = "project, key, step, database, part"
LONGEST_LEASE = 3600.0
"""What nobody takes: a clock that was set back would keep a database from everybody for as long."""


class Row(NamedTuple):
    """What stands in a cursor's row."""

    generation: int = 0
    position: str | None = None
    """JSON; None at the start."""
    round: int = 1
    """How often it was begun from the start."""
    done: int = 0
    """Rows that were changed, in all rounds."""
    changed: int = 0
    """Rows that were changed in this round."""
    left_rows: int | None = None
    """What `left` said when the round began, less what was gone through since."""
    left_before: int | None = None
    """What `left` said when the round before ended."""
    batch_size: int = 0
    state: str = "open"
    """open, done or stopped."""
    error: str = ""
    hold: str = ""
    since: str = ""
    """Since when it holds or is stopped: ISO 8601, UTC."""
    rate: float | None = None
    quarantined: int = 0
    again: int = 0
    """Quarantined rows that are to be tried again."""
    run: str = ""
    """The run that opened it last: a stopped one is opened by another one."""
    runner: str = ""
    place: str = ""
    """Where its runner is: which process on which computer."""
    lease_until: float | None = None
    """Seconds since 1970, by the database's clock."""


FIELDS = Row._fields
COLUMNS = ", ".join(FIELDS)
MOVED = tuple(name for name in FIELDS if name not in ("generation", "run", "runner", "place", "lease_until"))
"""What a chunk's end writes."""
READ = f"SELECT {COLUMNS} FROM {TABLE} WHERE {NAMED}"  # noqa: S608
MOVE = ", ".join(f"{name} = :{name}" for name in MOVED)


@dataclass(frozen=True, kw_only=True)
class Mark:
    """Which cursor."""

    project: str
    key: str
    step: str
    database: str
    part: str = ""

    @property
    def values(self) -> dict[str, object]:
        """Return what NAMED asks for."""
        return dict(vars(self))


def mark_of(job: Job, database: str) -> Mark:
    """Return the cursor of a job in one of its databases."""
    return Mark(project=job.project, key=job.key, step=job.step, database=database)


TEXT_COLUMNS = ("position", "state", "error", "hold", "since", "run", "runner", "place")
NUMBERS = {"rate": "{real}", "lease_until": "{real}"}
DEFAULTS = {
    **dict.fromkeys(("error", "hold", "since", "run", "runner", "place"), " NOT NULL DEFAULT ''"),
    **dict.fromkeys(("generation", "done", "changed", "batch_size", "quarantined", "again"), " NOT NULL DEFAULT 0"),
    "round": " NOT NULL DEFAULT 1",
    "state": " NOT NULL DEFAULT 'open'",
}
PLACE_COLUMNS = ",\n".join(f"  {name} TEXT NOT NULL" for name in PLACES.split(", "))


def tables(kind: str) -> tuple[str, str]:
    """Return the SQL that makes both tables where they are not there: `kind` is postgresql or sqlite."""
    real, options = ("DOUBLE PRECISION", " WITH (fillfactor = 40)") if kind == "postgresql" else ("REAL", "")
    columns = []
    for name in FIELDS:
        type_ = "TEXT" if name in TEXT_COLUMNS else NUMBERS.get(name, "BIGINT").format(real=real)
        columns.append(f"  {name} {type_}{DEFAULTS.get(name, '')}")
    cursor = ",\n".join((PLACE_COLUMNS, *columns, f"  PRIMARY KEY ({PLACES})"))
    refused = ",\n".join(
        (
            PLACE_COLUMNS,
            "  row_key TEXT NOT NULL",
            "  before TEXT",
            "  error TEXT NOT NULL",
            "  since TEXT NOT NULL",
            "  again BIGINT NOT NULL DEFAULT 0",
            f"  PRIMARY KEY ({PLACES}, row_key)",
        )
    )
    return (
        f"CREATE TABLE IF NOT EXISTS {TABLE} (\n{cursor}\n){options}",
        f"CREATE TABLE IF NOT EXISTS {QUARANTINE} (\n{refused}\n)",
    )


def ddl(kind: str, role: str = "") -> str:
    """Return the SQL for somebody who may make tables, and the grants that a role needs then."""
    if kind not in ("postgresql", "sqlite"):
        raise NbrunbookError(f"a database of the kind {kind}", "postgresql or sqlite", "a batch keeps its cursor there")
    grants = [f"GRANT SELECT, INSERT, UPDATE, DELETE ON {TABLE}, {QUARANTINE} TO {role or '…'}"]
    shown = grants if kind == "postgresql" and role else [f"-- {each}" for each in grants if kind == "postgresql"]
    return "".join(f"{each};\n" for each in (*tables(kind), *shown))


def make_tables(store: Store) -> None:
    """Make the tables where they are not there; NbrunbookError where that is not allowed."""
    if all(store.has_table(name) for name in (TABLE, QUARANTINE)):
        return
    try:
        with store.transaction():
            store.make()
    except store.errors as error:
        if all(store.has_table(name) for name in (TABLE, QUARANTINE)):  # another one has just made them
            return
        if not store.is_refused(error):
            raise
        raise NbrunbookError(
            f"{store.where} has no table {TABLE}, and this role may not make it",
            "",
            "'nbrunbook batch ddl KEY STEP' prints the SQL for somebody who may",
        ) from error


def read(store: Store, mark: Mark) -> Row | None:
    """Return a cursor as it stands; None where it was never begun."""
    if not store.has_table(TABLE):
        return None
    found = store.execute(READ, mark.values)
    return Row(*found) if found else None


def _begin(store: Store, mark: Mark, job: Job) -> None:
    """Write a cursor that stands at the start, where another runner has not done so meanwhile."""
    with store.transaction():
        store.execute(
            f"INSERT INTO {TABLE} ({PLACES}, batch_size) "  # noqa: S608
            f"VALUES (:project, :key, :step, :database, :part, :size){store.or_nothing}",
            {**mark.values, "size": job.batch_size},
        )


def claim(store: Store, mark: Mark, job: Job) -> Row | None:
    """Take a cursor for this runner and return it, with its new generation; None where it is somebody else's.

    None too for one that is at its end. A stopped one is opened again by another run than the one that it stopped in,
    and one that is done where that run looks again.
    """
    make_tables(store)
    if read(store, mark) is None:
        _begin(store, mark, job)
    with store.transaction():
        values = {**mark.values, "runner": job.runner, "run": job.run, "lease": job.lease_seconds, "place": _place()}
        values["most"] = LONGEST_LEASE + job.lease_seconds
        gone = {f"gone_{at}": runner for at, runner in enumerate(job.gone)}
        ours = ", ".join(f":{name}" for name in ("runner", *gone))
        over = f"lease_until < {store.clock} OR lease_until > {store.clock} + :most"  # or a clock was wrong
        free = f"(lease_until IS NULL OR {over} OR (runner IN ({ours}) AND runner <> ''))"
        found = store.execute(f"{READ} AND {free}{store.skip_locked}", {**values, **gone})
        row = Row(*found) if found else None
        is_new = row is not None and job.run not in ("", row.run)
        opens = {"done": is_new and job.recheck, "stopped": is_new}
        if row is None or not opens.get(row.state, True):
            return None
        tries = is_new and job.rerun
        again = _again(store, mark) if tries else row.again
        refused = again if tries else row.quarantined  # of which somebody may have taken some away
        store.execute(
            f"UPDATE {TABLE} SET generation = generation + 1, runner = :runner, place = :place, "  # noqa: S608
            "left_before = CASE state WHEN 'done' THEN NULL ELSE left_before END, state = 'open', error = '', "
            f"hold = '', since = '', again = :again, quarantined = :refused, lease_until = {store.clock} + :lease, "
            f"run = CASE :run WHEN '' THEN run ELSE :run END WHERE {NAMED}",
            {**values, "again": again, "refused": refused},
        )
        found = store.execute(READ, mark.values)
        return Row(*found) if found else None


def _place() -> str:
    return f"process {os.getpid()} on {socket.gethostname()}"


def _again(store: Store, mark: Mark) -> int:
    """Mark all quarantined rows to be tried again, and return how many they are."""
    store.execute(f"UPDATE {QUARANTINE} SET again = 1 WHERE {NAMED}", mark.values)  # noqa: S608
    found = store.execute(f"SELECT count(*) FROM {QUARANTINE} WHERE {NAMED}", mark.values)  # noqa: S608
    return int(found[0]) if found else 0


def touch(store: Store, mark: Mark, generation: int, lease_seconds: float, *, hold: str = "", since: str = "") -> bool:
    """Say that its runner is alive, and why it holds; False where the cursor is somebody else's by now."""
    values = {**mark.values, "generation": generation, "lease": lease_seconds, "hold": hold, "since": since}
    with store.transaction():
        store.execute(
            f"UPDATE {TABLE} SET lease_until = {store.clock} + :lease, hold = :hold, since = :since "  # noqa: S608
            f"WHERE {NAMED} AND generation = :generation",
            values,
        )
        found = store.execute(f"SELECT generation FROM {TABLE} WHERE {NAMED}", mark.values)  # noqa: S608
    return bool(found) and found[0] == generation  # type: ignore[index]


def release(store: Store, mark: Mark, generation: int) -> None:
    """Give a cursor back. Repeating is safe, also where it is somebody else's by now."""
    with store.transaction():
        store.execute(
            f"UPDATE {TABLE} SET lease_until = NULL, runner = '', place = '' "  # noqa: S608
            f"WHERE {NAMED} AND generation = :generation",
            {**mark.values, "generation": generation},
        )


def clock_of(store: Store) -> float:
    """Return the seconds since 1970 by the database's own clock."""
    found = store.execute(f"SELECT {store.clock}", {})
    return float(found[0]) if found else 0.0
