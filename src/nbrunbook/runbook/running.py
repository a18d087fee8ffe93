"""Running: which steps the machine is at, and which it could not do, over a whole runbook. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal

from nbrunbook.runbook.events import NOT_PASSED
from nbrunbook.runbook.plan import Step
from nbrunbook.runbook.progress import Progress
from nbrunbook.runbook.status import Heard, StepState

RunState = Literal["running", "unknown", "failed", "undecided"]

RUN_STATES: Mapping[RunState, str] = {
    "unknown": "it was started, nothing is heard of it, and an operator has to say what became of it",
    "failed": "it is open, and its last run said no",
    "undecided": "it is open, and its last run could not say",
    "running": "the machine is at it",
}
"""The worst first."""


def heard_of(progress: Progress, state: StepState) -> Heard | None:
    """Return what was last heard of a step's run; None where none goes on, and where nobody asked the journal."""
    return progress.heard.get(state.run.id) if state.run else None


def is_unknown(progress: Progress, state: StepState) -> bool:
    """Tell whether a run of a step goes on of which nobody knows."""
    return state.run is not None and (heard_of(progress, state) or Heard()).is_unknown


def by_state(progress: Progress) -> dict[RunState, list[Step]]:
    """Return the steps of an open runbook whose runs are to be told, by how they stand; empty for a closed one."""
    found: dict[RunState, list[Step]] = {state: [] for state in RUN_STATES}
    for step, state in _states(progress) if progress.state == "open" else ():
        found[state].append(step)
    return {state: steps for state, steps in found.items() if steps}


def _states(progress: Progress) -> Iterator[tuple[Step, RunState]]:
    for step in progress.counted:
        state = progress.of(step.id)
        if state.run is not None:
            yield step, "unknown" if is_unknown(progress, state) else "running"
        elif state.status == "open" and state.last is not None and state.last.kind in NOT_PASSED:
            yield step, "failed" if state.last.kind == "failed" else "undecided"


def in_short(progress: Progress) -> list[tuple[RunState, str]]:
    """Return how many there are of each, in words: 1 running."""
    return [(state, f"{len(steps)} {state}") for state, steps in by_state(progress).items()]
