"""What was out of the ordinary in what a machine did, or was to do: see `unusual.KINDS`. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from nbrunbook.runbook.account import is_automated
from nbrunbook.runbook.events import NOT_PASSED, PASSED, Event
from nbrunbook.runbook.past_runs import PastRun, is_decision, past_runs
from nbrunbook.runbook.progress import Progress
from nbrunbook.runbook.run_words import OUTCOMES, message
from nbrunbook.runbook.times import Clock
from nbrunbook.runbook.waiting import parents_of
from nbrunbook.runbook.words import reason_words, who

Found = tuple[str, str, str]
"""The kind, the step's id, and the words."""
COUNTED = (*NOT_PASSED, "stopped", "warned")
"""Kinds that are outcomes, and are counted: a check may look hundreds of times."""


def of(progress: Progress, events: Sequence[Event], clock: Clock) -> Iterator[Found]:
    """Yield all of it: counted where it may have happened often, else each by itself."""
    for step_id, runs in past_runs(events).items():
        yield from _counted(step_id, runs, clock)
        yield from _forced(step_id, runs, clock)
    yield from _each(progress, events, clock)


def _counted(step_id: str, runs: Sequence[PastRun], clock: Clock) -> Iterator[Found]:
    for kind in COUNTED:
        ends = [run.end for run in runs if run.end and run.end.kind == kind and not run.is_by_word]
        if not ends:
            continue
        words = OUTCOMES[kind] if len(runs) == 1 else f"{len(ends):,} {OUTCOMES[kind]} of {len(runs):,} runs"
        last = "the last one " if len(ends) > 1 else ""
        yield kind, step_id, f"{words}, {last}{_told(ends[-1], clock)}{_message(ends[-1])}"


def _forced(step_id: str, runs: Sequence[PastRun], clock: Clock) -> Iterator[Found]:
    for run in runs:
        if run.started and run.started.fact("forced"):
            yield "forced", step_id, f"{_told(run.started, clock)}{reason_words(run.started)}"


def _each(progress: Progress, events: Sequence[Event], clock: Clock) -> Iterator[Found]:
    done, passed, is_open = set[str](), set[str](), True
    for event in events:
        words = f"{_told(event, clock)}{reason_words(event)}"
        if is_decision(event):
            host = event.fact("host_is_gone")
            gone = f"; its host {host} is gone" if host else ""
            did = "ran" if event.kind == "ticked" else "did not run"
            yield "decided", event.step, f"it {did}, said {words}{gone}"
        elif (
            event.kind == "ticked" and event.step not in done and is_automated(progress, event)
        ):  # else it is confirmed
            yield "by hand", event.step, words
        elif event.kind == "failed" and is_open and _opens(progress, event, done, passed):
            yield "regressed", event.step, f"{_told(event, clock)}{_message(event)}"
            done.discard(event.step)
        if event.kind in ("ticked", *PASSED):
            done.add(event.step)
            passed |= {event.step} if event.kind != "ticked" else set()
        elif event.kind == "unticked":
            done.discard(event.step)
        is_open = {"signed_off": False, "reopened": True}.get(event.kind, is_open)


def _opens(progress: Progress, event: Event, done: set[str], passed: set[str]) -> bool:
    """Whether a failure opens its step again: it had passed, and no step that is done stands over it."""
    plan = progress.worded_at(event)
    step = plan.by_id.get(event.step)
    return event.step in passed & done and step is not None and not done.intersection(parents_of(plan, step))


def _told(event: Event, clock: Clock) -> str:
    return f"by {who(event)}, {clock(event.at)}"


def _message(event: Event) -> str:
    if event.redacted:
        return reason_words(event)
    said = message(event)
    return f" — {said}" if said else ""
