"""What an operator can click of a step that the machine does: begin a run, stop it, say what became of it. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from nbrunbook.runbook import changed_code, rules
from nbrunbook.runbook.batch_results import board_of
from nbrunbook.runbook.events import Kind
from nbrunbook.runbook.offer import SURE, Offer
from nbrunbook.runbook.plan import Step
from nbrunbook.runbook.progress import Progress
from nbrunbook.runbook.running import heard_of
from nbrunbook.runbook.status import StepState
from nbrunbook.runbook.times import Clock
from nbrunbook.texts import many

VERBS: Mapping[str, str] = {"check": "Check", "action": "Run", "batch": "Start"}
MAY_BE_DONE = "It may have been done, or half of it: its last run did not come to its end."
BY_HAND = Offer(ask="tick", words="By hand…", question="The machine does this step. How was it done by hand, and why?")
PAUSE = Offer(ask="pause", words="Pause")
RESUME = Offer(ask="resume", words="Resume")
RESIZE = Offer(
    ask="resize", words="Batch size…", question="How many rows does a chunk have? Without a number the batch finds it."
)
STOP = Offer(ask="stop", words="Stop")
JOIN = Offer(ask="join", words="Add a runner")
GO_ON = Offer(ask="run", words="Go on")
IT_RAN = Offer(ask="it-ran", words="It ran…", question="It did its work: how do you know?")
IT_DID_NOT = Offer(ask="it-did-not", words="It did not…", question="It did not do its work: how do you know?")


def of_step(progress: Progress, step: Step, clock: Clock) -> list[Offer]:
    """Return what can be clicked of the runs of an automated step; what it waits for holds a button, and is told."""
    state = progress.of(step.id)
    if progress.state != "open":
        return []
    controls = list(_controls(progress, step, state, clock)) if step.kind == "batch" else []
    if state.run is not None:
        heard = heard_of(progress, state)
        if heard is not None and heard.is_unknown:
            on = [GO_ON] if step.kind == "batch" else []
            return [*on, IT_RAN, IT_DID_NOT, *(each for each in controls if each is not JOIN)]
        return [STOP, *controls] if heard is None or not heard.stopper else []
    why = rules.hindrance(progress, "started", step, clock)
    if why and state.status != "open":
        return []
    if controls and not why and _is_all_refused(state):
        return controls
    return [_begin(step, state, held=why or "", changed=_changed(progress, step)), *controls]


def _is_all_refused(state: StepState) -> bool:
    """Whether refused rows are all that a batch has left: to go on past them would fail as before."""
    board = board_of(state.last)
    return bool(board) and all(each.state == "done" or (each.quarantined and each.left == 0) for each in board)


def _controls(progress: Progress, step: Step, state: StepState, clock: Clock) -> Iterator[Offer]:
    """What is said of a batch that goes on; of one that does not, that it may go on, and its refused rows."""
    if state.run is None:
        rows = sum(each.quarantined for each in board_of(state.last))
        if rows and rules.hindrance(progress, "started", step, clock) is None:
            yield Offer(ask="rerun", words=f"Try {many(rows, 'refused row')} again", sure=_changed(progress, step))
    said: tuple[tuple[Kind, Offer], ...] = (("paused", PAUSE), ("resumed", RESUME), ("resized", RESIZE))
    for kind, offer in said:
        if (state.run or offer is RESUME) and rules.hindrance(progress, kind, step, clock) is None:
            yield offer
    if state.run is not None and len(_databases(step)) > 1:
        yield JOIN


def _databases(step: Step) -> tuple[str, ...]:
    batch = step.automation.batch if step.automation else None
    return batch.databases or () if batch else ()


def _changed(progress: Progress, step: Step) -> str:
    return changed_code.CHANGED if changed_code.has_changed(progress, step) else ""


def _begin(step: Step, state: StepState, *, held: str, changed: str) -> Offer:
    verb = VERBS[step.kind]
    sure = SURE if step.is_irreversible else MAY_BE_DONE if step.kind == "action" and state.run_key else ""
    sure = " ".join(filter(None, (sure, changed)))
    if step.kind == "action" and state.settled:
        return Offer(ask="run", words=f"{verb} once more…", question="Why is it run once more?", sure=sure)
    again = GO_ON.words if step.kind == "batch" else f"{verb} again"
    return Offer(ask="run", words=again if state.runs else verb, sure=sure, held=held)
