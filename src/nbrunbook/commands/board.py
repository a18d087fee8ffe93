"""A board that follows: on a terminal it is drawn again in its place, by rich; else a line for what changed.

The door to rich, which nbrunbook[ci] and nbrunbook[lab] bring.
"""

from __future__ import annotations

import importlib.util
import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from nbrunbook.commands.terminal import show, show_code, width
from nbrunbook.runbook import board_text, board_words
from nbrunbook.runbook.board import DatabaseStatus
from nbrunbook.runbook.events import now
from nbrunbook.runbook.plain import Tone
from nbrunbook.runbook.times import local

STYLES: Mapping[Tone, str] = {"good": "green", "late": "bold red", "faint": "dim", "strong": "bold"}
"""How rich shows each tone: as `terminal.STYLES`."""
EVERY_SECONDS = 15.0
"""How often a line tells how far all is, where nothing else is to be told."""
KEPT_FREE = 3
"""Lines of a terminal that a board leaves to what stands above it."""


class Board(Protocol):
    """Shows how a batch goes on."""

    def show(self, statuses: Sequence[DatabaseStatus]) -> None:
        """Show where it stands now."""

    @property
    def say(self) -> Callable[[str], None]:
        """Shows a visible text that is no part of it, such as what the run writes; it may end within a line."""

    def end(self) -> None:
        """Leave what was shown last."""


def board(*, quiet: bool = False) -> Board:
    """Return the board for stdout as it is; a `quiet` one shows nothing."""
    if quiet:
        return Nothing()
    return Live() if is_live() else Lines()


def is_live() -> bool:
    """Tell whether a board can be drawn again in its place."""
    is_terminal = width() is not None and os.environ.get("TERM") != "dumb"
    return is_terminal and (sys.modules.get("rich", ...) is not None) and importlib.util.find_spec("rich") is not None


class Spoken:
    """Shows whole lines of what comes in pieces."""

    def __init__(self, put: Callable[[str], None]) -> None:
        self._put, self._rest = put, ""

    def __call__(self, text: str) -> None:
        """Show the lines that have come to their end."""
        whole, end, rest = text.rpartition("\n")
        if end:
            self._put(self._rest + whole)
            self._rest = ""
        self._rest += rest

    def end(self) -> None:
        """Show the line that was begun."""
        if self._rest:
            self("\n")


class Nothing:
    """Shows nothing: stdout is for JSON."""

    def show(self, statuses: Sequence[DatabaseStatus]) -> None:
        """Show nothing."""

    def say(self, text: str) -> None:
        """Show nothing of what the run writes."""

    def end(self) -> None:
        """There is nothing to leave."""


class Lines:
    """Shows a line for each database that comes to stand elsewhere, and now and then one for all."""

    def __init__(self) -> None:
        self._told: dict[str, tuple[str, str]] = {}
        self._summary, self._at = "", 0.0
        self.say = Spoken(show_code)

    def show(self, statuses: Sequence[DatabaseStatus]) -> None:
        """Show what is new of each database, and how far all is."""
        changed = [each for each in board_words.ordered(statuses) if self._is_news(each)]
        for line in board_text.drawn(changed, local(now()))[1:]:
            show(line.text, line.tone)
        summary = board_words.summary(statuses)
        if summary != self._summary and (changed or time.monotonic() - self._at > EVERY_SECONDS):
            self._summary, self._at = summary, time.monotonic()
            show(summary)

    def _is_news(self, status: DatabaseStatus) -> bool:
        found = (status.state, status.hold or status.error)
        is_news = self._told.get(status.name, ("waiting", "")) != found
        self._told[status.name] = found
        return is_news

    def end(self) -> None:
        """Every line stands as it is."""
        self.say.end()


class Live:
    """Draws the whole board again in its place, as wide and as high as the terminal is at that moment."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.live import Live as RichLive

        self._console = Console(file=sys.stdout, highlight=False, markup=False, emoji=False)
        self._live = RichLive(console=self._console, auto_refresh=False, redirect_stdout=False, redirect_stderr=False)
        self._is_begun = False
        self.say = Spoken(self._put)

    def show(self, statuses: Sequence[DatabaseStatus]) -> None:
        """Draw it again."""
        if not statuses:
            return
        if not self._is_begun:
            self._live.start()
            self._is_begun = True
        self._live.update(self._drawn(statuses), refresh=True)

    def _drawn(self, statuses: Sequence[DatabaseStatus]) -> Any:
        from rich.console import Group
        from rich.text import Text

        columns, rows = self._console.size
        lines = board_text.drawn(statuses, local(now()), width=columns, most=max(rows - KEPT_FREE, 3))
        return Group(*(Text(each.text, STYLES.get(each.tone, ""), no_wrap=True, overflow="ellipsis") for each in lines))

    def _put(self, lines: str) -> None:
        """Show lines above the board."""
        from rich.text import Text

        self._console.print(Text(lines), soft_wrap=True)

    def end(self) -> None:
        """Leave the board as it stands, and the cursor below it."""
        self.say.end()
        if self._is_begun:
            self._live.stop()
            self._is_begun = False
