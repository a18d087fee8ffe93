"""SQLite: one file, one writer. A chunk holds the file's lock from its beginning to its end."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import sqlalchemy as sa
from sqlalchemy.engine import URL

from nbrunbook.batches.cursor import MOVE, NAMED, READ, TABLE, Mark, Row, tables
from nbrunbook.batches.store import LOCK_SECONDS, EndedError
from nbrunbook.errors import NbrunbookError

if TYPE_CHECKING:
    from nbrunbook.batches.db import Db

CLOCK = "((julianday('now') - 2440587.5) * 86400.0)"
FENCE = f"{READ} AND generation = :generation AND state = 'open'"
MOVED_ON = f"UPDATE {TABLE} SET {MOVE}, lease_until = {CLOCK} + :lease WHERE {NAMED} AND generation = :generation"  # noqa: S608
BEGUN = "SAVEPOINT nbrunbook_chunk"
ENDED = "RELEASE nbrunbook_chunk"
"""Fails where the transaction in which the savepoint was set has ended, whatever was begun after it."""


def opener(url: URL, name: str) -> Callable[[], sqlite3.Connection]:
    """Return what opens the file that is there, and never makes one."""
    path = Path(url.database or "")

    def connect() -> sqlite3.Connection:
        if not path.is_file():
            raise NbrunbookError(f"the database {name} is not there: no file {path}")
        return sqlite3.connect(
            f"file:{quote(str(path.absolute()))}?mode=rw",
            uri=True, timeout=LOCK_SECONDS, check_same_thread=False, isolation_level=None,
        )  # fmt: skip

    return connect


class Sqlite:
    """The cursors' side of a connection. See `store.Store`."""

    kind, is_fenced, skip_locked = "sqlite", True, ""
    or_nothing = " ON CONFLICT DO NOTHING"
    breath_seconds = 0.1
    """Whoever waits for the file's lock looks every tenth of a second, and by default gives up after five seconds."""
    errors: tuple[type[Exception], ...] = (sa.exc.SQLAlchemyError, sqlite3.Error)

    def __init__(self, db: Db) -> None:
        self.db, self.where = db, db.engine.url.database or "sqlite"
        driver: Any = db.connection.driver_connection
        self._driver: sqlite3.Connection = driver
        self._file = _identity(self.where)
        self._is_in_chunk = False

    @property
    def clock(self) -> str:
        """SQL of the seconds since 1970."""
        return CLOCK

    def execute(self, sql: str, values: Mapping[str, Any]) -> tuple[Any, ...] | None:
        """Run a statement, and return its first row."""
        found: tuple[Any, ...] | None = self._driver.execute(sql, values).fetchone()
        return found

    def rows(self, sql: str, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """Return all rows of a statement."""
        return self._driver.execute(sql, values).fetchall()

    def has_table(self, name: str) -> bool:
        """Tell whether a table is there."""
        query = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = :name"
        return self.execute(query, {"name": name}) is not None

    def make(self) -> None:
        """Make both tables."""
        for each in tables(self.kind):
            self.execute(each, {})

    def is_refused(self, error: Exception) -> bool:
        """Tell whether an error says that the file may only be read."""
        code = getattr(getattr(error, "orig", error), "sqlite_errorcode", 0) & 0xFF
        return code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_AUTH, sqlite3.SQLITE_PERM)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Hold the file's lock for a few statements of our own."""
        self._driver.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._driver.execute("COMMIT")
        except BaseException:
            self.abort()
            raise

    def fence(self, mark: Mark, generation: int, lease_seconds: float) -> Row | None:  # noqa: ARG002
        """Take the file's lock and read the cursor: nobody can move it from here on."""
        self._check_file()
        driver = self._driver
        driver.execute("BEGIN IMMEDIATE")
        found = driver.execute(FENCE, {**mark.values, "generation": generation}).fetchone()
        if found is None:
            self.abort()
            return None
        driver.execute(BEGUN)
        self._is_in_chunk = True
        self.db.begin()
        return Row(*found)

    def move(self, mark: Mark, generation: int, row: Row, lease_seconds: float) -> None:
        """Move the cursor and commit."""
        driver = self._driver
        try:
            driver.execute(ENDED)
        except sqlite3.OperationalError as error:
            self.abort()
            raise EndedError from error
        self._is_in_chunk = False
        self._check_file()
        values = row._asdict() | mark.values
        values["lease"], values["generation"] = lease_seconds, generation
        moved = driver.execute(MOVED_ON, values)
        if moved.rowcount != 1:
            self.abort()
            raise EndedError
        driver.execute("COMMIT")
        self.db.commit()

    def _check_file(self) -> None:
        """SQLite would go on in a file that was deleted or replaced, where nobody sees it."""
        if _identity(self.where) != self._file:
            raise ConnectionError(f"{self.where} was deleted or replaced while it was open")

    def abort(self) -> bool:
        """Roll back whatever there is; one that SQLite has rolled back by itself counts as ended, too."""
        is_another = self._is_in_chunk and not self._holds()
        self._is_in_chunk = False
        try:
            if self._driver.in_transaction:
                self._driver.execute("ROLLBACK")
            if self.db.in_transaction():
                self.db.rollback()
        except Exception:
            with contextlib.suppress(Exception):
                self.db.invalidate()
        return is_another

    def _holds(self) -> bool:
        """Tell whether the transaction is that in which the chunk began."""
        try:
            self._driver.execute(ENDED)
        except sqlite3.Error:
            return False
        return True

    def lost(self, error: BaseException) -> None:
        """Do nothing."""

    def check(self) -> None:
        """Do nothing: SQLite has no way to ask."""

    def is_failed(self) -> bool:
        """Tell that a statement that failed is no matter."""
        return False

    def has_ended(self) -> bool:
        """Tell whether there is none: some errors of SQLite's end it, and so does a trigger's RAISE(ROLLBACK)."""
        return not self._driver.in_transaction


def _identity(path: str) -> tuple[int, int] | None:
    try:
        found = os.stat(path)  # noqa: PTH116
    except OSError:
        return None
    return found.st_dev, found.st_ino
