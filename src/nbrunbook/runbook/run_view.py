"""What a row shows of a step that the machine does, as JSON: where it stands, and what its runs say. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from nbrunbook.runbook import events
from nbrunbook.runbook.events import NOT_PASSED, PASSED, Event
from nbrunbook.runbook.past_runs import is_word
from nbrunbook.runbook.plan import Step
from nbrunbook.runbook.progress import Progress
from nbrunbook.runbook.run_output import shown
from nbrunbook.runbook.run_words import OUTCOMES
from nbrunbook.runbook.running import heard_of
from nbrunbook.runbook.status import REDACTED, Heard, StepState
from nbrunbook.runbook.times import Clock
from nbrunbook.texts import short

STATES: Mapping[str, str] = {
    **OUTCOMES,
    "ready": "not done yet",
    "waiting": "cannot be run yet",
    "running": "running",
    "holding": "running, and holding",
    "paused": "paused",
    "stopping": "asked to stop",
    "unknown": "nobody knows whether it runs",
    "done": "done",
    "by-hand": "done by hand",
    "skipped": "skipped",
    "not-applicable": "does not apply",
}
"""What an automated step can be on the screen, and what its sign says to whoever cannot see it."""
DID_NOT_RUN = "did not run"
"""What the sign says where an operator says so."""
LONGEST_SAID = 2_000
"""Characters of a message in a row; the unfolded output and the journal show the rest."""


def view(progress: Progress, step: Step, clock: Clock, *, waits: bool) -> dict[str, Any]:
    """Return what is shown of an automated step beside what every step shows; `waits` says that it is locked."""
    state = progress.of(step.id)
    heard = heard_of(progress, state)
    is_ = of(state, heard, waits=waits)
    last = state.since or state.last if state.run is None else None
    said = last if is_ not in ("by-hand", "skipped") else None
    return {
        "is": is_,
        "words": DID_NOT_RUN if said and is_word(said) else STATES[is_],
        "since": events.instant(state.run.at) if state.run else "",
        "attempt": heard.attempt if heard else 0,
        "lines": [shown(each) for each in heard.lines] if heard else [],
        "silent_since": events.instant(clock.now - timedelta(seconds=heard.seconds)) if heard else "",
        "host": heard.host if heard else "",
        "said": _said(said) if said else "",
        "output": last.id if last and has_output(last) else "",
    }


def _said(end: Event) -> str:
    """What its function said of a run; that it was redacted, where an event says so."""
    return REDACTED if end.redacted else short(shown(end.data.get("message", "")), LONGEST_SAID)


def of(state: StepState, heard: Heard | None = None, *, waits: bool = False) -> str:
    """Return which of STATES an automated step is in."""
    if state.run is not None:
        going_on = "stopping" if heard and heard.stopper else "paused" if state.paused else "running"
        return "unknown" if heard and heard.is_unknown else going_on
    if state.since is not None:  # the step stays settled, and what it looks at is so no more
        return state.since.kind
    if state.status == "done":
        return _done(state)
    if state.status != "open":
        return state.status
    last = state.last.kind if state.last else ""
    if last in (*NOT_PASSED, "stopped"):
        return last
    return "waiting" if waits else "ready"


def _done(state: StepState) -> str:
    by = state.by
    if by is None or by.kind == "ticked":
        return "by-hand" if by and by.data.get("reason") and not by.fact("run") else "done"
    newest = state.last if state.last and state.last.kind in PASSED else by
    return newest.kind


def has_output(event: Event) -> bool:
    """Tell whether there is more to read of a run than its message: what it wrote, or where it failed."""
    return any(event.data.get(name) for name in ("output", "traceback", "log"))
