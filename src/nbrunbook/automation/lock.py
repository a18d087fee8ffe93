"""Lock: whether anything of a run still lives. It ends with the last process that holds it, however that ends.

flock(2): the lock belongs to what was opened, which a child inherits; nobody has to ask for a process's id, which the
next process may have.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nbrunbook.documents import files
from nbrunbook.errors import RefusedError

PLACE = "lock"
PATIENCE_SECONDS = 0.5
"""Longer than anybody holds it who only looks."""


@contextmanager
def held(folder: Path) -> Iterator[int]:
    """Yield the lock of a run's folder, which is made; whoever was given it meanwhile keeps it.

    RefusedError where somebody holds it.
    """
    files.private_folder(folder)
    handle = os.open(folder / PLACE, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    try:
        until = time.monotonic() + PATIENCE_SECONDS
        while not _taken(handle, fcntl.LOCK_EX):
            if time.monotonic() > until:
                raise RefusedError("this run cannot begin", "it runs already, or something of it still lives")
            time.sleep(0.02)
        yield handle
    finally:
        os.close(handle)


def is_free(folder: Path) -> bool:
    """Tell whether nothing of the run in a folder of this machine lives any more."""
    try:
        handle = os.open(folder / PLACE, os.O_RDONLY | os.O_NOFOLLOW)
    except FileNotFoundError:
        return True
    try:
        return _taken(handle, fcntl.LOCK_SH)
    finally:
        os.close(handle)


def _taken(handle: int, how: int) -> bool:
    try:
        fcntl.flock(handle, how | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
