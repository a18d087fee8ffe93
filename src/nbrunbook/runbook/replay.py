"""Replaying: what a plan's progress becomes with each event. Pure; linear in the number of events."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from nbrunbook.errors import UnknownPlanError
from nbrunbook.runbook import other_answers, redactions
from nbrunbook.runbook.events import CONTROLS, ENDS, NOT_PASSED, PASSED, TOLD, Event
from nbrunbook.runbook.past_runs import is_word
from nbrunbook.runbook.plan import Plan, Step, with_step
from nbrunbook.runbook.progress import Added, Progress, Version
from nbrunbook.runbook.status import BATCHES, CONFIRMATIONS, LIFE, OPEN, REDACTED, RUNS, TRANSITIONS, StepState
from nbrunbook.runbook.waiting import parents_of

Plans = Mapping[str, Plan]
"""Plans by their digests."""
NO_PLANS: Plans = {}


def start(plan: Plan) -> Progress:
    """Return the progress of a runbook before its first event."""
    return Progress(plan=plan, versions=(Version(plan=plan),))


OF_SECTIONS = ("opened", "closed")
"""Kinds whose `step` is a section, which may be called as a step is."""
WORK = ("taken", "ticked", "skipped", "approved", "started")
"""Kinds of a step with which the work on a runbook may begin."""


def apply_all(progress: Progress, events: Iterable[Event], plans: Plans = NO_PLANS) -> Progress:
    """Return the progress after some events, in order; linear in their number, itself after none.

    `plans` holds the plans of the revisions among them, by their digests: UnknownPlanError where one is missing.
    """
    events = redactions.restored(list(events))
    if not events:
        return progress
    steps = dict(progress.steps)
    progress = replace(progress, places={**progress.places, **_places(events)})
    for event in events:
        step = progress.plan.by_id.get(event.step)
        if event.kind == "revised":
            progress = _revised(progress, event, plans)
        elif event.kind in OF_SECTIONS or (step is None and (not event.step or event.kind == "added")):
            progress = _life_after(progress, event)
            if event.kind == "reopened":
                steps = _known_again(replace(progress, steps=steps))
        elif step is not None and step.applies is not False:
            if event.kind in CONTROLS or event.kind in TOLD:
                steps[step.id] = _controlled(progress, step, steps.get(step.id, OPEN), event)
            elif event.kind == "started" or event.kind in ENDS:
                steps[step.id] = _after_run(replace(progress, steps=steps), step, steps.get(step.id, OPEN), event)
            else:
                steps[step.id] = _after(progress, step, steps.get(step.id, OPEN), event)
            if progress.began is None and event.kind in WORK:
                progress = replace(progress, began=event)
    return replace(progress, steps=steps, seq=events[-1].seq)


def _places(events: Iterable[Event]) -> dict[str, str]:
    """Where redacted steps stand: the `redacted` says it, since it is blanked where it was said."""
    said = [event.data for event in events if event.kind == "redacted"]
    return {data["seq"].split()[-1]: data["after"] for data in said if data.get("seq") and "after" in data}


def _after(progress: Progress, step: Step, state: StepState, event: Event) -> StepState:
    if state.run is not None and event.kind == "ticked":  # the operator's word that it ran
        state = replace(state, run=None, run_key="")
    if state.run is not None and event.kind != "noted":
        return state
    if (state.status, event.kind) in CONFIRMATIONS:
        reworded = progress.as_worded(step.id, state).reworded
        return replace(state, confirmed=event) if reworded else state
    status = TRANSITIONS.get((state.status, event.kind))
    if status is None:
        return state
    if event.kind in ("ticked", "skipped"):
        return replace(state, status=status, by=event, reopened=None)
    if event.kind in ("unticked", "unskipped"):
        return replace(state, status=status, by=None, confirmed=None, approved=None, taken=None, reopened=event)
    if event.kind == "approved":
        return replace(state, approved=event)
    if event.kind == "taken":
        return replace(state, taken=None if let_go(event) else event)
    return replace(state, notes=state.notes.followed_by(event))


def _controlled(progress: Progress, step: Step, state: StepState, event: Event) -> StepState:
    """What a run tells of itself changes nothing."""
    if progress.state != "open" or step.kind != "batch" or (state.status, event.kind) not in BATCHES:
        return state
    if event.kind == "resized":
        return replace(state, resized=event)
    return replace(state, paused=event if event.kind == "paused" else None) if event.kind in CONTROLS else state


def _after_run(progress: Progress, step: Step, state: StepState, event: Event) -> StepState:
    if progress.state != "open":  # what was signed off stays as it is: it is only told
        tells = step.kind == "check" and event.kind in ENDS and progress.state == "signed_off"
        return replace(state, since=event) if tells else state
    if (state.status, event.kind) not in RUNS or step.automation is None:
        return state
    if event.kind == "started":
        is_free = state.run is None
        key = event.fact("key")
        return replace(state, run=event, runs=state.runs + 1, run_key=key) if is_free else state
    if state.run is None:
        has_looked = step.kind == "check" and (state.settled or state.last is not None)
        return _came_out(progress, step, replace(state, runs=state.runs + 1), event) if has_looked else state
    return _came_out(progress, step, state, event)


def _came_out(progress: Progress, step: Step, state: StepState, event: Event) -> StepState:
    status, passed_before = RUNS[state.status, event.kind], has_passed(state)
    key = state.run_key if is_end_unknown(event) else ""
    failures = state.failures + (event.kind in NOT_PASSED)
    state = replace(state, run=None, last=event, since=None, failures=failures, run_key=key)
    if event.kind in PASSED:
        state = replace(state, paused=None, resized=None)
        if not state.settled:
            return replace(state, status=status, by=event, reopened=None)
        return replace(state, confirmed=event) if progress.as_worded(step.id, state).reworded else state
    if status == state.status or _is_under_done(progress, step) or not (passed_before or step.kind == "action"):
        return state
    return replace(state, status=status, by=None, confirmed=None, approved=None, taken=None, reopened=event)


def has_passed(state: StepState) -> bool:
    """Tell whether a function has said that a step is done, as far as is known: what an operator says is no result."""
    return any(each is not None and each.kind in PASSED for each in (state.by, state.last))


def _known_again(progress: Progress) -> dict[str, StepState]:
    """The steps of a runbook that is open again: what checks came to since the sign-off holds for them now."""
    found = dict(progress.steps)
    for step in progress.plan.steps:
        state = found.get(step.id, OPEN)
        if state.since and (state.status, state.since.kind) in RUNS:
            state = replace(state, runs=state.runs + 1)
            found[step.id] = _came_out(replace(progress, steps=found), step, state, state.since)  # type: ignore[arg-type]
    return found


def is_end_unknown(event: Event) -> bool:
    """Tell whether what came out of a run leaves open how far it got."""
    return event.kind in ("undecided", "stopped") and not is_word(event)


def _is_under_done(progress: Progress, step: Step) -> bool:
    above = [progress.plan.by_id[each] for each in parents_of(progress.plan, step)]
    return any(not each.is_group and progress.steps.get(each.id, OPEN).status == "done" for each in above)


def _revised(progress: Progress, event: Event, plans: Plans) -> Progress:
    """Bring another plan into force; what operators did and added stays, by the ids of the steps."""
    if (progress.state, event.kind) not in LIFE or "plan" not in event.data:
        return progress
    plan = plans.get(event.data["plan"])
    if plan is None:
        raise UnknownPlanError(event.data["plan"])
    versions = (*progress.versions, Version(plan=plan, event=event))
    return with_additions(replace(progress, plan=plan, added={}, versions=versions))


def with_additions(progress: Progress) -> Progress:
    """Put the steps that operators added into a plan that is as it was read from a template."""
    for addition in progress.additions:
        progress = _put_in(progress, addition)
    return progress


def let_go(event: Event) -> bool:
    """Tell whether a `taken` says that nobody is busy with a step any more: only that kind bears data."""
    return bool(event.data_digest)


def added_after(progress: Progress, asked: str) -> str | None:
    """Return the step that an added one stands behind: the one asked for, else the last of the main line.

    None where there is no step at all.
    """
    plan = progress.plan
    if asked in plan.by_id:
        return asked
    top = [step.id for step in plan.steps if step.parent is None]
    line = [step_id for step_id in top if plan.section(plan.by_id[step_id].section).closed_by is None]
    return next(reversed(line or top), None)


def _put_in(progress: Progress, event: Event) -> Progress:
    after = added_after(progress, event.data.get("after") or progress.places.get(str(event.seq), ""))
    if after is None or not event.step or event.step in progress.plan.by_id:
        return progress
    title = REDACTED if event.redacted else event.data.get("title", "")
    plan = with_step(progress.plan, event.step, title, after=after)
    behind = progress.added[after].behind if after in progress.added else after
    return replace(progress, plan=plan, added={**progress.added, event.step: Added(event=event, behind=behind)})


def _kept_again(progress: Progress, event: Event) -> Progress:
    """Go on with what the sign-off in force had kept of others, where that sign-off was blanked."""
    target, signed = event.data.get("seq", "").split(), progress.signed_off
    again = other_answers.from_kept(event.data.get("elsewhere", ""))
    return replace(progress, kept=again) if again and signed and target and target[-1] == str(signed.seq) else progress


def _life_after(progress: Progress, event: Event) -> Progress:
    state = LIFE.get((progress.state, event.kind))
    if state is None or (event.step and event.kind not in (*OF_SECTIONS, "added")):
        return progress  # a step that a revision has taken away is nothing about the whole runbook
    progress = replace(progress, state=state)
    if event.kind == "added":
        return _put_in(replace(progress, additions=(*progress.additions, event)), event)
    if event.kind in OF_SECTIONS:
        if event.step:
            opened = progress.opened_sections - {event.step} | ({event.step} if event.kind == "opened" else set())
            return replace(progress, opened_sections=opened, sections={**progress.sections, event.step: event})
        return replace(progress, created_at=progress.created_at or event.at)
    if event.kind == "noted":
        return replace(progress, notes=progress.notes.followed_by(event))
    if event.kind == "signed_off":
        kept = other_answers.from_kept(event.data.get("elsewhere", ""))
        return replace(progress, signed_off=event, kept=kept)
    if event.kind == "redacted":
        return _kept_again(progress, event)
    if event.kind == "archived":
        return replace(progress, archived=event)
    if event.kind == "reopened":
        return replace(progress, signed_off=None, ended=None, archived=None, kept={})
    if event.kind in ("abandoned", "skipped"):
        return replace(progress, ended=event)
    return progress
