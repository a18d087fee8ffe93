"""psycopg2: a connection that waits until a moment. Importing this loads it."""

from __future__ import annotations

import selectors
import time
from collections.abc import Mapping
from typing import Any

import psycopg2
from psycopg2 import extensions

ERRORS: tuple[type[Exception], ...] = (psycopg2.Error,)


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
        """Execute a statement, and wait until it is over."""
        super().execute(query, vars)
        self.connection.finish()

    def executemany(self, query: Any, vars_list: Any) -> None:
        """Execute a statement for each of its parameters."""
        for each in vars_list:
            self.execute(query, each)


def connect(parameters: Mapping[str, str], *, until: float, prepares: bool) -> Patient:  # noqa: ARG001
    """Return a connection without a transaction. This driver prepares nothing on the server."""
    connection: Patient = psycopg2.connect(
        extensions.make_dsn(**parameters), connection_factory=Patient, cursor_factory=Cursor, async_=True
    )
    # libpq counts connect_timeout for each host, and only where it blocks.
    given, hosts = parameters.get("connect_timeout", ""), parameters.get("host", "").count(",") + 1
    connection.until = min(until, time.monotonic() + int(given) * hosts) if given.isdecimal() else until
    connection.finish()
    connection.until = until
    return connection
