"""Batches as a record shows them: where each run stood in every database, and who held it or let it go on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from nbrunbook.documents.markdown.html import Html
from nbrunbook.errors import visible
from nbrunbook.record.page import to_the_second
from nbrunbook.runbook.batch_results import board_of
from nbrunbook.runbook.board_html import board_html
from nbrunbook.runbook.events import CONTROLS, Event
from nbrunbook.runbook.past_runs import PastRun
from nbrunbook.runbook.status import REDACTED
from nbrunbook.runbook.times import Clock
from nbrunbook.runbook.words import who

SHOWN = (*CONTROLS, "quarantined")
"""The kinds of events that are told of with their run."""
LIST = Html('<ul class="nbr-controls">{}</ul>')
ITEM = Html("<li>{}</li>")


class Batches:
    """What was said of the runs of batches, and by them."""

    def __init__(self, events: Sequence[Event], runs: Mapping[str, Sequence[PastRun]]) -> None:
        self._said: dict[str, list[Event]] = {}
        """By the id of the event by which a run is known."""
        for event in events:
            run = _run_of(event, runs.get(event.step, ())) if event.kind in SHOWN else None
            if run is not None:
                self._said.setdefault(run.first.id, []).append(event)

    def of(self, run: PastRun, clock: Clock) -> Iterator[Html]:
        """Yield what a record shows of a run besides; nothing for one that is no batch's."""
        said = self._said.get(run.first.id, [])
        if said:
            yield LIST.format(Html().join(ITEM.format(visible(_words(each))) for each in said))
        yield board_html(board_of(run.end), clock)


def _run_of(event: Event, runs: Sequence[PastRun]) -> PastRun | None:
    """The run that goes on, or the next one; else the last one."""
    after = (run for run in runs if run.end is None or run.end.seq > event.seq)
    return next(after, runs[-1] if runs else None)


def _words(event: Event) -> str:
    at = f"{to_the_second(event.at)} UTC"
    if event.kind == "quarantined":
        said = REDACTED if event.redacted else ": ".join(filter(None, map(event.data.get, ("value", "message"))))
        return f"{at}: {said}"
    if event.kind == "resized":
        size = event.fact("batch_size")
        said = f"{int(size):,} rows a chunk" if size.isdecimal() and len(size) < 10 else "the batch finds its size"
        return f"{said}, says {who(event)}, {at}"
    reason = REDACTED if event.redacted else event.data.get("reason", "")
    return f"{event.kind} by {who(event)}, {at}{f': {reason}' if reason else ''}"
