"""Boards of the batches in a session: a browser fetches of each what has changed since it last asked."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from nbrunbook.automation import batch_board
from nbrunbook.runbook import board_view
from nbrunbook.runbook.batch_results import board_of
from nbrunbook.runbook.board import DatabaseStatus
from nbrunbook.runbook.board_words import ordered
from nbrunbook.runbook.plan import Step
from nbrunbook.runbook.run_view import STATES
from nbrunbook.runbook.times import Clock
from nbrunbook.work.session import Session


class Board:
    """One step's board, in versions."""

    def __init__(self) -> None:
        self._id, self._version = uuid.uuid4().hex, 0
        self._statuses: Mapping[str, DatabaseStatus] = {}
        self._lines: dict[str, tuple[int, dict[str, Any]]] = {}
        """By name: since which version a line is what it is."""
        self._order: tuple[int, list[str]] = (0, [])
        self.runners = ""
        """Who works on it, in words."""

    @property
    def seen(self) -> str:
        """What a browser says when it has seen this version."""
        return f"{self._id} {self._version}"

    def learn(self, statuses: Iterable[DatabaseStatus], clock: Clock, runners: str = "") -> bool:
        """Take in where the databases stand now, and who works on them in words; return whether that is news."""
        found = {each.name: each for each in statuses}
        if found == self._statuses and runners == self.runners:
            return False
        self._version, self.runners = self._version + 1, runners
        if self._statuses.keys() - found.keys():  # another run, with fewer of them: who has seen it begins anew
            self._id, self._lines = uuid.uuid4().hex, {}
        for name, status in found.items():
            if status != self._statuses.get(name) or name not in self._lines:
                self._lines[name] = (self._version, board_view.line(status, clock))
        names = [board_view.line(each, clock)["name"] for each in ordered(found.values())]
        if names != self._order[1]:
            self._order = (self._version, names)
        self._statuses = found
        return True

    @property
    def statuses(self) -> Sequence[DatabaseStatus]:
        """Where the databases stand."""
        return list(self._statuses.values())

    def summary(self) -> dict[str, Any]:
        """Return what is shown of all of them together, and which version that is."""
        found = board_view.summary(self.statuses)
        words = ", ".join(filter(None, (found["words"], self.runners)))
        return {"seen": self.seen, **found, "words": words}

    def since(self, seen: str) -> dict[str, Any]:
        """Return the lines that have changed since a browser's version, all of them where it has another board."""
        board, _, version = seen.partition(" ")
        after = int(version) if board == self._id and version.isdecimal() else -1
        rows = [line for since, line in self._lines.values() if since > after]
        order = {"order": self._order[1]} if self._order[0] > after else {}
        return {"seen": self.seen, "rows": rows, **order}


class Boards:
    """Of all batches in a session. Safe to use from several threads."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self._boards: dict[str, Board] = {}
        """By step."""
        self._ends: dict[str, str] = {}
        """By step, the end that its board is of; empty while a run goes on."""
        self._lock = threading.Lock()

    def look(self, clock: Clock) -> None:
        """Read where the batches stand. Raises as the journal does."""
        for step in self.session.progress.plan.steps:
            if step.kind == "batch":
                self._look_at(step, clock)

    def versions(self) -> tuple[str, ...]:
        """Return what differs where there is news."""
        with self._lock:
            return tuple(each.seen for each in self._boards.values())

    def _look_at(self, step: Step, clock: Clock) -> None:
        progress = self.session.progress
        state = progress.of(step.id)
        last = state.last if state.run is None else None
        end = f"{last.id} {last.redacted}" if last else ""
        if end and self._ends.get(step.id) == end:
            return
        heard = batch_board.heard(self.session, step.id) if state.run or board_of(last) else None
        found = heard.statuses if heard else ()
        who = board_view.runners_words([each.host for each in heard.runners]) if heard else ""
        with self._lock:
            self._ends[step.id] = end
            if found or step.id in self._boards:
                self._boards.setdefault(step.id, Board()).learn(found, clock, who)

    def of(self, step: str) -> Sequence[DatabaseStatus]:
        """Return where the databases of a step stand; empty where nothing is known."""
        with self._lock:
            return self._boards[step].statuses if step in self._boards else ()

    def shown(self, step: str, run: dict[str, Any]) -> dict[str, Any]:
        """Return what is shown of a step's runs, with all its databases in one line where they are known."""
        with self._lock:
            board = self._boards.get(step)
            if board is None or not board.statuses:
                return run
            is_ = board_view.stands(run["is"], board.statuses)
            said = "" if is_ == "failed" else run["said"]  # the board says it of each database
            words = run["words"] if is_ == run["is"] else STATES[is_]
            return {**run, "is": is_, "words": words, "said": said, "board": board.summary()}

    def since(self, step: str, seen: str) -> dict[str, Any]:
        """Return the lines of a step's board that are news to a browser."""
        with self._lock:
            return self._boards[step].since(seen) if step in self._boards else {"seen": "", "rows": [], "order": []}
