"""Past runs: which began and what came out of each, as a runbook's events tell it. Pure; linear in their number."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from nbrunbook.runbook import redactions
from nbrunbook.runbook.events import ENDS, Event

SETTLES = ("ticked", "skipped")
"""By which an operator settles a step."""


@dataclass(frozen=True, kw_only=True)
class PastRun:
    """One run of a step, over or not."""

    started: Event | None
    """None for a check that had a result and only looked again: another result alone is told of it."""
    end: Event | None = None
    """What came out, or the tick by which an operator said that it ran; None while it goes on."""
    late: Event | None = None
    """The note that an end came after an operator had given the run up."""

    @property
    def first(self) -> Event:
        """The event by which it is known."""
        found = self.started or self.end
        assert found  # noqa: S101
        return found

    @property
    def is_by_word(self) -> bool:
        """Whether an operator said what became of it."""
        return self.end is not None and (self.end.kind == "ticked" or is_word(self.end))


def is_word(event: Event) -> bool:
    """Tell whether an operator says that a run did not happen: whatever a machine says has a length of time."""
    is_said = event.data.get("note") or (event.again and not event.fact("seconds"))
    return event.kind == "stopped" and bool(is_said)


def is_decision(event: Event) -> bool:
    """Tell whether an operator says by an event what became of a run of which nobody knew."""
    return is_word(event) or (event.kind == "ticked" and bool(event.fact("run")))


def past_runs(events: Sequence[Event]) -> dict[str, list[PastRun]]:
    """Return the runs of each step, by its id, in the order in which they began."""
    found: dict[str, list[PastRun]] = {}
    going_on: dict[str, Event] = {}
    for event in redactions.restored(events):
        step, runs = event.step, found.setdefault(event.step, [])
        if event.kind == "started":
            going_on[step] = event
            runs.append(PastRun(started=event))
        elif step in going_on and event.kind in (*ENDS, "ticked"):
            del going_on[step]
            runs[-1] = replace(runs[-1], end=event)
        elif event.kind in ENDS:
            runs.append(PastRun(started=None, end=event))
        elif event.kind == "noted" and event.fact("run"):
            found[step] = [_with_late(each, event) for each in runs]
    return {step: runs for step, runs in found.items() if runs}


def _with_late(run: PastRun, note: Event) -> PastRun:
    return replace(run, late=note) if run.started and run.started.id == note.fact("run") else run


def faults(events: Iterable[Event]) -> Iterator[tuple[int, str]]:
    """Yield what does not hold about the order of runs, each with the number of its event.

    A check that has a result, or whose step is settled, and any after the sign-off, looks again without a start.
    """
    going_on: dict[str, Event] = {}
    known, is_signed_off = set[str](), False
    for event in events:
        run = going_on.get(event.step)
        if event.kind == "signed_off":
            is_signed_off = True
        elif event.kind in ("reopened", "abandoned"):
            is_signed_off = False
        elif event.kind == "started":
            if run is not None:
                yield event.seq, f"a run began while the one that event {run.seq} began went on"
            going_on[event.step] = event
        elif event.kind in (*ENDS, *SETTLES):
            going_on.pop(event.step, None)
            if event.kind in ENDS and run is None and event.step not in known and not is_signed_off:
                yield event.seq, f"it says that a run {event.kind}, and none had begun"
            elif run is not None and event.data.get("run", run.id) != run.id:
                yield event.seq, f"it is the end of another run than the one that event {run.seq} began"
            known.add(event.step)
