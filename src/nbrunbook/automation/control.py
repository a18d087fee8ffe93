"""Control: what a batch's supervisor orders its child, line by line, as the journal has it. The child holds without it.

A line comes with each word that the journal has heard and answered; so a child to which none comes holds by itself,
whether the journal is away, the supervisor is frozen, or the machine slept.
"""

from __future__ import annotations

import json
import os
import select
import threading
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import Any

from nbrunbook.batches.orders import Orders

HOLD_SECONDS = 30.0
"""How long a child goes on without a word."""
NOT_YET = "nothing was heard from the journal yet"
"""Why a child holds until the first word: it may be that somebody has paused the batch."""
AWAY = f"nothing was heard from the journal for {HOLD_SECONDS:.0f} s: a pause or a stop would not be seen"

CLOSED = (
    "[the code has closed files that are not its own: this process ends, and what it had not committed is undone]\n"
)


@dataclass(frozen=True, kw_only=True)
class Said:
    """What operators want, as the journal has it."""

    pause_words: str = ""
    """Who paused it; empty where it is to go on."""
    size: int | None = None
    """Rows a chunk, where an operator has said so."""
    stopping: bool = False
    refused: int = 0
    """Rows that are refused in all databases, by whichever runner."""


class Control:
    """The supervisor's end."""

    def __init__(self) -> None:
        self.child, self._write = os.pipe()
        """What the child reads."""
        os.set_blocking(self._write, False)

    def say(self, said: Said) -> None:
        """Tell the child; one that is frozen hears the next word, and one that is over none."""
        with suppress(BlockingIOError, BrokenPipeError):
            os.write(self._write, json.dumps(asdict(said)).encode() + b"\n")


def follow(handle: int, orders: Orders, *, hold_seconds: float = HOLD_SECONDS) -> None:
    """Set orders as they come, in a thread of its own, which ends with the process, or the supervisor."""
    threading.Thread(target=_follow, args=(handle, os.fstat(handle), orders, hold_seconds), daemon=True).start()


def _follow(handle: int, file: os.stat_result, orders: Orders, hold_seconds: float) -> None:
    rest = b""
    while True:
        is_heard = False
        with suppress(OSError, ValueError):
            is_heard = bool(select.select([handle], [], [], hold_seconds)[0])
        if not _is_still(handle, file):
            _give_up()
        if not is_heard:
            orders.hold = AWAY
            continue
        chunk = os.read(handle, 65_536)
        if not chunk:
            return
        *lines, rest = (rest + chunk).split(b"\n")
        if lines:
            _set(orders, json.loads(lines[-1]))


def _is_still(handle: int, file: os.stat_result) -> bool:
    """Tell whether a number is that of the file that it was: a connection may have it by now."""
    try:
        return os.path.samestat(os.fstat(handle), file)
    except OSError:
        return False


def _give_up() -> None:
    """End a child whose code has closed all files: it can be told nothing, and its connections are gone."""
    with suppress(OSError):
        os.write(2, CLOSED.encode())
    os._exit(1)


def _set(orders: Orders, said: dict[str, Any]) -> None:
    orders.pause_words, orders.size, orders.refused = said["pause_words"], said["size"], said["refused"]
    orders.paused, orders.hold = bool(said["pause_words"]), ""
    orders.stopping = orders.stopping or said["stopping"]
