"""A batch's supervisor: one runner of those that share a run. Its child goes through the databases.

It passes on what the journal says to the child, and what the child says to the journal. A child that dies is begun
again while it got on; the cursors lose nothing by that, and repeat nothing.
"""

from __future__ import annotations

import time
from dataclasses import replace
from math import inf
from typing import Protocol, cast

from nbrunbook.automation import outcome, supervisor
from nbrunbook.automation.attempt import Attempt
from nbrunbook.automation.control import Control, Said
from nbrunbook.automation.outcome import Outcome
from nbrunbook.automation.run import Run
from nbrunbook.automation.stopping import Stop
from nbrunbook.automation.supervisor import Beat, Reporter, Supervised
from nbrunbook.automation.telling import Told
from nbrunbook.batches.job import job_from_json
from nbrunbook.runbook import batch_results
from nbrunbook.runbook.board import DatabaseStatus

CHILD = "from nbrunbook.automation.batch_child import main; main()"
BEAT_SECONDS = 0.5
"""So an order is followed within a chunk, but for half a second."""
CHUNK_SECONDS = 60.0
"""How long a chunk that is being changed may take still, once it is to stop; then it is rolled back."""
PAUSE_SECONDS = 1.0
"""Before a child that died is followed by another one."""


class BatchReporter(Reporter, Protocol):
    """What a runner tells."""

    def hear(self, beat: Beat, news: dict[str, DatabaseStatus]) -> Said:
        """Say that it goes on, and what has changed; return what operators want. Raises where that cannot be said."""


def main() -> None:
    """Supervise the runner that stdin says; see `supervisor.main`."""
    supervisor.main(Runner)


class Runner(Supervised):
    """A runner in this process's hands."""

    beat_seconds = BEAT_SECONDS

    def __init__(self, run: Run, reporter: Reporter, request: int, lock: int, stop: Stop) -> None:
        super().__init__(run, reporter, request, lock, stop)
        self.told, self.control = Told(self.secrets), Control()
        databases = job_from_json(run.batch.job).databases if run.batch else ()
        self._order = {each.name: at for at, each in enumerate(databases)}

    def tell(self) -> bool:
        """Tell how it goes on, and the child what is wanted of it; a child that hears nothing holds by itself."""
        news, beat = self.told.news(), Beat(lines=self.output.last_lines(), attempt=self.attempt)
        try:
            said = cast(BatchReporter, self.reporter).hear(beat, news)
        except BaseException:
            self.told.back(news)
            raise
        self.control.say(replace(said, stopping=said.stopping or self.stop.asked))
        return said.stopping

    def attempts(self, _: float) -> Outcome:
        """Go through all databases, with another child where one died and had got on; return what came out."""
        while True:
            self.attempt += 1
            before = self.told.done
            found, has_died = self._attempt()
            if not has_died or self.stop.asked or self.told.done <= before:
                return found
            self.output.say(f"[{found.message}; another one goes on]")
            self.stop.wait(time.monotonic() + PAUSE_SECONDS)
            if self.stop.asked:
                return self.found(("stop", found))

    def _attempt(self) -> tuple[Outcome, bool]:
        """What came out of one child; and whether it died."""
        self.told.begin()
        child = Attempt(self.run.root, self.request, self.lock, CHILD, hear=self.told.hear, more=(self.control.child,))
        by, silent = child.wait(self.fed, self.stop, inf, self._ask)
        self.output.end_attempt()
        board = batch_results.text_of(sorted(self.told.board, key=lambda each: self._order.get(each.name, inf)))
        said = outcome.said(self.told.end, 0) if self.told.end else silent
        is_over = by == "stop" and said.kind in ("passed", "failed")  # it came to its end meanwhile
        return replace(self.found(("" if is_over else by, said)), board=board), not self.told.end

    def _ask(self) -> float:
        self.control.say(Said(stopping=True))
        return CHUNK_SECONDS
