"""Data for a batch: a table of which each row counts how often it was changed, in SQLite and in PostgreSQL."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice

import sqlalchemy as sa
from measure import size

from nbrunbook.batches.definition import Batch, batch
from nbrunbook.batches.job import LEASE_SECONDS, Job
from nbrunbook.batches.work import Orders, work
from nbrunbook.project.databases import Database
from nbrunbook.runbook.board import DatabaseStatus

TABLE = "CREATE TABLE item (id INTEGER PRIMARY KEY, title TEXT, changed INTEGER NOT NULL)"
FILL = (
    "WITH RECURSIVE one(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM one WHERE n < :rows)"
    " INSERT INTO item SELECT n, 'Product number ' || n, 0 FROM one"
)
CHUNK = sa.text("SELECT id FROM item WHERE id > :cursor ORDER BY id LIMIT :size")
CHANGE = sa.text("UPDATE item SET changed = changed + 1 WHERE id BETWEEN :first AND :last")
TRIED_CHUNKS = 40
"""Chunks by which it is found out how long one takes."""

Tell = Callable[[DatabaseStatus], None]


def fetch(db: sa.Connection, cursor: int | None, batch_size: int) -> tuple[list[int], int] | None:
    """Return the ids of a chunk; for the loop and for the batch the same."""
    ids = list(db.scalars(CHUNK, {"cursor": cursor or 0, "size": batch_size}))
    return (ids, ids[-1]) if ids else None


def process(db: sa.Connection, rows: list[int]) -> int:
    """Change a chunk, and return how many rows that were."""
    return db.execute(CHANGE, {"first": rows[0], "last": rows[-1]}).rowcount


def code(before_each: Callable[[], None]) -> Batch:
    """Return the batch, as the child of a run has it."""
    made = batch("fill", databases=[])
    made.fetch(fetch)
    made.process(lambda db, rows: (before_each(), process(db, rows))[1])
    return made


@dataclass
class Data:
    """One database with the table."""

    name: str
    url: str
    rows: int
    round: int = 0
    """How often each row was changed."""
    is_there: bool = False
    """Whether the table was made by another process."""

    def __post_init__(self) -> None:
        self.engine = sa.create_engine(self.url)
        if self.engine.dialect.name == "sqlite":
            sa.event.listen(self.engine, "connect", _by_hand)
            sa.event.listen(self.engine, "begin", lambda db: db.exec_driver_sql("BEGIN IMMEDIATE"))
        if self.is_there:
            return
        with self.engine.begin() as db:
            db.execute(sa.text(TABLE))
            db.execute(sa.text(FILL), {"rows": self.rows})
        self.tidy()

    def tidy(self) -> None:
        """Throw away what changes have left, so that no round pays for the one before."""
        with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as db:
            db.exec_driver_sql("VACUUM ANALYZE item" if self.engine.dialect.name == "postgresql" else "ANALYZE")

    def loop(self, size: int, *, chunks: int = 0) -> float:
        """Go through it as one does without us, and return how long the chunks took."""
        start = time.perf_counter()
        for _ in islice(self.walk(size), chunks or None):
            pass
        return time.perf_counter() - start

    def walk(self, size: int) -> Iterator[None]:
        """Go through it chunk by chunk, as one does without us."""
        cursor = None
        with self.engine.connect() as db:
            while True:
                with db.begin():
                    found = fetch(db, cursor, size)
                    if found is None:
                        return
                    process(db, found[0])
                cursor = found[1]
                yield

    def size_for(self, seconds: float) -> int:
        """Return how many rows a chunk of that time has in the loop; the smallest where its commit takes longer."""
        few, many = ((self.loop(size, chunks=TRIED_CHUNKS) / TRIED_CHUNKS) for size in (20, 1020))
        with self.engine.begin() as db:
            db.execute(sa.text("UPDATE item SET changed = 0"))
        self.tidy()
        row = max((many - few) / 1000, 1e-7)
        return max(20, round((seconds - (few - 20 * row)) / row))

    def changed(self) -> int:
        """Return how many rows were changed, as others see it."""
        return self._count("changed > 0")

    def odd(self) -> tuple[int, int]:
        """Return how many rows were never changed, and how many more than once."""
        return self._count("changed = 0"), self._count("changed > 1")

    def is_still(self) -> bool:
        """Wait for a moment, and return whether nothing was changed."""
        before = self.changed()
        time.sleep(size(5.0, smallest=2.0))
        return before == self.changed()

    def _count(self, which: str) -> int:
        with self.engine.connect() as db:
            return int(db.scalar(sa.text(f"SELECT count(*) FROM item WHERE {which}")) or 0)

    def check(self, times: int) -> None:
        """See that each row was changed so many times."""
        wrong = self._count(f"changed <> {times}")
        if wrong:
            raise RuntimeError(f"{wrong} rows of {self.name} were not changed {times} times")


def go_through(
    several: list[Data], rows: int, *, step: str, workers: int = 1, tell: Tell | None = None,
    orders: Orders | None = None, before_each: Callable[[], None] = lambda: None, lease_seconds: float = LEASE_SECONDS,
) -> float:  # fmt: skip
    """Let the engine go through some databases with chunks of one size, and return how long that took."""
    orders = orders or Orders()
    orders.size = rows
    places = tuple(Database(name=each.name, url=each.url) for each in several)
    runner = str(uuid.uuid4())
    job = Job(
        project="shop", key="staging/1.0", step=step, databases=places, batch_size=rows, runner=runner,
        lease_seconds=lease_seconds,
    )  # fmt: skip
    start = time.perf_counter()
    work(job, code(before_each), orders, tell or (lambda _: None), workers=workers)
    return time.perf_counter() - start


def _by_hand(connection: object, _: object) -> None:
    connection.isolation_level = None  # type: ignore[attr-defined]
