"""Slices elsewhere: a batch in an executor of `concurrent.futures`' protocol, whose workers may be other machines.

What is handed over is plain data: the plan's cells and a database's name; see `batch_code.slice_of`. A slice is short,
so a pause is followed soon; what is out when somebody pauses comes to its end. A worker that is killed loses nothing.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import time
from collections.abc import Callable, Mapping
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, wait
from contextlib import suppress
from dataclasses import replace
from typing import Any
from uuid import uuid4

from nbrunbook.automation import batch_code
from nbrunbook.batches.job import Job
from nbrunbook.batches.orders import Orders
from nbrunbook.errors import one_line
from nbrunbook.runbook import events
from nbrunbook.runbook.board import DatabaseStatus, status_from_json
from nbrunbook.texts import short

SLICE_SECONDS = 2.0
LOOK_SECONDS = 0.2
"""How often orders are looked at while slices are out."""
FIRST_WAIT_SECONDS, LAST_WAIT_SECONDS = 0.5, 30.0
"""After a slice that did nothing, or whose worker was lost."""

Tell = Callable[[DatabaseStatus], None]


def work(run: Mapping[str, Any], job: Job, orders: Orders, tell: Tell) -> None:
    """Go through all databases, as many slices out at a time as the run has workers; return as `work.work` does."""
    sys.path.insert(0, run["root"])
    pool = _Pool(run["batch"]["executor"])
    try:
        _Slices(json.dumps(run), job, run["batch"]["workers"], pool, tell).go_on(orders)
    finally:
        pool.close()


class _Pool:
    """An executor that is made again once it is broken."""

    def __init__(self, name: str) -> None:
        module, _, factory = name.partition(":")
        self._make: Callable[[], Executor] = getattr(importlib.import_module(module), factory)
        self._executor: Executor | None = self._made()

    def submit(self, *arguments: Any) -> Future[str]:
        self._executor = self._executor or self._made()
        return self._executor.submit(batch_code.slice_of, *arguments)

    def _made(self) -> Executor:
        made = self._make()
        if not callable(getattr(made, "submit", None)):
            raise TypeError(f"an executor has submit, as those of concurrent.futures do; this is {made!r}")
        return made

    def is_broken(self, error: BaseException) -> bool:
        """Let another one be made where an error says that this one takes nothing any more."""
        if isinstance(error, BrokenExecutor) or "shutdown" in str(error):
            self._executor = None
            return True
        return False

    def close(self) -> None:
        if self._executor is not None:
            with suppress(Exception):
                self._executor.shutdown(wait=False)


class _Slices:
    """What is out, and what is to come."""

    def __init__(self, run: str, job: Job, most: int, pool: _Pool, tell: Tell) -> None:
        self._run, self._most, self._pool, self._tell = run, most, pool, tell
        self._board = {each.name: DatabaseStatus(name=each.name) for each in job.databases}
        self._out: dict[Future[str], str] = {}
        self._next_at = dict.fromkeys(self._board, 0.0)
        self._waits = dict.fromkeys(self._board, 0.0)
        self._resting: set[str] = set()
        """Those of which an order is said."""

    def go_on(self, orders: Orders) -> None:
        """Return when each database is at its end; or what is out is back, once it is to stop."""
        while self._out or not (orders.stopping or self._is_over()):
            if not (orders.stopping or orders.paused or orders.hold):
                self._hand_out(orders.size, orders.refused)
            self._say(orders)
            done = wait(self._out, LOOK_SECONDS, FIRST_COMPLETED).done if self._out else set()
            if not self._out:
                time.sleep(LOOK_SECONDS)
            for each in done:
                self._take(self._out.pop(each), each)

    def _is_over(self) -> bool:
        return all(each.state in ("done", "stopped") for each in self._board.values())

    def _hand_out(self, size: int | None, refused: int) -> None:
        now, out = time.monotonic(), set(self._out.values())
        ready = [
            each.name
            for each in self._board.values()
            if each.name not in out and each.state not in ("done", "stopped") and self._next_at[each.name] <= now
        ]
        for name in sorted(ready, key=lambda each: self._next_at[each])[: self._most - len(out)]:
            try:
                others = max(refused, self._refused()) - self._board[name].quarantined
                self._out[self._pool.submit(self._run, name, SLICE_SECONDS, size, others, uuid4().hex)] = name
            except Exception as error:
                self._has_failed(name, error)

    def _refused(self) -> int:
        return sum(each.quarantined for each in self._board.values())

    def _take(self, name: str, future: Future[str]) -> None:
        try:
            found = status_from_json(json.loads(future.result()))
        except BaseException as error:  # CancelledError is no Exception everywhere
            if isinstance(error, KeyboardInterrupt | SystemExit):
                raise
            self._has_failed(name, error)
            return
        before, self._board[name] = self._board[name], found
        self._later(name, is_idle=found.done + found.quarantined == before.done + before.quarantined)
        self._tell(found)

    def _has_failed(self, name: str, error: BaseException) -> None:
        """It holds: a lost worker is no row's fault."""
        self._pool.is_broken(error)
        about = short(one_line(f"its worker was lost ({type(error).__name__}: {error})"), 500)
        before = self._board[name]
        since = before.since if before.state == "holding" else events.instant(events.now())
        self._board[name] = replace(before, state="holding", hold=about, since=since, rate=None)
        self._later(name, is_idle=True)
        self._tell(self._board[name])

    def _later(self, name: str, *, is_idle: bool) -> None:
        self._waits[name] = min(max(2 * self._waits[name], FIRST_WAIT_SECONDS), LAST_WAIT_SECONDS) if is_idle else 0.0
        self._next_at[name] = time.monotonic() + self._waits[name]

    def _say(self, orders: Orders) -> None:
        """Say of all that rest that they are paused, or why they hold."""
        words = orders.hold or orders.pause_words
        if not words:
            self._wake()
            return
        for name, each in self._board.items():
            state = "holding" if orders.hold else "paused"
            if (
                name in self._out.values()
                or each.state in ("done", "stopped")
                or (each.state, each.hold) == (state, words)
            ):
                continue
            since = events.instant(events.now())
            self._board[name] = replace(each, state=state, hold=words, since=since, rate=None)  # type: ignore[arg-type]
            self._resting.add(name)
            self._tell(self._board[name])

    def _wake(self) -> None:
        """Say of those that rested that they wait: it may be long until it is their turn."""
        for name in self._resting:
            if self._board[name].state in ("paused", "holding"):
                self._board[name] = replace(self._board[name], state="waiting", hold="", since="")
                self._tell(self._board[name])
        self._resting.clear()


def most_at_once(workers: int | None) -> int:
    """Return how many slices are out at a time where an executor does them; twice the processors, if nobody says."""
    return workers or 2 * (os.cpu_count() or 1)
