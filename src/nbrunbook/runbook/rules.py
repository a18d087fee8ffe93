"""Rules: what may be done now, what waits, and why. Pure; nothing here writes.

What may follow what stands in `status.TRANSITIONS` and `status.LIFE`.
"""

from __future__ import annotations

from nbrunbook.runbook import evidence
from nbrunbook.runbook.attempt import Attempt
from nbrunbook.runbook.events import CONTROLS, ENDS, Kind
from nbrunbook.runbook.plan import Plan, Step
from nbrunbook.runbook.progress import Progress
from nbrunbook.runbook.running import heard_of
from nbrunbook.runbook.status import BATCHES, CONFIRMATIONS, LIFE, RUNS, TRANSITIONS, StepState
from nbrunbook.runbook.times import Clock
from nbrunbook.runbook.waiting import blocked_by, parents_of, quoted_titles, unsettled_below
from nbrunbook.texts import short


def refusal(progress: Progress, attempt: Attempt) -> str | None:
    """Return why an event may not follow now, in words, or None where it may."""
    kind, step = attempt.kind, attempt.step
    if kind == "approved" and attempt.verified_approvals and attempt.operator.known != "verified":
        return f"{attempt.operator.name} is only declared, and here only verified operators approve"
    why = hindrance(progress, kind, step, attempt.clock)
    if why is None and step is not None and kind == "approved":
        return _approved_before(progress, step, attempt)
    if why or step is None or kind not in ("ticked", "started"):
        return why
    own = _approved_by_oneself(progress, step, attempt.operator.name)
    if kind == "started":
        return own or _once_more(progress, step, attempt)
    if step.automation and not attempt.reason and not progress.of(step.id).settled:
        return own or "the machine does it: done by hand, it wants a reason"
    return own or missing_evidence(progress, step, given=attempt.evidence, file=attempt.file)


def hindrance(progress: Progress, kind: Kind, step: Step | None, clock: Clock) -> str | None:
    """Return why nobody may do it now, whatever they give, in words; None where somebody may.

    What is offered to everybody is what nothing hinders.
    """
    if step is None:
        return _signed_off_before(progress, kind, clock) or _life_refusal(progress, kind)
    if progress.state != "open" and not (kind == "noted" and progress.state == "signed_off"):
        return closed_words(progress)
    state = progress.of(step.id)
    if step.applies is False:
        return f"it does not apply here ({step.when})"
    if step.is_group and kind != "noted":
        return "it is a group: it is settled when its sub-steps are"
    if kind in CONTROLS:
        return _control_hindrance(step, state, kind, clock)
    if state.run is not None and kind != "noted":
        return running_words(progress, state, clock)
    if kind == "started" or kind in ENDS:
        return _run_hindrance(progress, step, kind, clock)
    if (state.status, kind) in CONFIRMATIONS and state.reworded:
        return unsettled_below(progress, step) if kind == "ticked" else None
    if (state.status, kind) not in TRANSITIONS:
        return _wrong_status(state, kind, clock)
    if kind == "ticked":
        return _tick_hindrance(progress, step, clock)
    if kind in ("unticked", "unskipped"):
        return _undo_refusal(progress, step, kind)
    if kind == "approved" and not step.needs_approval:
        return "it needs no approval"
    return None


def running_words(progress: Progress, state: StepState, clock: Clock) -> str:
    """Return who began the run that goes on, and when, and where nobody knows whether it does."""
    if state.run is None:
        return ""
    heard = heard_of(progress, state)
    it_runs = "nobody knows whether it runs" if heard and heard.is_unknown else "it runs"
    return f"{it_runs}, started by {state.run.operator}, {clock(state.run.at)}"


def end_refusal(progress: Progress, step_id: str, run: str) -> str | None:
    """Return why nothing may be said of how a run ended; None while it is the step's, also where a revision came."""
    state = progress.steps.get(step_id)
    return None if state and state.run and state.run.id == run else "that run is not the step's any more"


def _run_hindrance(progress: Progress, step: Step, kind: Kind, clock: Clock) -> str | None:
    state = progress.of(step.id)
    if step.automation is None:
        return "it is done by a person"
    if kind != "started":
        return "no run of it goes on"
    if state.where or (state.status, kind) not in RUNS:
        return _wrong_status(state, kind, clock)
    return None if state.settled else _tick_hindrance(progress, step, clock)


def _control_hindrance(step: Step, state: StepState, kind: Kind, clock: Clock) -> str | None:
    """What is said of a batch holds for the run that goes on, else for the next one."""
    if step.kind != "batch":
        return "it is no batch"
    if (state.status, kind) not in BATCHES:
        return _wrong_status(state, kind, clock)
    if kind == "paused" and state.paused:
        return f"already {paused_words(state, clock)}"
    return "nobody has paused it" if kind == "resumed" and not state.paused else None


def paused_words(state: StepState, clock: Clock) -> str:
    """Return who has paused a batch, and when; empty while nobody has."""
    return f"paused by {state.paused.operator}, {clock(state.paused.at)}" if state.paused else ""


def _once_more(progress: Progress, step: Step, attempt: Attempt) -> str | None:
    """An action runs once, and once more by force; a batch that is done has nothing to do; a check may look again."""
    state = progress.of(step.id)
    if step.kind == "check" or not state.settled:
        return None
    if step.kind == "batch" or not attempt.forced:
        return _wrong_status(state, attempt.kind, attempt.clock)
    return None if attempt.reason else "a reason is asked for to run it once more"


def _wrong_status(state: StepState, kind: str, clock: Clock) -> str:
    if state.by is not None:
        verb = "done" if state.status == "done" else "skipped"
        where = f" in {state.where}" if state.where else ""
        return f"already {verb} by {state.by.operator}, {clock(state.by.at)}{where}"
    return f"it is {state.status}, so it cannot be {kind}"


def skipped_words(state: StepState, clock: Clock) -> str | None:
    """Return who skipped a step, and when; None where nobody did."""
    return _wrong_status(state, "started", clock) if state.status == "skipped" else None


def closed_words(progress: Progress) -> str:
    """Return why nothing changes in a closed runbook; one without steps is not opened again."""
    first = "; reopen it first" if progress.plan.steps else ""
    return f"the runbook is {progress.state.replace('_', ' ')}{first}"


def add_refusal(progress: Progress, after: str | None) -> str | None:
    """Return why a step may not be added behind another one now; None where it may."""
    if progress.state != "open":
        return closed_words(progress)
    if after is None:
        return "the runbook has no steps that it could follow"
    return _under_done(progress, progress.plan.by_id[after])


def close_refusal(progress: Progress, section_id: str) -> str | None:
    """Return why an `.if-needed` section may not be closed again now; None where it may."""
    why = _life_refusal(progress, "closed")
    if why is None and section_id not in progress.opened_sections:
        return "it is not open"
    within = (step for step in progress.plan.steps if progress.plan.section(step.section).closed_by == section_id)
    for step in within if why is None else ():
        state = progress.of(step.id)
        if state.by is not None and not state.where:
            return f"“{short(progress.title(step))}” in it is {state.status}; undo that first"
    return why


def revise_refusal(progress: Progress, made: Plan, shown: Plan) -> str | None:
    """Return why a plan may not come into force in place of the one that was shown; None where it may."""
    why = _life_refusal(progress, "revised")
    last = progress.versions[-1]
    if why is None and last.plan.digest != shown.digest:
        by = f" by {last.event.operator}" if last.event else ""
        return f"it was revised{by} meanwhile; look at the difference again"
    if why is None and made.digest == shown.digest:
        return "its steps are as they are in the template"
    return why


def _tick_hindrance(progress: Progress, step: Step, clock: Clock) -> str | None:
    blocked = blocked_by(progress, step, now=clock.now)
    if blocked:
        return blocked.all_words(clock)
    if step.needs_approval and progress.of(step.id).approved is None:
        return "a second operator has to approve it first"
    return None


def _approved_before(progress: Progress, step: Step, attempt: Attempt) -> str | None:
    """One person's approval is one event; another person may approve it too."""
    approved = progress.of(step.id).approved
    if approved is None or approved.operator != attempt.operator.name:
        return None
    return f"already approved by {approved.operator}, {attempt.clock(approved.at)}"


def _approved_by_oneself(progress: Progress, step: Step, operator: str) -> str | None:
    """Who approved a step does not do it; confirming one that is done is no doing."""
    state = progress.of(step.id)
    own = step.needs_approval and state.approved is not None and state.approved.operator == operator
    return f"{operator} approved it, so somebody else has to do it" if own and not state.settled else None


def missing_evidence(progress: Progress, step: Step, *, given: str = "", file: bool = False) -> str | None:
    """Return why what comes with a tick is not what the step asks for; None where it is, or nothing is asked for.

    What was given before counts for a step that is done and reworded.
    """
    state = progress.of(step.id)
    if not step.evidence:
        return None
    kept = given or state.evidence or ""
    return evidence.fault(step.evidence, kept, file=file or (not given and state.file is not None))


def _undo_refusal(progress: Progress, step: Step, kind: str) -> str | None:
    where = progress.of(step.id).where
    if where:
        return f"it was settled in {where}, once for the whole group; undo it there"
    if kind == "unticked" and step.is_irreversible:
        return "it cannot be undone; write a note on what happens next"
    return _under_done(progress, step)


def _under_done(progress: Progress, step: Step) -> str | None:
    done = [
        parent
        for parent in parents_of(progress.plan, step)
        if not progress.plan.by_id[parent].is_group and progress.of(parent).status == "done"
    ]
    if done:
        return f"“{progress.plan.by_id[done[0]].title}” above it is done; undo that first"
    return None


def _signed_off_before(progress: Progress, kind: Kind, clock: Clock) -> str | None:
    by = progress.signed_off
    if by is None or kind != "signed_off" or (progress.state, kind) in LIFE:
        return None
    return f"already signed off by {by.operator}, {clock(by.at)}"


def _life_refusal(progress: Progress, kind: Kind) -> str | None:
    if (progress.state, kind) not in LIFE:
        state = progress.state.replace("_", " ")
        first = "; reopen it first" if kind == "abandoned" and progress.state == "signed_off" else ""
        return f"the runbook is {state}, so it cannot be {kind.replace('_', ' ')}{first}"
    if kind in ("signed_off", "abandoned", "skipped", "revised") and progress.running:
        return f"the machine is at {quoted_titles(progress, progress.running)}: wait for it, or stop it"
    if kind == "reopened" and not progress.plan.steps:
        return "it has no steps to work on: 'nbrunbook instantiate TEMPLATE -e ENVIRONMENT --again' makes a runbook"
    return _unfinished(progress) if kind == "signed_off" else None


def _unfinished(progress: Progress) -> str | None:
    """What has to be done before the sign-off, all of it at once."""
    left, unconfirmed = list(progress.required_open), list(progress.unconfirmed_required)
    found = [f"{len(left)} required open: {quoted_titles(progress, left)}"] if left else []
    found += [f"reworded since done, and not confirmed: {quoted_titles(progress, unconfirmed)}"] if unconfirmed else []
    return "; ".join(found) or None
