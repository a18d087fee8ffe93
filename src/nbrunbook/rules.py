"""Rules: what may be done now, what waits, and why. Pure; nothing here writes.

What may follow what stands in `progress.TRANSITIONS` and `progress.LIFE`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from nbrunbook import elsewhere, evidence
from nbrunbook.events import Kind
from nbrunbook.plan import Plan, Step
from nbrunbook.progress import CONFIRMATIONS, LIFE, TRANSITIONS, Progress, StepState


def gates_above(progress: Progress, step: Step) -> Sequence[Step]:
    """Return the required open steps that keep `step` behind a gate."""
    behind = progress.behind_gates[step.id]
    parents = set(_parents(progress.plan, step))
    return [each for each in behind if each.id not in parents] if parents else behind


def _parents(plan: Plan, step: Step) -> Iterable[str]:
    while step.parent:
        yield step.parent
        step = plan.by_id[step.parent]


def waits_for(progress: Progress, step: Step) -> list[str]:
    """Return what in its `after` is not settled: ids, and references to other runbooks as written."""
    waiting = []
    for reference in step.after:
        if elsewhere.reference(reference):
            settled = _settled_elsewhere(progress, reference) is not None
        else:
            settled = reference not in progress.plan.by_id or progress.of(reference).settled
        if not settled:
            waiting.append(reference)
    return waiting


def _settled_elsewhere(progress: Progress, reference: str) -> datetime | None:
    answer = progress.elsewhere.answers.get(reference)
    return answer.settled_at if answer else None


def ready_at(progress: Progress, step: Step) -> datetime | None:
    """Return when its `wait` is over; None where it has none or the clock has not started."""
    if step.wait_seconds is None:
        return None
    started = _settled_at(progress, step, else_above=True)
    return started + timedelta(seconds=step.wait_seconds) if started else None


def due_at(progress: Progress, step: Step) -> datetime | None:
    """Return when it is due; None where it has no `due` or the clock has not started."""
    if step.due_seconds is None:
        return None
    started = _settled_at(progress, step, else_above=False) if step.after else progress.created_at
    return started + timedelta(seconds=step.due_seconds) if started else None


def is_overdue(progress: Progress, step: Step, *, now: datetime) -> bool:
    """Tell whether an open step should have been settled by now."""
    due = due_at(progress, step)
    return due is not None and due <= now


def _settled_at(progress: Progress, step: Step, *, else_above: bool) -> datetime | None:
    plan = progress.plan
    ids = [reference for reference in step.after if reference in plan.by_id]
    others = [reference for reference in step.after if elsewhere.reference(reference)]
    if not ids and not others and else_above:
        above = [each for each in plan.steps[: plan.steps.index(step)] if each.applies is not False]
        ids = [each.id for each in above if each.id not in set(_parents(plan, step))][-1:]
        if not ids:
            return progress.created_at
    times = [when_settled(progress, step_id) for step_id in ids]
    times += [_settled_elsewhere(progress, reference) for reference in others]
    known = [time for time in times if time is not None]
    if len(known) < len(times):
        return None
    return max(known, default=progress.created_at)


def when_settled(progress: Progress, step_id: str) -> datetime | None:
    """Return when a step was settled, a group with its last sub-step; None while it is open.

    One that does not apply counts from the runbook's creation.
    """
    state = progress.of(step_id)
    if state.status == "not-applicable":
        return progress.created_at
    if state.by is not None:
        return state.by.at
    children = [when_settled(progress, child.id) for child in progress.plan.children.get(step_id, ())]
    known = [time for time in children if time is not None]
    return max(known) if state.settled and known else None


def span(seconds: float) -> str:
    """Return a length of time in words: 2 d 3 h, 14 min."""
    minutes = max(1, round(seconds / 60))
    days, rest = divmod(minutes, 1440)
    hours, minutes = divmod(rest, 60)
    parts = [f"{days} d" if days else "", f"{hours} h" if hours else "", f"{minutes} min" if minutes else ""]
    return " ".join([part for part in parts if part][:2])


def next_change(progress: Progress, *, now: datetime) -> datetime | None:
    """Return the next instant at which a wait ends or a step becomes overdue by itself; None for never."""
    if progress.state != "open":
        return None
    times = [
        at
        for step in progress.open_steps
        for at in (ready_at(progress, step), due_at(progress, step))
        if at and at > now
    ]
    return min(times, default=None)


def refusal(
    progress: Progress,
    kind: Kind,
    step: Step | None,
    *,
    operator: str,
    now: datetime,
    given: str = "",
    file: bool = False,
) -> str | None:
    """Return why an event may not follow now, in words, or None where it may.

    `given` is the evidence for a tick, `file` whether a file comes with it.
    `step` is None for what is about the whole runbook.
    """
    why = hindrance(progress, kind, step, now=now)
    if why or step is None or kind != "ticked":
        return why
    return _approved_by_oneself(progress, step, operator) or missing_evidence(progress, step, given=given, file=file)


def hindrance(progress: Progress, kind: Kind, step: Step | None, *, now: datetime) -> str | None:
    """Return why nobody may do it now, whatever they give, in words; None where somebody may.

    What is offered to everybody is what nothing hinders.
    """
    if step is None:
        return _life_refusal(progress, kind)
    if progress.state != "open" and not (kind == "noted" and progress.state == "signed_off"):
        return f"the runbook is {progress.state.replace('_', ' ')}; reopen it first"
    state = progress.of(step.id)
    if step.applies is False:
        return f"it does not apply here ({step.when})"
    if step.is_group and kind != "noted":
        return "it is a group: it is settled when its sub-steps are"
    if (state.status, kind) in CONFIRMATIONS and state.reworded:
        return _unsettled_below(progress, step) if kind == "ticked" else None
    if (state.status, kind) not in TRANSITIONS:
        return _wrong_status(state, kind)
    if kind == "ticked":
        return _tick_hindrance(progress, step, now=now)
    if kind in ("unticked", "unskipped"):
        return _undo_refusal(progress, step, kind)
    if kind == "approved" and "approval" not in step.flags:
        return "it needs no approval"
    return None


def _wrong_status(state: StepState, kind: str) -> str:
    if state.by is not None:
        verb = "done" if state.status == "done" else "skipped"
        where = f" in {state.where}" if state.where else ""
        return f"already {verb} by {state.by.operator}, {clock(state.by.at)}{where}"
    return f"it is {state.status}, so it cannot be {kind}"


def clock(at: datetime) -> str:
    """Return an instant as operators read it: 22 Nov 14:02 UTC."""
    return f"{at.day} {at:%b %H:%M} UTC"


def add_refusal(progress: Progress, after: str | None) -> str | None:
    """Return why a step may not be added behind another one now; None where it may."""
    if progress.state != "open":
        return f"the runbook is {progress.state.replace('_', ' ')}; reopen it first"
    if after is None:
        return "the runbook has no steps that it could follow"
    return _under_done(progress, progress.plan.by_id[after])


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


def tick_refusal(
    progress: Progress, step: Step, *, operator: str, now: datetime, given: str = "", file: bool = False
) -> str | None:
    """Return why an open step may not be ticked now; None where it may."""
    return (
        _tick_hindrance(progress, step, now=now)
        or _approved_by_oneself(progress, step, operator)
        or missing_evidence(progress, step, given=given, file=file)
    )


def _tick_hindrance(progress: Progress, step: Step, *, now: datetime) -> str | None:
    blocked = blocked_by(progress, step, now=now)
    if blocked:
        return blocked.words
    if "approval" in step.flags and progress.of(step.id).approved is None:
        return "a second operator has to approve it first"
    return None


def _approved_by_oneself(progress: Progress, step: Step, operator: str) -> str | None:
    """Who approved a step does not do it; confirming one that is done is no doing."""
    state = progress.of(step.id)
    own = "approval" in step.flags and state.approved is not None and state.approved.operator == operator
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


@dataclass(frozen=True, kw_only=True)
class Blocked:
    """What a step waits for."""

    why: str
    until: datetime | None = None
    """Where only time is missing."""
    left: str = ""
    """How long that still is."""

    @property
    def words(self) -> str:
        """Why, and how long that still is."""
        return f"{self.why} (another {self.left})" if self.left else self.why


def blocked_by(progress: Progress, step: Step, *, now: datetime) -> Blocked | None:
    """Return what a step waits for, whoever wants to do it; None where its turn has come."""
    why = _behind_others(progress, step)
    if why:
        return Blocked(why=why)
    if step.wait_seconds is None:
        return None
    ready = ready_at(progress, step)
    if ready is None:
        return Blocked(why=f"it waits {span(step.wait_seconds)} from when the step above is settled")
    if ready <= now:
        return None
    return Blocked(why=f"it waits until {clock(ready)}", until=ready, left=span((ready - now).total_seconds()))


def _behind_others(progress: Progress, step: Step) -> str | None:
    unsettled = _unsettled_below(progress, step)
    if unsettled:
        return unsettled
    gated = gates_above(progress, step)
    if gated:
        more = f" and {len(gated) - 1} more" if len(gated) > 1 else ""
        return f"behind a gate: first settle “{progress.title(gated[0])[:60]}”{more}"
    waiting = waits_for(progress, step)
    if waiting:
        by_id = progress.plan.by_id
        names = [
            f"“{progress.title(by_id[each])}”" if each in by_id else _asked_for(progress, each) for each in waiting
        ]
        return f"it comes after {', '.join(names)}"
    return None


def _name(progress: Progress, step: Step) -> str:
    return f"“{progress.title(step)}”"


def _asked_for(progress: Progress, reference: str) -> str:
    answer = progress.elsewhere.answers.get(reference)
    return ", ".join(answer.waiting) if answer else reference


def _titles(progress: Progress, steps: list[Step]) -> str:
    shown = ", ".join(f"“{progress.title(step)[:60]}”" for step in steps[:3])
    return f"{shown} and {len(steps) - 3} more" if len(steps) > 3 else shown


def _unsettled_below(progress: Progress, step: Step) -> str | None:
    open_below = _open_below(progress, step)
    return f"its sub-steps are not settled yet: {_titles(progress, open_below)}" if open_below else None


def _open_below(progress: Progress, step: Step) -> list[Step]:
    return [child for child in progress.plan.children.get(step.id, ()) if not progress.of(child.id).settled]


def _undo_refusal(progress: Progress, step: Step, kind: str) -> str | None:
    where = progress.of(step.id).where
    if where:
        return f"it was settled in {where}, once for the whole group; undo it there"
    if kind == "unticked" and "irreversible" in step.flags:
        return "it cannot be undone; write a note on what happens next"
    return _under_done(progress, step)


def _under_done(progress: Progress, step: Step) -> str | None:
    done = [
        parent
        for parent in _parents(progress.plan, step)
        if not progress.plan.by_id[parent].is_group and progress.of(parent).status == "done"
    ]
    if done:
        return f"“{progress.plan.by_id[done[0]].title}” above it is done; undo that first"
    return None


def _life_refusal(progress: Progress, kind: Kind) -> str | None:
    if (progress.state, kind) not in LIFE:
        if kind == "signed_off" and progress.signed_off:
            by = progress.signed_off
            return f"already signed off by {by.operator}, {clock(by.at)}"
        state = progress.state.replace("_", " ")
        first = "; reopen it first" if kind == "abandoned" and progress.state == "signed_off" else ""
        return f"the runbook is {state}, so it cannot be {kind.replace('_', ' ')}{first}"
    if kind == "reopened" and not progress.plan.steps:
        return "it has no steps to work on: 'nbrunbook instantiate TEMPLATE -e ENVIRONMENT --again' makes a runbook"
    return _unfinished(progress) if kind == "signed_off" else None


def _unfinished(progress: Progress) -> str | None:
    """What has to be done before the sign-off, all of it at once."""
    left, unconfirmed = list(progress.required_open), list(progress.unconfirmed_required)
    found = [f"{len(left)} required open: {_titles(progress, left)}"] if left else []
    found += [f"reworded since done, and not confirmed: {_titles(progress, unconfirmed)}"] if unconfirmed else []
    return "; ".join(found) or None
