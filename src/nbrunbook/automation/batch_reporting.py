"""Reporting of a batch's runner: what it tells the journal each half second, and what operators want of it."""

from __future__ import annotations

import json
import os
import socket
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from nbrunbook.automation import batch_traces, traces
from nbrunbook.automation.control import Said
from nbrunbook.automation.outcome import Outcome
from nbrunbook.automation.reporting import Reporting
from nbrunbook.automation.supervisor import Beat
from nbrunbook.errors import RefusedError
from nbrunbook.journal import runners
from nbrunbook.runbook import events
from nbrunbook.runbook.board import DatabaseStatus
from nbrunbook.work.batch_events import BatchEvents

LOOK_SECONDS = 5.0
"""How often the whole board is looked at for what is worth an event."""
REPORTER = "nbrunbook.automation.batch_reporting:BatchReporting"


class BatchReporting(Reporting):
    """A `batch_supervisor.BatchReporter` on the journal."""

    def __init__(self, about: Mapping[str, Any]) -> None:
        super().__init__(about)
        self.runner: str = about["runner"]
        self._events = BatchEvents(self.session, self.step, self.run)
        self._looked_at = 0.0
        self._refused = 0

    def started(self) -> None:
        """Say that it is about to work; RefusedError where the run is over by now."""
        if self._heard(Beat(lines=(), attempt=0), {}) is None:
            raise RefusedError(f"cannot run {self.step}", "its run is over by now")

    def hear(self, beat: Beat, news: Mapping[str, DatabaseStatus]) -> Said:
        """Say that it works, and what is new on the board; return what operators want: a stop, where it is over."""
        orders = self._heard(beat, news)
        if orders is None:
            return Said(stopping=True)
        self.session.refresh()
        self._tell_how_far()
        state = self.session.progress.of(self.step)
        words = f"paused by {state.paused_by}" if state.paused_by else ""
        stopping = bool(orders.stopper)
        return Said(pause_words=words, size=state.batch_size, stopping=stopping, refused=self._refused)

    def _tell_how_far(self) -> None:
        """Look at the whole board, which all runners fill, and have an event written where one is due."""
        now = time.monotonic()
        if now - self._looked_at > LOOK_SECONDS:
            self._looked_at = now
            board = runners.board(self.session.journal, self.run)
            self._refused = sum(each.quarantined for each in board)
            self._events.tell(board)

    def ended(self, found: Outcome, log: Path) -> None:
        """Say what came out, or leave the run to others; then its folder is not needed any more."""
        self.session.refresh()
        started = self.session.journal.event(self.run)
        if started is not None:  # other runners may have worked on it before
            found = replace(found, seconds=max(found.seconds, (events.now() - started.at).total_seconds()))
        batch_traces.record(self.session, self.step, self.run, self.runner, found, log)
        traces.clear(self.folder)

    def _heard(self, beat: Beat, news: Mapping[str, DatabaseStatus]) -> runners.Orders | None:
        changed = {name: json.dumps(each.to_json()) for name, each in news.items()}
        return runners.hear(
            self.session.journal, self.run, self.runner, pid=os.getpid(), lines=beat.lines, changed=changed,
            host=socket.gethostname(), folder=str(self.folder),
        )  # fmt: skip
