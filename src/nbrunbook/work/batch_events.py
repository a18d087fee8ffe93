"""What the run of a batch tells of itself while it goes on: how far it is, and which rows it left out.

Bounded by time, not by chunks: whatever the number of rows and of runners, a run leaves one `advanced` in five minutes
and one `quarantined` a minute at most. All runners of a run derive the same ids, so that one of them writes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from nbrunbook.errors import RefusedError
from nbrunbook.journal.entries import Draft
from nbrunbook.runbook import batch_results, board_words, events, rules
from nbrunbook.runbook.board import DatabaseStatus
from nbrunbook.runbook.events import Event, Kind
from nbrunbook.runbook.progress import Progress
from nbrunbook.texts import many
from nbrunbook.work import runs
from nbrunbook.work.drafts import draft_of
from nbrunbook.work.session import Session

ADVANCED_SECONDS = 300
"""How often a run says how far it is."""
QUARANTINED_SECONDS = 60
"""How often it says which rows it left out."""


class BatchEvents:
    """What one runner has told of a run. Not for several threads at once."""

    def __init__(self, session: Session, step_id: str, run: str, *, clock: Callable[[], datetime] = events.now) -> None:
        self.session, self.step_id, self.run, self.clock = session, step_id, run, clock
        self._advanced, self._quarantined = self._slot(ADVANCED_SECONDS), -1
        self._moved: tuple[object, ...] = ()
        last = session.progress.of(step_id).last
        self._refused = sum(each.quarantined for each in batch_results.board_of(last))  # as the run before told

    def tell(self, board: Sequence[DatabaseStatus]) -> list[Event]:
        """Write what is due of a whole board, and return it; nothing where nothing is new. Raises JournalError.

        To be called with each beat: it asks the journal only where something is due.
        """
        return [event for event in (self._tell_refused(board), self._tell_advanced(board)) if event]

    def _tell_advanced(self, board: Sequence[DatabaseStatus]) -> Event | None:
        slot, moved = self._slot(ADVANCED_SECONDS), tuple((each.name, each.state, each.done) for each in board)
        if slot == self._advanced or moved == self._moved:
            return None
        found = self._write("advanced", slot, {"value": board_words.summary(board)})
        self._advanced, self._moved = slot, moved
        return found

    def _tell_refused(self, board: Sequence[DatabaseStatus]) -> Event | None:
        slot, refused = self._slot(QUARANTINED_SECONDS), sum(each.quarantined for each in board)
        if slot == self._quarantined or refused <= self._refused:
            return None
        if refused <= self._told_before():
            self._refused = refused
            return None
        data = {"value": f"{many(refused, 'row')} refused so far", "rows": str(refused)}
        message = batch_results.message([each for each in board if each.quarantined])
        found = self._write("quarantined", slot, {**data, "message": message})
        self._quarantined, self._refused = slot, refused
        return found

    def _told_before(self) -> int:
        """How many rows any runner of this run has told of."""
        of = self.session.journal.of_kinds(self.session.runbook, "quarantined")
        said = [event.fact("rows") for event in of if event.fact("run") == self.run]
        return max((int(each) for each in said if each.isdecimal()), default=0)

    def _write(self, kind: Kind, slot: int, said: dict[str, str]) -> Event | None:
        """Write it while the run is the step's; None where it is over."""
        who = runs.started_by(self.session, self.run)
        data = {**said, "run": self.run, "needs": events.NEEDS[kind]}

        def draft(current: Progress) -> Draft:
            why = rules.end_refusal(current, self.step_id, self.run)
            if why:
                raise RefusedError(f"cannot say how {self.step_id} goes on", why)
            return draft_of(kind, self.step_id, who, data)

        try:
            with self.session.lock:
                return self.session.write_down(draft, events.derived_id(kind, self.run, str(slot)))
        except RefusedError:
            return None

    def _slot(self, seconds: int) -> int:
        return int(self.clock().timestamp()) // seconds
