"""PostgreSQL: one database for a team, or a schema in the database of a site.

Writers of one runbook wait for each other, those of different runbooks do not.
Nothing waits longer than it was asked to, also where a server takes a connection and never answers.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from nbrunbook.errors import JournalBusyError, JournalError
from nbrunbook.journal import tables
from nbrunbook.journal.postgres_drivers import sqlstate
from nbrunbook.journal.postgres_places import Place
from nbrunbook.journal.postgres_pools import pool_of

BUSY = ("55P03", "57014", "40P01", "40001")
"""lock_not_available, query_canceled (by statement_timeout), deadlock_detected, serialization_failure."""
MISSING_TABLE, READ_ONLY = "42P01", "25006"
LOST = ("OperationalError", "InterfaceError", "SlowError", "ConnectionTimeout")
"""A driver's errors that, without a code from the server, mean that it was not reached."""
IDENTITY = "SELECT pg_postmaster_start_time()::text, current_database()::text, to_regclass('event')::oid"
BEGIN = "BEGIN ISOLATION LEVEL READ COMMITTED"


class Postgres:
    """The door to one database. See `engines.Door`."""

    shared, schema = True, 5
    clock = "EXTRACT(EPOCH FROM clock_timestamp())"

    def __init__(self, place: Place, wait_seconds: float) -> None:
        self.wait_seconds, self.place, self.where = wait_seconds, place, place.where
        self._pool = pool_of(place, wait_seconds)
        self.engine = self._pool.engine
        self.errors: tuple[type[Exception], ...] = (sa.exc.SQLAlchemyError, *self._pool.driver.errors)

    def close(self) -> None:
        """Close what is ours alone; what a process shares is kept as long as its site's connections are."""
        if not self.place.is_shared:
            self.engine.dispose()

    def exists(self) -> bool:
        """Tell that there is a database to ask: only opening it tells what is in it."""
        return True

    def missing(self) -> JournalError:
        """Return what to say where our tables are not there."""
        return JournalError(f"{self.where} holds no journal", "", self.place.missing)

    def identity(self, connection: sa.Connection) -> tuple[object, ...]:
        """Return which table of which database of which running server it is; one has many names, aliases and ports."""
        return tuple(connection.exec_driver_sql(IDENTITY).one())

    def make(self) -> None:
        """Do nothing: databases are made by whoever looks after the server."""

    def unmake(self) -> None:
        """Do nothing, either."""

    def check_place(self) -> None:
        """Do nothing: any place is good."""

    def prepare(self, connection: sa.Connection) -> None:
        """Make our schema where the database is a site's; with its tables, and not before."""
        schema = self.place.schema
        if schema and connection.exec_driver_sql(f"SELECT to_regnamespace('{schema}') IS NULL").scalar():
            connection.exec_driver_sql(f"CREATE SCHEMA {schema}")

    def start(self, *, writes: bool) -> None:  # noqa: ARG002
        """Begin to count the time that this thread may wait."""
        self._pool.wait(self.wait_seconds)

    def begin(self, connection: sa.Connection, *, lock: str | None) -> None:
        """Begin a transaction that holds one lock, in one round trip; without a lock only ask whether it is there.

        A statement outside of a transaction is one of its own, which is all that reading needs in our own database.
        """
        driver: Any = connection.connection.driver_connection
        driver.until = self._pool.until
        try:
            driver.send(self._begun(lock))
        except BaseException as error:
            if isinstance(error, self.errors) and not self.is_lost(error):
                driver.rollback()
            else:
                connection.invalidate(error)
            raise

    def _begun(self, lock: str | None) -> str:
        locked = [] if lock is None else [locking(lock)]
        if not self.place.is_shared:
            return "; ".join([BEGIN, *locked] if locked else ["SELECT 1"])
        # Of this transaction alone: behind pgbouncer the next one on this connection may be anybody's.
        role = [f"SET LOCAL ROLE {_quoted(self.place.role)}"] if self.place.role else []
        path = [f"SET LOCAL search_path TO {self.place.schema}, pg_temp"] if self.place.schema else []
        return "; ".join([BEGIN, *role, *path, self._pool.settings(), *locked])

    def go_on(self, connection: sa.Connection) -> None:
        """Let the next statement wait as long as the first one might."""
        driver: Any = connection.connection.driver_connection
        driver.until = time.monotonic() + self.wait_seconds

    def told(self, error: Exception, *, recorded: str) -> JournalError:
        """Return a database's error in words; `recorded` says what is known of what was sent."""
        original = getattr(error, "orig", None) or error
        state = sqlstate(original)
        if isinstance(error, sa.exc.TimeoutError) or state in BUSY:
            return JournalBusyError(self.where, self.wait_seconds, recorded=recorded)
        if state == READ_ONLY:
            return JournalError(
                f"the journal {self.where} is read-only", "a database that can be written to, not a copy", recorded
            )
        return JournalError(f"the journal {self.where}: {self._reason(original)}", "", recorded)

    def is_lost(self, error: Exception) -> bool:
        """Tell whether the connection broke, so that an answer may have been lost with it."""
        original = getattr(error, "orig", None) or error
        state = sqlstate(original)
        nobody = not state and type(original).__name__ in LOST
        return bool(getattr(error, "connection_invalidated", False)) or nobody or state.startswith(("08", "57P"))

    def lacks_tables(self, error: Exception) -> bool:
        """Tell whether an error says that a table is not there."""
        return sqlstate(getattr(error, "orig", None) or error) == MISSING_TABLE

    def triggers(self, connection: sa.Connection) -> Iterator[str]:
        """Yield the SQL that keeps the tables append-only, and its functions from anybody else's tables."""
        schema = connection.exec_driver_sql("SELECT quote_ident(current_schema())").scalar_one()
        yield from tables.postgres_triggers(schema)
        for name in tables.POSTGRES_FUNCTIONS:
            yield f"REVOKE ALL ON FUNCTION {schema}.{name}() FROM PUBLIC"

    def index_faults(self, _: sa.Connection) -> list[str]:
        """Return nothing: only amcheck knows, see `verify --all`."""
        return []

    def catalog_faults(self, connection: sa.Connection) -> list[str]:
        """Return, in words, what is missing beside the rows, what was changed, and what nbrunbook did not make."""
        # Loaded here, since `verify --all` alone asks, and every verb opens a journal.
        from nbrunbook.journal import postgres_catalog

        return list(postgres_catalog.faults(connection, list(self.triggers(connection))))

    def old_triggers(self, connection: sa.Connection) -> Iterator[str]:
        """Yield the SQL that takes all triggers away, for an upgrade."""
        query = (
            "SELECT tgname, relname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid "
            "WHERE NOT tgisinternal AND relnamespace = current_schema()::regnamespace"
        )
        for name, table in connection.exec_driver_sql(query).all():
            if table in tables.metadata.tables:
                yield f'DROP TRIGGER "{name}" ON "{table}"'

    def _reason(self, error: BaseException) -> str:
        """What a driver says, its lines on one, without the password, which it never says anyway."""
        said = [" ".join(each.split()) for each in str(error).splitlines()]
        reason = "; ".join(filter(None, said)).replace(":; ", ": ").replace(".; ", ". ")
        for secret in sorted(self._pool.secrets, key=len, reverse=True):
            reason = reason.replace(secret, "…")
        return reason


def locking(lock: str) -> str:
    """Return the SQL that waits for a lock, which comes free with the end of the transaction."""
    number = int.from_bytes(hashlib.sha256(lock.encode()).digest()[:8], "big", signed=True)
    return f"SELECT pg_advisory_xact_lock({number})"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
