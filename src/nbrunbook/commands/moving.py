"""What moves while something takes long: on a terminal a line with a sign and the seconds, elsewhere a line a stage."""

from __future__ import annotations

import sys
import threading
import time
from itertools import cycle
from types import TracebackType
from typing import Self

from nbrunbook.commands import terminal
from nbrunbook.errors import one_line, visible
from nbrunbook.texts import short

SIGNS = "|/-\\"
"""What turns: signs that every terminal has."""
TURN_SECONDS = 0.125


class Moving:
    """Says on stderr what is waited for, while the block lasts; a stage is said when it begins."""

    def __init__(self) -> None:
        self.stage = self.detail = ""
        self.since = time.monotonic()
        self.signs = cycle(SIGNS)
        self.is_shown = sys.stderr.isatty()
        self.lock, self.ended = threading.RLock(), threading.Event()
        self.thread = threading.Thread(target=self._turn, daemon=True)

    def __enter__(self) -> Self:
        if self.is_shown:
            self.thread.start()
        return self

    def __exit__(self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None) -> None:
        self.ended.set()
        if self.is_shown:
            self.thread.join()
            terminal.write_over()

    def say(self, stage: str, detail: str = "") -> None:
        """Say what is going on, and on a terminal how far it is."""
        with self.lock:
            if stage != self.stage and not self.is_shown:
                terminal.tell(f"{stage}…")
            self.since = self.since if stage == self.stage else time.monotonic()
            self.stage, self.detail = stage, detail

    def tell(self, text: str) -> None:
        """Talk about something else meanwhile, on a line that stays."""
        with self.lock:
            if self.is_shown:
                terminal.write_over()
            terminal.tell(text)

    def _turn(self) -> None:
        while not self.ended.wait(TURN_SECONDS):
            with self.lock:
                self._draw()

    def _draw(self) -> None:
        if self.stage:
            far = [*([self.detail] if self.detail else []), f"{time.monotonic() - self.since:.0f} s"]
            line = one_line(visible(f"{next(self.signs)} {self.stage}… {', '.join(far)}"))
            terminal.write_over(short(line, (terminal.width(sys.stderr) or 80) - 1))
