"""PostgreSQL: one database for a team. The door to psycopg.

Writers of one runbook wait for each other, those of different runbooks do not.
Nothing waits longer than it was asked to, also where a server takes a connection and never answers.
"""

from __future__ import annotations

import hashlib
import re
import threading
import time
from collections.abc import Callable, Generator, Iterator
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import URL, make_url

from nbrunbook.errors import JournalBusyError, JournalError
from nbrunbook.journal import tables

DRIVERS = ("postgresql+psycopg", "postgresql", "postgres")
"""What a URL may begin with."""
SERVER_SHARE = 0.9
"""How much of the wait the server gets, so that it says itself that a lock did not come free."""
BUSY = ("55P03", "57014", "40P01", "40001")
"""lock_not_available, query_canceled (by statement_timeout), deadlock_detected, serialization_failure."""
MISSING_TABLE, READ_ONLY = "42P01", "25006"
LOST = ("OperationalError", "InterfaceError", "SlowError", "ConnectionTimeout")
"""psycopg's errors that, without a code from the server, mean that it was not reached."""
SETTINGS = (
    "SELECT set_config('lock_timeout', %(wait)s, false), set_config('statement_timeout', %(wait)s, false), "
    "set_config('synchronous_commit', "
    "CASE current_setting('synchronous_commit') WHEN 'off' THEN 'on' ELSE current_setting('synchronous_commit') END, "
    "false), set_config('enable_indexonlyscan', 'off', false)"
)
"""Waits, and commits that are on the disk before they are answered, whatever the database's own settings are.

And no answer from an index alone: the rows that it names are looked at.
"""
IDENTITY = "SELECT pg_postmaster_start_time()::text, current_database()::text, to_regclass('event')::oid"


class Postgres:
    """The door to one database. See `engines.Door`."""

    shared, schema = True, 5
    clock = "EXTRACT(EPOCH FROM clock_timestamp())"

    def __init__(self, url: str, wait_seconds: float) -> None:
        self.wait_seconds = wait_seconds
        self._url = _parsed(url)
        self.where = shown(self._url)
        connect, self.errors = _driver(self.where)
        self._connect = connect
        self._until = threading.local()
        self.engine = sa.create_engine(
            "postgresql+psycopg://",
            creator=self._open,
            poolclass=sa.pool.QueuePool,
            pool_size=2,
            max_overflow=0,
            pool_timeout=wait_seconds,
            pool_reset_on_return=None,  # begin() and commit() leave nothing open, and it would be a round trip
            hide_parameters=True,
            use_native_hstore=False,  # which would be asked for at every start
        )
        # SQLAlchemy writes `id = $1::VARCHAR`: whoever may create operators in a schema could make one of their own
        # for (text, varchar), and ours would call it. Without the cast it is (text, text), which is PostgreSQL's own.
        dialect = self.engine.dialect
        dialect.colspecs = {kind: own for kind, own in dialect.colspecs.items() if kind is not sa.String}

    def exists(self) -> bool:
        """Tell that there is a database to ask: only opening it tells what is in it."""
        return True

    def missing(self) -> JournalError:
        """Return what to say where our tables are not there."""
        return JournalError(f"{self.where} holds no journal", "", "'nbrunbook journal init' makes one in it")

    def identity(self, connection: sa.Connection) -> tuple[object, ...]:
        """Return which table of which database of which running server it is; one has many names, aliases and ports."""
        return tuple(connection.exec_driver_sql(IDENTITY).one())

    def make(self) -> None:
        """Do nothing: databases are made by whoever looks after the server."""

    def unmake(self) -> None:
        """Do nothing, either."""

    def check_place(self) -> None:
        """Do nothing: any place is good."""

    def start(self, *, writes: bool) -> None:  # noqa: ARG002
        """Begin to count the time that this thread may wait."""
        self._until.at = time.monotonic() + self.wait_seconds

    def begin(self, connection: sa.Connection, *, lock: str | None) -> None:
        """Begin a transaction that holds one lock, in one round trip; without a lock only ask whether it is there.

        A statement outside of a transaction is one of its own, which is all that reading needs.
        """
        driver: Any = connection.connection.driver_connection
        driver.until = self._until.at
        begun = "SELECT 1" if lock is None else f"BEGIN ISOLATION LEVEL READ COMMITTED; {locking(lock)}"
        try:
            driver.execute(begun, prepare=False)
        except BaseException as error:
            if isinstance(error, self.errors) and not self.is_lost(error):
                driver.rollback()
            else:
                connection.invalidate(error)
            raise

    def go_on(self, connection: sa.Connection) -> None:
        """Let the next statement wait as long as the first one might."""
        driver: Any = connection.connection.driver_connection
        driver.until = time.monotonic() + self.wait_seconds

    def told(self, error: Exception, *, recorded: str) -> JournalError:
        """Return a database's error in words; `recorded` says what is known of what was sent."""
        original = getattr(error, "orig", None) or error
        state = getattr(original, "sqlstate", None)
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
        state = str(getattr(original, "sqlstate", None) or "")
        nobody = not state and type(original).__name__ in LOST
        return bool(getattr(error, "connection_invalidated", False)) or nobody or state.startswith(("08", "57P"))

    def lacks_tables(self, error: Exception) -> bool:
        """Tell whether an error says that a table is not there."""
        return getattr(getattr(error, "orig", error), "sqlstate", None) == MISSING_TABLE

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

    def _open(self) -> Any:
        """Connect; a password that the URL does not hold comes from PGPASSWORD or ~/.pgpass."""
        until = getattr(self._until, "at", time.monotonic() + self.wait_seconds)
        left = max(1, int(until - time.monotonic()))
        connection = self._connect(self._asked(left), autocommit=True)
        connection.until = until
        wait = f"{max(1, int(self.wait_seconds * SERVER_SHARE * 1000))}ms"
        connection.execute(SETTINGS, {"wait": wait})
        return connection

    def _asked(self, left: int) -> dict[str, str]:
        """What the URL says, by libpq's names; nobody waits longer for the server than `left` seconds."""
        query = {name: text if isinstance(text, str) else ",".join(text) for name, text in self._url.query.items()}
        given = query.get("connect_timeout", "")
        if not given or re.fullmatch(r"[0-9]{1,6}", given):  # what is no number libpq refuses in its own words
            query["connect_timeout"] = str(min(left, int(given or 0) or left))
        place = self._url.translate_connect_args(username="user", database="dbname")
        return {"application_name": "nbrunbook", **query, **{name: str(each) for name, each in place.items()}}

    def _reason(self, error: BaseException) -> str:
        """What a driver says, its lines on one, without the password, which it never says anyway."""
        said = [" ".join(each.split()) for each in str(error).splitlines()]
        reason = "; ".join(filter(None, said)).replace(":; ", ": ").replace(".; ", ". ")
        query = [self._url.query.get(name) for name in ("password", "sslpassword")]
        for secret in filter(None, (self._url.password, *query)):
            reason = reason.replace(str(secret), "…")
        return reason


def locking(lock: str) -> str:
    """Return the SQL that waits for a lock, which comes free with the end of the transaction."""
    number = int.from_bytes(hashlib.sha256(lock.encode()).digest()[:8], "big", signed=True)
    return f"SELECT pg_advisory_xact_lock({number})"


def _parsed(url: str) -> URL:
    refused = JournalError(
        f"the journal {hidden(url)}",
        "postgresql+psycopg://USER@HOST/DATABASE",
        "write @ : / in a password as %40 %3A %2F, or give it with PGPASSWORD or ~/.pgpass",
    )
    try:
        parsed = make_url(url)
    except (sa.exc.ArgumentError, ValueError):
        raise refused from None
    if parsed.drivername not in DRIVERS or "@" in (parsed.host or "") or not parsed.database:
        raise refused
    return parsed


def hidden(url: str) -> str:
    """Return a URL that could not be read, without whatever may be a password."""
    scheme, _, rest = url.partition("?")[0].partition("://")
    at = rest.rfind("@")
    return f"{scheme}://…{rest[at:]}" if at >= 0 else f"{scheme}://…"


def shown(url: URL) -> str:
    """Return what to call a database: never with a password, nor with what follows the `?`."""
    return URL.create("postgresql", url.username, None, url.host, url.port, url.database).render_as_string()


def _driver(where: str) -> tuple[Callable[..., Any], tuple[type[Exception], ...]]:
    """Return how to connect, and what goes wrong: psycopg is loaded for PostgreSQL only."""
    try:
        import psycopg
    except ImportError:
        raise JournalError(
            f"the journal {where} is PostgreSQL, and psycopg is not installed", "", "pip install 'nbrunbook[postgres]'"
        ) from None

    class Patient(psycopg.Connection[Any]):
        """A connection that waits for its server until a moment, and is closed then."""

        until = 0.0

        def wait(self, gen: Any, *arguments: Any, **more: Any) -> Any:
            try:
                return super().wait(_until(gen, self.until), *arguments, **more)
            except SlowError:
                self.close()
                raise

    class SlowError(psycopg.OperationalError):
        """A server that did not answer in time."""

    def _until(gen: Generator[Any, Any, Any], until: float) -> Generator[Any, Any, Any]:
        try:
            wanted = next(gen)
            while True:
                ready = yield wanted
                if not ready and time.monotonic() > until:
                    raise SlowError("no answer in time")
                wanted = gen.send(ready)
        except StopIteration as done:
            return done.value

    def connect(asked: dict[str, str], *, autocommit: bool) -> Patient:
        # As one text, since some of psycopg's own arguments could be named in a URL too.
        return Patient.connect(psycopg.conninfo.make_conninfo(**asked), autocommit=autocommit)

    return connect, (sa.exc.SQLAlchemyError, psycopg.Error)
