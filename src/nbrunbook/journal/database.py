"""One database, and its transactions: in them its errors become ours, in words."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Self

import sqlalchemy as sa

from nbrunbook.journal import engines

COMMAND_WAIT_SECONDS = 30.0
"""How long a command waits for the lock."""
SESSION_WAIT_SECONDS = 4.0
"""How long a session waits for it: less than the browser waits for the session (8 s)."""
NOT_KNOWN = "whether it was recorded is not known: look before you do it again"


class Database:
    """A database at a URL. Safe to use from several threads; nothing is opened before it is asked."""

    def __init__(self, url: str, *, wait_seconds: float = COMMAND_WAIT_SECONDS) -> None:
        self.url, self.wait_seconds = url, wait_seconds
        self.door = engines.door(url, wait_seconds)
        self._within: sa.Connection | None = None

    @property
    def where(self) -> str:
        """What to call it in messages."""
        return self.door.where

    @property
    def shared(self) -> bool:
        """Whether other computers reach it."""
        return self.door.shared

    def exists(self) -> bool:
        """Tell whether there is something to open: a file, or a server to ask."""
        return self.door.exists()

    def is_same(self, other: Database) -> bool:
        """Tell whether two are one and the same, by whatever paths or URLs they are reached."""
        if self.shared != other.shared or not (self.exists() and other.exists()):
            return False
        with self.reading() as ours, other.reading() as theirs:
            return self.door.identity(ours) == other.door.identity(theirs)

    def close(self) -> None:
        """Give the connection back. Repeating is safe; a closed journal opens again when used."""
        self.door.close()

    def reading(self) -> AbstractContextManager[sa.Connection]:
        """Return a transaction that only reads."""
        if self._within is None:
            return self._transaction(None)
        self.door.go_on(self._within)
        return nullcontext(self._within)

    def within(self, connection: sa.Connection) -> Self:
        """Return the same database as a transaction of its own sees it, before that has ended; only to read."""
        seen = copy.copy(self)
        seen._within = connection
        return seen

    def looking(self, lock: str) -> AbstractContextManager[sa.Connection]:
        """Return a transaction that writes nothing while it holds a lock: whatever was sent before is over by then."""
        return self._transaction(lock, writes=False)

    def writing(self, lock: str) -> AbstractContextManager[sa.Connection]:
        """Return a transaction that holds a lock; on SQLite there is one for all."""
        return self._transaction(lock)

    @contextmanager
    def _transaction(self, lock: str | None, *, writes: bool = True) -> Iterator[sa.Connection]:
        """Yield a connection within a transaction; the database's errors become ours, in words.

        Nothing was recorded unless the answer to COMMIT was lost: then nobody knows.
        """
        writes = writes and lock is not None
        recorded = "nothing was recorded" if writes else ""
        try:
            self.door.start(writes=writes)
            with self._begun(lock) as connection:
                yield connection
                if lock is not None:
                    recorded = NOT_KNOWN if writes else ""
                    connection.commit()
        except self.door.errors as error:
            if recorded == NOT_KNOWN and not self.door.is_lost(error):
                recorded = "nothing was recorded"
            raise self.door.told(error, recorded=recorded) from (None if recorded else error)

    def _begun(self, lock: str | None) -> sa.Connection:
        """Return a connection that answers: one that broke while nobody used it is replaced, once."""
        for attempt in (1, 2):
            connection = self.door.engine.connect()
            try:
                self.door.begin(connection, lock=lock)
            except BaseException as error:
                connection.close()
                if attempt == 2 or not (isinstance(error, self.door.errors) and self.door.is_lost(error)):
                    raise
            else:
                break
        return connection
