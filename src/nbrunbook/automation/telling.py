"""Telling: what a batch's child says of each database while it works, and how its supervisor hears it, masked.

Chunks may be many a second: what is said is the newest of each database, a few times a second.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import lru_cache
from typing import Any

from nbrunbook.automation.masking import mask
from nbrunbook.runbook.board import DatabaseStatus, status_from_json

TELL_SECONDS = 0.2
MOST_SAID = 8_000_000
"""Bytes of a line."""


class Teller:
    """The child's end; safe in several threads."""

    def __init__(self, pipe: int) -> None:
        self._pipe, self._process, self._file = pipe, os.getpid(), os.fstat(pipe)
        self._news: dict[str, DatabaseStatus] = {}
        self._lock, self._is_over = threading.Lock(), threading.Event()
        self._thread = threading.Thread(target=self._go_on, daemon=True)
        self._thread.start()

    def tell(self, status: DatabaseStatus) -> None:
        """Say where it stands in a database."""
        self._news[status.name] = status

    def close(self, said: Mapping[str, Any]) -> None:
        """Say what came out, after all else; a copy of the process that the code has forked says nothing."""
        if os.getpid() != self._process:
            os._exit(0)
        self._is_over.set()
        self._thread.join()
        self._say_news()
        self._write([said])

    def _go_on(self) -> None:
        while not self._is_over.wait(TELL_SECONDS):
            self._say_news()

    def _say_news(self) -> None:
        names = list(self._news)
        self._write([{"database": self._news.pop(name).to_json()} for name in names])

    def _write(self, lines: Sequence[Mapping[str, Any]]) -> None:
        content = b"".join(json.dumps(each).encode() + b"\n" for each in lines)
        with suppress(OSError), self._lock:  # the supervisor has ended, and ends us
            while content and os.path.samestat(os.fstat(self._pipe), self._file):  # or the code has closed all files
                content = content[os.write(self._pipe, content) :]


class Told:
    """The supervisor's end: the board as the child has told it; safe in several threads."""

    def __init__(self, secrets: Sequence[str]) -> None:
        self._masked = lru_cache(10_000)(lambda text: mask(text, secrets) if text else text)
        self._board: dict[str, DatabaseStatus] = {}
        self._news: set[str] = set()
        self._lock = threading.Lock()
        self._rest, self.end = b"", b""
        """What the child said last, if that is no database's: what came out, with its line end."""

    def begin(self) -> None:
        """A child begins, which has said nothing."""
        self._rest = self.end = b""

    def hear(self, chunk: bytes) -> None:
        """Take what was read."""
        *lines, rest = (self._rest + chunk).split(b"\n")
        self._rest = rest[:MOST_SAID]
        for line in lines:
            self._take(line)

    def _take(self, line: bytes) -> None:
        facts = None
        with suppress(ValueError, RecursionError):
            facts = json.loads(line)
        if not isinstance(facts, dict) or set(facts) != {"database"}:
            self.end = line + b"\n"
            return
        with suppress(ValueError, TypeError):
            self.put(status_from_json(facts["database"]))

    def put(self, found: DatabaseStatus) -> None:
        """Take where it stands in a database."""
        masked = self.masked(found)
        with self._lock:
            if self._board.get(found.name) != masked:
                self._board[found.name] = masked
                self._news.add(found.name)

    def masked(self, found: DatabaseStatus) -> DatabaseStatus:
        """Return it without the values of secrets."""
        return replace(found, hold=self._masked(found.hold), error=self._masked(found.error))

    def news(self) -> dict[str, DatabaseStatus]:
        """Return what has changed since this was asked last; whoever cannot pass it on gives it `back`."""
        with self._lock:
            names, self._news = self._news, set()
            return {name: self._board[name] for name in names}

    def back(self, names: Mapping[str, object]) -> None:
        """Take back what could not be told: it is news still."""
        with self._lock:
            self._news |= set(names)

    @property
    def board(self) -> tuple[DatabaseStatus, ...]:
        """All of it."""
        return tuple(self._board.values())

    @property
    def done(self) -> int:
        """How many rows were changed or refused, in all of them: more is progress."""
        return sum(each.done + each.quarantined for each in self.board)
