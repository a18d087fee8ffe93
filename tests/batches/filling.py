"""Databases with rows that each count how often they were changed, and batches that go through them."""

from __future__ import annotations

import itertools
import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import make_url

from nbrunbook.batches.course import Course
from nbrunbook.batches.definition import Batch, batch
from nbrunbook.batches.job import Job
from nbrunbook.batches.orders import Orders
from nbrunbook.project.databases import Database
from nbrunbook.runbook.board import DatabaseStatus

FETCH = sa.text("SELECT id FROM item WHERE id > :after ORDER BY id LIMIT :most")
CHANGE = sa.text("UPDATE item SET n = n + 1 WHERE id = :id")
LEFT = sa.text("SELECT count(*) FROM item WHERE n = 0")
numbers = itertools.count(1)


class Data:
    """One database with rows 1 to `rows`."""

    def __init__(self, name: str, url: str, *, rows: int) -> None:
        self.name, self.url, self.rows = name, url, rows
        self.engine = sa.create_engine(url, poolclass=sa.pool.NullPool)
        with self.engine.begin() as db:
            db.execute(sa.text("CREATE TABLE item (id INTEGER PRIMARY KEY, n INTEGER NOT NULL DEFAULT 0)"))
            db.execute(sa.text("INSERT INTO item (id) VALUES (:id)"), [{"id": each + 1} for each in range(rows)])

    @property
    def database(self) -> Database:
        """As the configuration names it."""
        return Database(name=self.name, url=self.url)

    def run(self, sql: str) -> list[Any]:
        """Run a statement in a transaction of its own."""
        with self.engine.begin() as db:
            found = db.execute(sa.text(sql))
            return list(found.all()) if found.returns_rows else []

    def counts(self) -> dict[int, int]:
        """How many rows were changed how often."""
        return dict(tuple(each) for each in self.run("SELECT n, count(*) FROM item GROUP BY n"))

    @property
    def once(self) -> dict[int, int]:
        """What `counts` says where each row was changed once."""
        return {1: self.rows}


def place(kind: str, tmp_path: Path, server: Any, name: str = "eu", *, rows: int = 20) -> Data:
    """Make a database: a file, or a schema of its own in the tests' PostgreSQL."""
    if kind == "sqlite":
        path = tmp_path / f"{name}.db"
        sqlite3.connect(path).close()
        return Data(name, f"sqlite:///{path}", rows=rows)
    schema = f"filling_{next(numbers)}"
    with server.connect() as admin:
        admin.execute(f"CREATE SCHEMA {schema}")
    url = make_url(server.url("postgres")).update_query_dict({"options": f"-csearch_path={schema}"})
    return Data(name, url.render_as_string(), rows=rows)


def filling(
    *, refuses: Sequence[int] = (), each: Callable[[Any, int], None] | None = None, counts: bool = False
) -> Batch:
    """Return a batch that counts each row up; it refuses some, and calls `each` with (db, id) before a row."""
    made = batch("fill", databases=[])

    @made.fetch
    def _(db: Any, cursor: Any, batch_size: int) -> Any:
        rows = db.execute(FETCH, {"after": cursor or 0, "most": batch_size}).all()
        return (rows, rows[-1].id) if rows else None

    @made.process
    def _(db: Any, rows: list[Any]) -> int:
        for row in rows:
            if each is not None:
                each(db, row.id)
            db.execute(CHANGE, {"id": row.id})
            if row.id in refuses:
                raise ValueError(f"no {row.id}")
        return len(rows)

    if counts:
        made.left(lambda db: db.execute(LEFT).scalar_one())
    return made


def job_of(*data: Data, **facts: Any) -> Job:
    """Return a job on some databases."""
    given = {"runner": "one", "batch_size": 5, "run": "1"} | facts
    return Job(project="shop", key="eu/1", step="fill", databases=tuple(each.database for each in data), **given)


def course_of(data: Data, code: Batch, *, orders: Orders | None = None, **facts: Any) -> Course:
    """Return a course that its test steps by itself."""
    told: list[DatabaseStatus] = []
    made = Course(
        job_of(data, **facts), code, data.database, orders or Orders(size=facts.get("batch_size", 5)), told.append
    )
    made.told = told  # type: ignore[attr-defined]
    return made


def to_the_end(course: Course, most: int = 100) -> DatabaseStatus:
    """Step until it is over."""
    for _ in range(most):
        if course.is_over:
            return course.status
        course.step()
    raise AssertionError(course.status)
