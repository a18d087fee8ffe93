"""SQLite: one file on a local disk, for whoever works on this computer."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import sqlalchemy as sa

from nbrunbook.documents import files
from nbrunbook.errors import JournalBusyError, JournalError, one_line
from nbrunbook.journal import moving, tables
from nbrunbook.journal.mounts import network_filesystem
from nbrunbook.project.local_state import holds_journal

ERRORS: tuple[type[Exception], ...] = (sa.exc.SQLAlchemyError, sqlite3.Error)


class Sqlite:
    """The door to one file. See `engines.Door`."""

    shared, schema = False, 5
    clock = "(julianday('now') - 2440587.5) * 86400.0"
    errors = ERRORS

    def __init__(self, path: Path, wait_seconds: float, before: Path | None = None) -> None:
        self.home, self.before, self.wait_seconds = path, before, wait_seconds
        self._file: tuple[int, int] | None = None
        self.path = self._found()
        self.engine = sa.create_engine(
            "sqlite://",
            creator=self._connect,
            poolclass=sa.pool.QueuePool,
            pool_size=2,
            max_overflow=0,
            pool_timeout=wait_seconds,
        )

    @property
    def where(self) -> str:
        """What to call it in messages."""
        return str(self.path)

    def _found(self) -> Path:
        """Where the journal is now: one of before is read where it lies until something is written."""
        if self.before is None or not holds_journal(self.before):
            return self.home
        if not self.home.exists():
            return self.before
        if moving.same(self.before, self.home) or not holds_journal(self.before):  # it is being moved just now
            return self.home
        raise moving.two(self.before, self.home)

    def _move(self) -> None:
        """Bring a journal of before to where it is kept now."""
        if self.before is None or not holds_journal(self.before):
            return
        network = network_filesystem(self.home)
        if network:
            raise self._on_network(self.home, network)
        self.engine.dispose()
        moving.move(self.before, self.home, self.wait_seconds)
        self.path, self._file = self._found(), None

    def exists(self) -> bool:
        """Tell whether the file is there."""
        return self.path.exists()

    def missing(self) -> JournalError:
        """Return what to say where it is not."""
        return JournalError(
            f"no journal at {self.where}",
            "",
            "'nbrunbook instantiate' makes the first runbook and its journal; NBRUNBOOK_JOURNAL says where a team's is",
        )

    def identity(self, _: sa.Connection) -> tuple[object, ...]:
        """Return which file it is."""
        found = self.path.stat()
        return found.st_dev, found.st_ino

    def make(self) -> None:
        """Make an empty file for this user alone; a folder of ours in the work tree is ignored by git."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            self.check_place()
            self.path.touch(mode=0o600)
            if self.path.parent.name == ".nbrunbook":
                files.ignored_by_git(self.path.parent)
        except OSError as error:
            raise JournalError(
                f"the journal {self.where} cannot be made ({error.strerror})", "a folder that can be written to"
            ) from None

    def unmake(self) -> None:
        """Take a file away that is still empty."""
        with contextlib.suppress(OSError):
            if self.path.stat().st_size == 0:
                self.path.unlink()

    def prepare(self, _: sa.Connection) -> None:
        """Do nothing: a file is all ours."""

    def close(self) -> None:
        """Close the file."""
        self.engine.dispose()

    def check_place(self) -> None:
        """Refuse a network filesystem."""
        kind = network_filesystem(self.path)
        if kind:
            raise self._on_network(self.path, kind)

    @staticmethod
    def _on_network(path: Path, kind: str) -> JournalError:
        return JournalError(
            f"{path} lies on a network filesystem ({kind}), where SQLite's locks do not hold",
            "a local disk",
            "for several machines use PostgreSQL: NBRUNBOOK_JOURNAL=postgresql+psycopg://…",
        )

    def start(self, *, writes: bool) -> None:
        """Look where the file is, and move one of before; one that was deleted or replaced is not written to."""
        if self._file is None:
            self.path = self._found()
        if writes and (self._file is None or self._file == self._identity()):
            self._move()
        self._check_identity()

    def _check_identity(self) -> None:
        """SQLite would go on writing to a file that was deleted or replaced: nobody would see it."""
        now = self._identity()
        if self._file is not None and now != self._file:
            self.engine.dispose()
            if self.path == self.before and self.home.exists():
                raise JournalError(
                    f"the journal {self.where} was moved to {self.home} by a newer nbrunbook while it was open",
                    "",
                    "nothing was recorded; restart the kernel to go on there",
                )
            raise JournalError(
                f"the journal {self.where} was {'deleted' if now is None else 'replaced'} while it was open",
                "",
                "nothing was recorded; put the file back, or restart the kernel to work with what is there now",
            )

    def begin(self, connection: sa.Connection, *, lock: str | None) -> None:
        """Begin a transaction; any lock is the one that the whole file has."""
        # SQLite goes on with the pages that it read before where the file says that nothing changed; a backup that was
        # copied back over the file may say so, although another one wrote.
        connection.exec_driver_sql("PRAGMA shrink_memory")
        connection.exec_driver_sql("BEGIN" if lock is None else "BEGIN IMMEDIATE")
        self._check_identity()  # it may have been replaced just before it was opened

    def go_on(self, connection: sa.Connection) -> None:
        """Do nothing: only for the lock one waits."""

    def told(self, error: Exception, *, recorded: str) -> JournalError:
        """Return a database's error in words; `recorded` says what is known of what was sent."""
        original = getattr(error, "orig", None) or error
        reason = str(original)
        if isinstance(error, sa.exc.TimeoutError) or "locked" in reason:
            return JournalBusyError(self.where, self.wait_seconds, recorded=recorded)
        if "readonly" in reason:
            return JournalError(f"the journal {self.where} is read-only", "a file that can be written to", recorded)
        if "not a database" in reason:
            said = ""
            with contextlib.suppress(OSError), self.path.open("rb") as file:
                said = one_line(file.read(300).decode(errors="replace"))
            return JournalError(f"the journal {self.where} is no journal; it begins: {said}", "", recorded)
        return JournalError(f"the journal {self.where}: {reason}", "", recorded)

    def is_lost(self, _: Exception) -> bool:
        """Tell whether the connection broke: never, with a file."""
        return False

    def lacks_tables(self, error: Exception) -> bool:
        """Tell whether an error says that a table is not there."""
        return "no such table" in str(getattr(error, "orig", error))

    def triggers(self, _: sa.Connection) -> Iterator[str]:
        """Yield the SQL that keeps the tables append-only."""
        return tables.sqlite_triggers()

    def index_faults(self, connection: sa.Connection) -> list[str]:
        """Return what SQLite's own check says of the file."""
        said = connection.exec_driver_sql("PRAGMA integrity_check").scalars().all()
        return [f"SQLite's own check says: {words}" for words in said if words != "ok"]

    def catalog_faults(self, connection: sa.Connection) -> list[str]:
        """Return, in words, what is missing beside the rows, what was changed, and what nbrunbook did not make."""
        # Loaded here, since `verify --all` alone asks, and every verb opens a journal.
        from nbrunbook.journal import sqlite_catalog

        return [*self.index_faults(connection), *sqlite_catalog.faults(connection, list(self.triggers(connection)))]

    def old_triggers(self, connection: sa.Connection) -> Iterator[str]:
        """Yield the SQL that takes all triggers away, for an upgrade."""
        for name in connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'").scalars().all():
            yield f'DROP TRIGGER "{name}"'

    def _connect(self) -> sqlite3.Connection:
        try:
            return self._opened()
        except sqlite3.DatabaseError:
            if self._file is not None or self.path != self.before or holds_journal(self.path):
                raise
        self.path = self.home  # another process has just moved it
        return self._opened()

    def _opened(self) -> sqlite3.Connection:
        """Open the file that is there, and never make one."""
        connection = sqlite3.connect(
            f"file:{quote(os.fsencode(self.path.absolute()))}?mode=rw",
            uri=True, timeout=self.wait_seconds, check_same_thread=False, isolation_level=None,
        )  # fmt: skip
        connection.text_factory = _text
        for pragma in ("journal_mode = DELETE", "synchronous = FULL", "foreign_keys = ON", "secure_delete = ON"):
            connection.execute(f"PRAGMA {pragma}")
        if self._file is None:
            self._file = self._identity()
        return connection

    def _identity(self) -> tuple[int, int] | None:
        try:
            found = self.path.stat()
        except OSError:
            return None
        return found.st_dev, found.st_ino


def _text(raw: bytes) -> str:
    """A text as it stands there: bytes that are no UTF-8 are shown, and a check goes on to its end."""
    return raw.decode(errors="backslashreplace")
