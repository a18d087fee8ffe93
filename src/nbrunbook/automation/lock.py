"""Lock: whether anything of a run still lives. It ends with the last process that holds it, however that ends.

flock(2): the lock belongs to what was opened, which a child inherits; nobody has to ask for a process's id, which the
next process may have.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
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
        handle = os.open(folder / PLACE, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except FileNotFoundError:
        return True
    try:
        return _taken(handle, fcntl.LOCK_SH)
    finally:
        os.close(handle)


def holders(folder: Path) -> tuple[int, ...]:
    """Return the processes of this user that may hold it: those that have it open; empty where no /proc tells."""
    place, found = folder.resolve() / PLACE, set()  # where a link lies now, somebody else has that file open
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # another user's, or it has just ended
            for handle in (process / "fd").iterdir():
                with suppress(OSError):
                    found |= {int(process.name)} if handle.readlink() == place else set()
    return tuple(sorted(found))


def _taken(handle: int, how: int) -> bool:
    try:
        fcntl.flock(handle, how | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
