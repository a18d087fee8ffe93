"""Drivers of PostgreSQL, psycopg and psycopg2, whichever is there: none waits longer than until a moment.

Of a connection, whichever driver's, `until` is that moment, and `send(sql)` sends a text that needs no parameters.
"""

from __future__ import annotations

import selectors
import time
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass
from typing import Any

from nbrunbook.errors import JournalError

NAMES = ("psycopg", "psycopg2")
"""In this order, where nobody says which."""


@dataclass(frozen=True, kw_only=True)
class Driver:
    """One of the two."""

    name: str
    errors: tuple[type[Exception], ...]
    """What it may raise."""
    connect: Callable[..., Any]
    """connect(parameters, until=…, prepares=…): `prepares` says whether statements may be prepared on the server."""


def driver(name: str, where: str) -> Driver:
    """Return a driver by its name, or the one that is installed; JournalError, which says what to install.

    It is loaded for PostgreSQL only.
    """
    for each in [name] if name else NAMES:
        try:
            return _psycopg() if each == "psycopg" else _psycopg2()
        except ImportError:
            continue
    missing = name or NAMES[0]
    raise JournalError(
        f"the journal {where} is PostgreSQL, and {missing} is not installed", "", "pip install 'nbrunbook[postgres]'"
    )


def sqlstate(error: BaseException) -> str:
    """Return the server's code of an error; empty where it said none. Each driver has its own name for it."""
    return str(getattr(error, "sqlstate", None) or getattr(error, "pgcode", None) or "")


def _psycopg() -> Driver:
    import psycopg

    class Patient(psycopg.Connection[Any]):
        """A connection that waits for its server until a moment, and is closed then."""

        until = 0.0

        def wait(self, gen: Any, *arguments: Any, **more: Any) -> Any:
            try:
                return super().wait(_until(gen, self.until), *arguments, **more)
            except SlowError:
                self.close()
                raise

        def send(self, sql: str) -> None:
            """Send a text that needs no parameters, in one message."""
            self.execute(sql.encode(), prepare=False)

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

    def connect(parameters: Mapping[str, str], *, until: float, prepares: bool) -> Patient:
        # As one text, since some of psycopg's own arguments could be named in a URL too.
        text, threshold = psycopg.conninfo.make_conninfo(**parameters), 5 if prepares else None
        connection = Patient.connect(text, autocommit=True, prepare_threshold=threshold)
        connection.until = until
        return connection

    return Driver(name="psycopg", errors=(psycopg.Error,), connect=connect)


def _psycopg2() -> Driver:
    import psycopg2
    from psycopg2 import extensions

    class SlowError(psycopg2.OperationalError):  # type: ignore[misc]
        """A server that did not answer in time."""

    class Patient(extensions.connection):  # type: ignore[misc]
        """A connection without blocking, which is the only one of psycopg2's whose wait has an end."""

        until = 0.0

        def finish(self) -> None:
            """Wait for what was sent; whatever goes wrong but an answer of the server's closes it."""
            try:
                while (state := self.poll()) != extensions.POLL_OK:
                    self._look(selectors.EVENT_READ if state == extensions.POLL_READ else selectors.EVENT_WRITE)
            except BaseException as error:
                if not isinstance(error, psycopg2.Error) or isinstance(error, SlowError):
                    self.close()
                raise

        def _look(self, event: int) -> None:
            with selectors.DefaultSelector() as selector:
                selector.register(self.fileno(), event)
                if not selector.select(max(0.0, self.until - time.monotonic())):
                    raise SlowError("no answer in time")

        def send(self, sql: str) -> None:
            """Send a text that needs no parameters, in one message."""
            with self.cursor() as cursor:
                cursor.execute(sql)

        def commit(self) -> None:
            """Commit, as a statement: without blocking psycopg2 knows no other way."""
            self._end("COMMIT")

        def rollback(self) -> None:
            """Roll back, in the same way."""
            self._end("ROLLBACK")

        def _end(self, sql: str) -> None:
            if self.info.transaction_status != extensions.TRANSACTION_STATUS_IDLE:
                self.send(sql)

    class Cursor(extensions.cursor):  # type: ignore[misc]
        """A cursor whose statements are over when `execute` is."""

        def execute(self, query: Any, vars: Any = None) -> None:  # noqa: A002
            super().execute(query, vars)
            self.connection.finish()

        def executemany(self, query: Any, vars_list: Any) -> None:
            for each in vars_list:
                self.execute(query, each)

    def connect(parameters: Mapping[str, str], *, until: float, prepares: bool) -> Patient:  # noqa: ARG001
        connection: Patient = psycopg2.connect(
            extensions.make_dsn(**parameters), connection_factory=Patient, cursor_factory=Cursor, async_=True
        )
        connection.until = until
        connection.finish()
        return connection

    return Driver(name="psycopg2", errors=(psycopg2.Error,), connect=connect)
