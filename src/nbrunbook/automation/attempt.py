"""Attempt: one child's process group as its supervisor sees it: begun, read, and ended whole.

The group's first process is its guard, which holds no code but a line of shell: it ends the group when the supervisor
has ended. A thread of the child's could not: native code may hold the interpreter's lock, and PDEATHSIG, which helps
there, ends that thread before it has ended the others (of 30 programs that children had begun 16 were left).
As long as the guard was not waited for, nobody else's group can have its number.
"""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from math import inf
from pathlib import Path
from typing import Literal

from nbrunbook.automation import outcome
from nbrunbook.automation.outcome import Outcome
from nbrunbook.automation.stopping import Stop

GRACE_SECONDS = 5.0
"""From SIGTERM, after which a function can clean up, to SIGKILL."""
DRAIN_SECONDS = 1.0
"""How long pipes are read after the child's end: somebody who left its group may keep them open for ever."""
MOST_SAID = 8_000_000
"""Bytes of what a child says: three texts as JSON."""
CHUNK = 1 << 18
GUARD = 'trap "" TERM INT HUP QUIT USR1 USR2; read _ || kill -KILL 0'
Take = Callable[[bytes], object]
Ask = Callable[[], float]
Handles = tuple[int, ...]
CHILD = "from nbrunbook.automation.child import main; main()"


class Attempt:
    """A child that has begun. Made and waited for in one thread, whose end is the child's: prctl(2)."""

    def __init__(
        self, root: Path, request: int, lock: int, code: str = CHILD, *, hear: Take | None = None, more: Handles = ()
    ) -> None:
        """`hear` gets what it says as it says it; else that is what came out. `more` are files for the child."""
        self._said = bytearray()
        self._take = hear or self._hear
        watched, self._watch = os.pipe()
        self._say, say = os.pipe()
        self._guard = _begun(["/bin/sh", "-c", GUARD], 0, (lock,), stdin=watched, stdout=subprocess.DEVNULL)
        handles = (request, say, lock)
        command = [sys.executable, "-P", "-u", "-c", code, *map(str, (*handles, os.getpid(), *more))]
        try:
            self._child = _begun(command, self._guard.pid, (*handles, *more), cwd=root, stdout=subprocess.PIPE)
        except BaseException:
            self._close()
            raise
        finally:
            os.close(watched)
            os.close(say)

    def wait(self, feed: Take, stop: Stop, deadline: float, ask: Ask | None = None) -> Ended:
        """Return how it ended, once nothing of its group lives; `feed` gets what it writes.

        `ask` asks it to end by itself, and returns how many seconds it is given for that, before any signal.
        """
        assert self._child.stdout  # noqa: S101
        by: By = ""
        try:
            with _Reading({self._child.stdout.fileno(): feed, self._say: self._take}, stop) as reading:
                reading.go_on(deadline, lambda: self._has_ended() or stop.asked)
                if not self._has_ended():
                    by = "stop" if stop.asked else "timeout"
                    reading.go_on(time.monotonic() + (ask() if ask else 0.0), self._has_ended)
                if not self._has_ended():
                    self._signal(signal.SIGTERM)
                    reading.go_on(time.monotonic() + GRACE_SECONDS, self._has_ended)
                if not self._has_ended():
                    self._signal(signal.SIGKILL)
                    reading.go_on(inf, self._has_ended)
                reading.go_on(time.monotonic() + DRAIN_SECONDS, lambda: not reading.open)
        finally:
            self._child.kill()  # it ended before, but for a fault of ours; it may have left its group
            self._child.wait()
            self._child.stdout.close()
            self._close()
        return by, outcome.said(bytes(self._said), self._child.returncode)

    def _has_ended(self) -> bool:
        return self._child.poll() is not None

    def _hear(self, chunk: bytes) -> None:
        self._said += chunk[: MOST_SAID - len(self._said)]

    def _signal(self, number: int) -> None:
        """To the group; and to a child that has left it."""
        os.killpg(self._guard.pid, number)  # its guard was not waited for, so it is there
        if os.getpgid(self._child.pid) != self._guard.pid:
            self._child.send_signal(number)

    def _close(self) -> None:
        """End what is left of the group, its guard with it."""
        os.killpg(self._guard.pid, signal.SIGKILL)
        self._guard.wait()
        for each in (self._watch, self._say):
            os.close(each)


By = Literal["", "stop", "timeout"]
Ended = tuple[By, Outcome]
"""Why it was ended, where it did not end by itself; and what it said."""


def _begun(
    command: list[str], group: int, handles: tuple[int, ...], *, stdout: int, stdin: int = subprocess.DEVNULL,
    cwd: Path | None = None,
) -> subprocess.Popen[bytes]:  # fmt: skip
    return subprocess.Popen(
        command, process_group=group, pass_fds=handles, stdin=stdin, stdout=stdout, stderr=subprocess.STDOUT, cwd=cwd
    )


class _Reading:
    """Reads some pipes, each for one who takes it, while one waits for something else."""

    def __init__(self, pipes: dict[int, Callable[[bytes], object]], stop: Stop) -> None:
        self.open, self._stop = pipes, stop
        self._selector = selectors.DefaultSelector()

    def __enter__(self) -> _Reading:
        for handle in (*self.open, self._stop.wake):
            self._selector.register(handle, selectors.EVENT_READ)
        return self

    def __exit__(self, *_: object) -> None:
        self._selector.close()

    def go_on(self, until: float, is_over: Callable[[], bool]) -> None:
        """Read until an instant of time.monotonic, or until it is over."""
        while not is_over() and (left := until - time.monotonic()) > 0:
            for key, _ in self._selector.select(None if left == inf else left):
                take = self.open.get(key.fd)
                if take is None:
                    self._stop.heard()
                elif chunk := os.read(key.fd, CHUNK):
                    take(chunk)
                else:
                    self._selector.unregister(key.fd)
                    del self.open[key.fd]
