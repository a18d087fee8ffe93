"""Output: what a run writes, masked; its end in memory, its beginning and its end in a file that others follow."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from nbrunbook.automation.masking import Masker, as_text
from nbrunbook.documents import files
from nbrunbook.runbook.events import Event

TAIL, LOG = 64_000, 5_000_000
"""Bytes: of the end, and of the file."""
LINES = 5
PLACE = "output.log"


class Output:
    """What stdout and stderr get, in one order. A full disk costs the file, and nothing else."""

    def __init__(self, folder: Path, secrets: Iterable[str]) -> None:
        self._masker = Masker(secrets)
        self._tail = bytearray()
        self._size = self._written = 0
        self._log: BinaryIO | None = None
        with suppress(OSError):
            self._log = (folder / PLACE).open("xb", buffering=0)

    def feed(self, chunk: bytes) -> None:
        """Take what was read."""
        self._keep(self._masker.feed(chunk))

    def say(self, line: str) -> None:
        """Take a line of ours, between two attempts."""
        begun = self._tail and not self._tail.endswith(b"\n")
        self.feed((b"\n" if begun else b"") + line.encode("utf-8", "backslashreplace") + b"\n")

    def end_attempt(self) -> None:
        """Take what was held back of a stream that has ended."""
        self._keep(self._masker.close())

    def last_lines(self) -> tuple[str, ...]:
        """Return the last lines, to be shown while it runs; safe in another thread."""
        return tuple(as_text(bytes(self._tail[-4096:])).splitlines()[-LINES:])

    def text(self) -> str:
        """Return the end of it, from the beginning of a line where it was cut."""
        tail = bytes(self._tail[-TAIL - 1 :])
        if self._size > TAIL:  # one byte more was taken: it may be the line end before
            tail = tail[tail.find(b"\n", 0, TAIL // 2) + 1 :]
        return as_text(tail)

    def close(self) -> None:
        """Write the end of it into the file, and what was left out before."""
        left_out = self._size - self._written - TAIL
        if left_out > 0:
            self._write(f"\n[{left_out:,} bytes are left out here]\n".encode())
        rest = min(TAIL, self._size - self._written)
        self._write(bytes(self._tail[len(self._tail) - rest :]))
        if self._log:
            self._log.close()

    def _keep(self, data: bytes) -> None:
        self._size += len(data)
        self._tail += data[-TAIL - 1 :]
        if len(self._tail) > 2 * TAIL:
            del self._tail[: -TAIL - 1]
        room = LOG - TAIL - self._written
        if room > 0 and self._written == self._size - len(data):
            self._write(data[:room])
            self._written += len(data[:room])

    def _write(self, data: bytes) -> None:
        try:
            if self._log:
                self._log.write(data)
        except OSError:
            self._log = None


class FollowedLog:
    """A run's log on this host, shown as it is written."""

    def __init__(self, path: Path, show: Callable[[bytes], None]) -> None:
        self._path, self._show, self._any = path, show, False
        self._left = 2 * LOG  # more than any log has that is ours alone
        self._file: BinaryIO | None = None

    def __enter__(self) -> FollowedLog:
        return self

    def __exit__(self, *_: object) -> None:
        if self._file:
            self._file.close()

    def read(self) -> None:
        """Show what is new; a log that is gone by now may be read to its end."""
        if self._file is None:
            with suppress(OSError):
                self._file = files.opened(self._path)
        while self._file and (chunk := self._file.read(min(65536, self._left))):
            self._any, self._left = True, self._left - len(chunk)
            self._show(chunk)

    def close_with(self, end: Event) -> None:
        """Show the rest: of a log that nobody could open, what the journal has of it."""
        self.read()
        if not self._any:
            self._show(end.data.get("output", "").encode())
