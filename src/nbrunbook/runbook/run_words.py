"""What is said of runs: of the one that goes on, and of what came out. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from nbrunbook.errors import one_line
from nbrunbook.runbook.automation import Automation
from nbrunbook.runbook.events import Event
from nbrunbook.runbook.past_runs import is_word
from nbrunbook.runbook.run_output import shown
from nbrunbook.runbook.status import REDACTED, Heard, StepState
from nbrunbook.runbook.times import Clock, span
from nbrunbook.texts import many, short

OUTCOMES: Mapping[str, str] = {
    "passed": "passed",
    "warned": "passed with a warning",
    "failed": "failed",
    "undecided": "undecided",
    "stopped": "stopped",
}
HOW: Mapping[str, str] = {
    "attempts": "{} attempts",
    "every": "every {}",
    "timeout": "at most {}",
    "databases": "{}",
    "target": "chunks of {}",
    "batch_size": "{} rows at first",
    "throttle": "held by {}",
    "on_error": "leaves out rows that are refused",
    "max_errors": "at most {} of them",
    "repeatable": "a chunk may be done twice",
}
"""By option of a decorator or a batch, what is said of it."""
LONGEST_MESSAGE = 300
"""Characters of a message in a step's line; the journal shows the rest."""

SECONDS = 100
"""Up to how many a length of time is told in seconds."""
LONGEST_SECONDS = 1e9
"""More than any run takes; an end that says more is none of ours."""
MOST_LINES = 200
"""Lines of a run's output."""

Who = Callable[[Event], str]
"""Names an event's operator."""


def how(kind: str, does: Automation) -> str:
    """Return that a machine does a step, and how: check: 10 attempts, every 30s; batch: eu, us, chunks of 2s."""
    options = {**does.options, **({"databases": does.batch.places} if does.batch else {})}
    told = [HOW[name].format(value) for name, value in options.items()]
    return f"{kind}: {', '.join(told)}" if told else kind


def settled_by(event: Event) -> str:
    """Return how a step was done, up to the name of the one who did it or pressed."""
    if event.kind != "ticked":
        return f"{OUTCOMES[event.kind]}, run by" if event.kind in OUTCOMES else f"{event.kind} by"
    if event.fact("run"):
        return "ran, says"
    return "done by hand by" if event.data.get("reason") else "done by"


def lines(
    state: StepState, clock: Clock, who: Who, heard: Heard | None = None, *, apart: bool = False
) -> Iterator[str]:
    """Yield what is said of the runs of a step, the one that goes on first; nothing where there was none.

    `apart` leaves out what is shown apart from the line: since when it runs, and what its function said.
    """
    if state.run is not None:
        yield f"started by {who(state.run)}" if apart else going_on(state, clock, who, heard)
    yield from controls(state, clock, who)
    last = state.last
    if last is not None and last is not state.by:
        is_before = state.run is not None or (state.by is not None and state.by.seq > last.seq)
        yield f"{'before: ' if is_before else ''}{came_out(last, clock, who, is_short=apart)}"
    elif last is not None and last.data.get("message") and not apart:
        yield message(last)
    if last is not None and state.run is None and (words := took(last)):
        yield words
    if state.since is not None:
        yield f"since the sign-off: {came_out(state.since, clock, who, is_short=apart)}"
    if state.runs > 1:
        yield attempts(state)


def controls(state: StepState, clock: Clock, who: Who) -> Iterator[str]:
    """Yield who holds a batch that is to be done, since when and why, and who said how many rows a chunk has."""
    if state.settled:
        return
    if state.paused:
        reason = REDACTED if state.paused.redacted else said(state.paused.data.get("reason", ""))
        yield f"paused by {who(state.paused)}, {clock(state.paused.at)}{f': {reason}' if reason else ''}"
    if state.resized and state.batch_size:
        yield f"{state.batch_size:,} rows a chunk, says {who(state.resized)}, {clock(state.resized.at)}"


def attempts(state: StepState) -> str:
    """Return the number of a step's last run, and how often it did not pass: 3rd run, twice without passing."""
    last = state.runs % 100 if state.runs % 100 in (11, 12, 13) else state.runs % 10
    ending = {1: "st", 2: "nd", 3: "rd"}.get(last, "th")
    times = {0: "", 1: ", once without passing", 2: ", twice without passing"}
    return f"{state.runs:,}{ending} run" + times.get(state.failures, f", {state.failures:,} times without passing")


def timing(end: Event) -> tuple[float | None, int]:
    """Return how many seconds a run took, and in how many attempts; None where no machine says it in our way."""
    try:
        seconds, tried = float(end.fact("seconds") or "nan"), int(end.fact("attempts") or "1")
    except ValueError:  # somebody else's client wrote it
        return None, 1
    return (seconds, tried) if 0 <= seconds < LONGEST_SECONDS else (None, 1)


def took(event: Event) -> str:
    """Return how long a run took, and in how many attempts; empty for less than a second at once."""
    seconds, tried = timing(event)
    if seconds is None:
        return ""
    length = f"{seconds:.0f} s" if seconds < SECONDS else span(seconds)
    words = [f"took {length}" if seconds >= 1 else "", many(tried, "attempt") if tried > 1 else ""]
    return ", ".join(filter(None, words))


def going_on(state: StepState, clock: Clock, who: Who, heard: Heard | None = None) -> str:
    """Return that a step runs: since when, by whom, and whether that is known; empty where it does not."""
    if state.run is None:
        return ""
    attempt = f", attempt {heard.attempt}" if heard and heard.attempt > 1 else ""
    if heard and heard.is_unknown:
        return f"{unknown(heard)}, started by {who(state.run)}, {clock(state.run.at)}{attempt}"
    seconds = (clock.now - state.run.at).total_seconds()
    return f"running for {elapsed(seconds)}, started by {who(state.run)}{attempt}"


def elapsed(seconds: float) -> str:
    """Return how long something has gone on, in seconds while those are what one waits for: 12 s, 3 min."""
    return f"{max(0, int(seconds))} s" if seconds < 60 else span(seconds)


def unknown(heard: Heard) -> str:
    """Return that nobody knows whether a run goes on."""
    if not heard.host:
        return "unknown: nothing is heard of it"
    return f"unknown: not heard of on {heard.host} for {span(heard.seconds)}"


def came_out(event: Event, clock: Clock, who: Who, *, is_short: bool = False) -> str:
    """Return what came out of a run, whose it was, and what its function said; that not where it `is_short`."""
    did = "did not run, says" if is_word(event) else f"{OUTCOMES[event.kind]}, run by"
    said = event.data.get("note") or ("" if is_short else message(event))
    return f"{did} {who(event)}, {clock(event.at)}{f': {said}' if said else ''}"


def outcome(event: Event) -> str:
    """Return what came out of a run, and what its function said or returned, in one line."""
    said = message(event) or short(one_line(event.data.get("value", "")), LONGEST_MESSAGE)
    return f"{OUTCOMES[event.kind]}{f': {said}' if said else ''}"


def output_lines(state: StepState) -> list[str]:
    """Return the last MOST_LINES that the last run of a step wrote, as text; of one that goes on `heard` tells."""
    end = state.since or state.last
    written = end.data.get("output", "") if end and not state.run else ""
    lines = shown(written).removesuffix("\n").split("\n") if written else []
    left_out = len(lines) - MOST_LINES
    return [f"… {left_out:,} lines before", *lines[-MOST_LINES:]] if left_out > 0 else lines


def message(event: Event) -> str:
    """Return the first of what an exception or a warning said, or that it was redacted; empty for nothing."""
    return REDACTED if event.redacted else said(event.data.get("message", ""))


def said(text: str) -> str:
    """Return a message on one line, cut where it would be long."""
    return short(one_line(text), LONGEST_MESSAGE)
