"""The two engines of a journal behind one door: what differs between SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Protocol, cast

import sqlalchemy as sa

from nbrunbook.errors import JournalError
from nbrunbook.journal import schemes
from nbrunbook.journal.absent import Absent
from nbrunbook.journal.postgres import Postgres
from nbrunbook.journal.postgres_places import SCHEMES, hidden, place_of
from nbrunbook.journal.sqlite import Sqlite
from nbrunbook.project.journal_urls import ABSENT
from nbrunbook.project.local_state import OwnJournal


class Door(Protocol):
    """How one database is reached, locked and kept append-only, and what its errors mean."""

    engine: sa.Engine
    shared: bool
    """Whether other computers reach it."""
    schema: int
    """The version of the tables, their triggers and functions that this program works with."""
    clock: str
    """SQL of the seconds since 1970, by its own clock and within a transaction, too."""
    errors: tuple[type[Exception], ...]
    """What it may raise."""

    @property
    def where(self) -> str:
        """What to call it in messages: never with a password."""

    def exists(self) -> bool:
        """Tell whether there is something to open."""

    def missing(self) -> JournalError:
        """Return what to say where there is no journal."""

    def identity(self, connection: sa.Connection) -> tuple[object, ...]:
        """Return what tells this journal from every other one, by whatever path or URL it is reached."""

    def make(self) -> None:
        """Make an empty database where that is ours to do."""

    def unmake(self) -> None:
        """Take away again what `make` made and nobody filled."""

    def prepare(self, connection: sa.Connection) -> None:
        """Make what our tables are to stand in, within the transaction that makes them."""

    def close(self) -> None:
        """Give connections back; repeating is safe, and what is used later is opened again."""

    def check_place(self) -> None:
        """Refuse a place where a journal cannot be kept."""

    def start(self, *, writes: bool) -> None:
        """Prepare for a transaction: the wait counts from here."""

    def begin(self, connection: sa.Connection, *, lock: str | None) -> None:
        """Begin a transaction: for reading without a lock, for writing while it is held."""

    def go_on(self, connection: sa.Connection) -> None:
        """Count the wait from here again, within a long transaction."""

    def told(self, error: Exception, *, recorded: str) -> JournalError:
        """Return a database's error in words; `recorded` says what is known of what was sent."""

    def is_lost(self, error: Exception, /) -> bool:
        """Tell whether the connection broke, so that an answer may have been lost with it."""

    def lacks_tables(self, error: Exception) -> bool:
        """Tell whether an error says that a table is not there."""

    def triggers(self, connection: sa.Connection) -> Iterator[str]:
        """Yield the SQL that keeps the tables append-only."""

    def old_triggers(self, connection: sa.Connection) -> Iterator[str]:
        """Yield the SQL that takes all triggers away, for an upgrade."""

    def index_faults(self, connection: sa.Connection) -> list[str]:
        """Return, in words, where an index and the rows disagree, as far as that is not looked at anyway."""

    def catalog_faults(self, connection: sa.Connection) -> list[str]:
        """Return, in words, what is missing beside the rows, what was changed, and what nbrunbook did not make."""


def door(url: str, wait_seconds: float) -> Door:
    """Return the door to the database of a URL; JournalError for one that we do not know."""
    factory = schemes.factory_of(url)
    if factory:
        return factory(url, wait_seconds)
    if url.startswith("sqlite:///"):
        before = url.before if isinstance(url, OwnJournal) else None
        return Sqlite(Path(url.removeprefix("sqlite:///")), wait_seconds, before)
    if url == ABSENT:
        return cast(Door, Absent())  # nothing goes beyond what it refuses
    if url.partition("://")[0] in SCHEMES:
        return Postgres(place_of(url), wait_seconds)
    raise JournalError(f"the journal {hidden(url)}", "sqlite:///PATH or postgresql+psycopg://USER@HOST/DATABASE")
