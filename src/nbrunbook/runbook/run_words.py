"""What is said of runs: of the one that goes on, and of what came out. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from nbrunbook.errors import one_line
from nbrunbook.runbook.events import Event
from nbrunbook.runbook.status import Heard, StepState
from nbrunbook.runbook.times import Clock, span
from nbrunbook.texts import short

OUTCOMES: Mapping[str, str] = {
    "passed": "passed",
    "warned": "passed with a warning",
    "failed": "failed",
    "undecided": "undecided",
    "stopped": "stopped",
}
GOOD = ("passed", "warned")
"""Outcomes that settle a step."""
LONGEST_MESSAGE = 300
"""Characters of a message in a step's line; the journal shows the rest."""

Who = Callable[[Event], str]
"""Names an event's operator."""


def settled_by(event: Event) -> str:
    """Return how a step was done, up to the name of the one who did it or pressed."""
    if event.kind != "ticked":
        return f"{OUTCOMES[event.kind]}, run by" if event.kind in OUTCOMES else f"{event.kind} by"
    return "done by hand by" if event.data.get("reason") else "done by"


def lines(state: StepState, clock: Clock, who: Who, heard: Heard | None = None) -> Iterator[str]:
    """Yield what is said of the runs of a step, the one that goes on first; nothing where there was none."""
    if state.run is not None:
        yield going_on(state, clock, who, heard)
    if state.last is not None and state.last is not state.by:
        yield f"{'before: ' if state.run else ''}{came_out(state.last, clock, who)}"
    elif state.last is not None and state.last.data.get("message"):
        yield message(state.last)
    if state.since is not None:
        yield f"since the sign-off: {came_out(state.since, clock, who)}"
    if state.runs > 1:
        yield attempts(state)


def attempts(state: StepState) -> str:
    """Return the number of a step's last run, and how often it did not pass: 3rd run, twice without passing."""
    last = state.runs % 100 if state.runs % 100 in (11, 12, 13) else state.runs % 10
    ending = {1: "st", 2: "nd", 3: "rd"}.get(last, "th")
    times = {0: "", 1: ", once without passing", 2: ", twice without passing"}
    return f"{state.runs:,}{ending} run" + times.get(state.failures, f", {state.failures:,} times without passing")


def going_on(state: StepState, clock: Clock, who: Who, heard: Heard | None = None) -> str:
    """Return that a step runs: since when, by whom, and whether that is known; empty where it does not."""
    if state.run is None:
        return ""
    attempt = f", attempt {heard.attempt}" if heard and heard.attempt > 1 else ""
    seconds = (clock.now - state.run.at).total_seconds()
    words = f"running for {elapsed(seconds)}, started by {who(state.run)}{attempt}"
    return f"{words}: {unknown(heard)}" if heard and heard.is_unknown else words


def elapsed(seconds: float) -> str:
    """Return how long something has gone on, in seconds while those are what one waits for: 12 s, 3 min."""
    return f"{max(0, int(seconds))} s" if seconds < 60 else span(seconds)


def unknown(heard: Heard) -> str:
    """Return that nobody knows whether a run goes on."""
    where = f" on {heard.host}" if heard.host else ""
    return (
        f"unknown: not heard of{where} for {span(heard.seconds)}" if heard.host else "unknown: nothing is heard of it"
    )


def came_out(event: Event, clock: Clock, who: Who) -> str:
    """Return what came out of a run, whose it was, and what its function said."""
    said = message(event)
    note = event.data.get("note")
    if note:
        return f"did not run, says {who(event)}, {clock(event.at)}: {note}"
    return f"{OUTCOMES[event.kind]}, run by {who(event)}, {clock(event.at)}{f': {said}' if said else ''}"


def outcome(event: Event) -> str:
    """Return what came out of a run, and what its function said or returned, in one line."""
    said = message(event) or short(one_line(event.data.get("value", "")), LONGEST_MESSAGE)
    return f"{OUTCOMES[event.kind]}{f': {said}' if said else ''}"


def message(event: Event) -> str:
    """Return the first of what an exception or a warning said; empty for nothing."""
    return said(event.data.get("message", ""))


def said(text: str) -> str:
    """Return a message on one line, cut where it would be long."""
    return short(one_line(text), LONGEST_MESSAGE)
