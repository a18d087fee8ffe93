"""Other databases, for batches whose author says that a chunk may be done twice: a cursor that nobody has proved there.

It is SQLAlchemy's own SQL, as far as all understand it. Its leases go by the clocks of the runners.
"""

from __future__ import annotations

import contextlib
import re
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from nbrunbook.batches.cursor import (
    FIELDS,
    MOVE,
    NAMED,
    NUMBERS,
    PLACES,
    QUARANTINE,
    READ,
    TABLE,
    TEXT_COLUMNS,
    Mark,
    Row,
)
from nbrunbook.batches.store import EndedError

if TYPE_CHECKING:
    from nbrunbook.batches.db import Db

LENGTHS = {"project": 100, "key": 150, "step": 100, "database": 100, "part": 30, "row_key": 200}
"""Of the columns of primary keys: MySQL takes 3,072 bytes, four a character."""
WORDS = re.compile(rf"(?<![:\w])({'|'.join((*PLACES.split(', '), *FIELDS, 'row_key', 'before'))})\b")
"""Names of columns, to be quoted where a database has another use for them."""


def _tables() -> sa.MetaData:
    metadata = sa.MetaData()
    places = PLACES.split(", ")

    def key(name: str) -> sa.Column[Any]:
        return sa.Column(name, sa.String(LENGTHS[name]), primary_key=True)

    def column(name: str) -> sa.Column[Any]:
        default = getattr(Row(), name)
        given: dict[str, Any] = {} if default is None else {"nullable": False, "server_default": str(default)}
        if name not in TEXT_COLUMNS:
            return sa.Column(name, sa.Double if name in NUMBERS else sa.BigInteger, **given)
        return sa.Column(name, sa.Text) if default is None else sa.Column(name, sa.String(600), **given)

    sa.Table(TABLE, metadata, *map(key, places), *map(column, FIELDS))
    texts = [sa.Column(name, sa.Text) for name in ("before", "error", "since")]
    again = sa.Column("again", sa.BigInteger, nullable=False, server_default="0")
    sa.Table(QUARANTINE, metadata, *map(key, (*places, "row_key")), *texts, again)
    return metadata


class Repeatable:
    """The cursors' side of a connection. See `store.Store`."""

    is_fenced, skip_locked, or_nothing, breath_seconds = False, "", "", 0.0
    errors: tuple[type[Exception], ...] = (sa.exc.SQLAlchemyError,)

    def __init__(self, db: Db) -> None:
        self.db, self.kind = db, db.dialect.name
        self.where = db.engine.url.set(query={}).render_as_string()
        self._quote = db.dialect.identifier_preparer.quote

    @property
    def clock(self) -> str:
        """The runner's own."""
        return repr(time.time())

    def _run(self, sql: str, values: Mapping[str, Any]) -> sa.CursorResult[Any]:
        quoted = WORDS.sub(lambda match: self._quote(match[1]), sql)
        asked = set(re.findall(r"(?<![:\w]):([a-z_][a-z_0-9]*)", sql))
        return self.db.execute(sa.text(quoted), {name: value for name, value in values.items() if name in asked})

    @contextmanager
    def _looking(self) -> Iterator[None]:
        """End the transaction that SQLAlchemy begins by itself."""
        is_within = self.db.in_transaction()
        try:
            yield
        finally:
            if not is_within:
                self.db.rollback()

    def execute(self, sql: str, values: Mapping[str, Any]) -> tuple[Any, ...] | None:
        """Run a statement, and return its first row."""
        rows = self.rows(sql, values)
        return rows[0] if rows else None

    def rows(self, sql: str, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """Return all rows of a statement."""
        with self._looking():
            found = self._run(sql, values)
            return [tuple(each) for each in found] if found.returns_rows else []

    def has_table(self, name: str) -> bool:
        """Tell whether a table is there."""
        with self._looking():
            return sa.inspect(self.db).has_table(name)

    def make(self) -> None:
        """Make both tables."""
        _tables().create_all(self.db)

    def is_refused(self, error: Exception) -> bool:  # noqa: ARG002
        """Tell nothing: each database says it in its own way."""
        return False

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Begin and commit a few statements of our own."""
        self.db.begin()
        try:
            yield
            self.db.commit()
        except BaseException:
            self.abort()
            raise

    def fence(self, mark: Mark, generation: int, lease_seconds: float) -> Row | None:
        """Begin, lock the cursor and read it."""
        self.db.begin()
        values = {**mark.values, "generation": generation, "until": time.time() + lease_seconds}
        found = None
        ours = f"{NAMED} AND generation = :generation AND state = 'open'"
        if self._run(f"UPDATE {TABLE} SET lease_until = :until WHERE {ours}", values).rowcount == 1:  # noqa: S608
            found = self._run(READ, values).first()
        if found is None:
            self.abort()
            return None
        return Row(*found)

    def move(self, mark: Mark, generation: int, row: Row, lease_seconds: float) -> None:
        """Move the cursor and commit."""
        values = {**row._asdict(), **mark.values, "generation": generation, "until": time.time() + lease_seconds}
        moved = f"UPDATE {TABLE} SET {MOVE}, lease_until = :until WHERE {NAMED} AND generation = :generation"  # noqa: S608
        if self.has_ended() or self._run(moved, values).rowcount != 1:
            self.abort()
            raise EndedError
        self.db.commit()

    def abort(self) -> bool:
        """Roll back whatever there is."""
        try:
            self.db.rollback()
        except Exception:
            with contextlib.suppress(Exception):
                self.db.invalidate()
        return False

    def lost(self, error: BaseException) -> None:
        """Do nothing."""

    def check(self) -> None:
        """Do nothing."""

    def is_failed(self) -> bool:
        """Tell that a statement that failed is no matter."""
        return False

    def has_ended(self) -> bool:
        """Tell whether there is no transaction, as far as SQLAlchemy knows."""
        return not self.db.in_transaction()
