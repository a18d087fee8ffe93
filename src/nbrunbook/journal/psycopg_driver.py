"""psycopg: a connection that waits until a moment. Importing this loads it."""

from __future__ import annotations

import time
from collections.abc import Generator, Mapping
from typing import Any

import psycopg

ERRORS: tuple[type[Exception], ...] = (psycopg.Error,)


class Patient(psycopg.Connection[Any]):
    """A connection that waits for its server until a moment, and is closed then."""

    until = 0.0

    def wait(self, gen: Any, *arguments: Any, **more: Any) -> Any:
        """Wait as psycopg does, but not longer."""
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
    """Return a connection without a transaction; `prepares` says whether the server may keep statements."""
    # As one text, since some of psycopg's own arguments could be named in a URL too.
    text, threshold = psycopg.conninfo.make_conninfo(**parameters), 5 if prepares else None
    connection = Patient.connect(text, autocommit=True, prepare_threshold=threshold)
    connection.until = until
    return connection
