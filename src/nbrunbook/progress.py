"""Progress: what a plan and its events say together. Pure rules; nothing here writes.

What may follow what is in TRANSITIONS (steps) and LIFE (runbooks);
`refusal` says why something may not be done now.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import Literal

from nbrunbook import evidence
from nbrunbook.events import Event, Kind
from nbrunbook.markdown import fill_text
from nbrunbook.plan import Plan, Step, with_step

Status = Literal["open", "done", "skipped", "not-applicable"]

STATUSES: Mapping[Status, str] = {
    "open": "nobody has settled it",
    "done": "an operator says that it was done",
    "skipped": "an operator says why it is not done",
    "not-applicable": "its `when` left it out when the runbook was made",
}

TRANSITIONS: Mapping[tuple[Status, str], Status] = {
    ("open", "ticked"): "done",  # the operator did it
    ("done", "unticked"): "open",  # it was a mistake, or has to be done again
    ("open", "skipped"): "skipped",  # it is not going to be done, and this is why
    ("skipped", "unskipped"): "open",  # it is going to be done after all
    ("open", "approved"): "open",  # a second operator allows it
    ("open", "taken"): "open",  # an operator is busy with it, or no longer
    ("open", "noted"): "open",  # a remark changes nothing
    ("done", "noted"): "done",  # a remark changes nothing
    ("skipped", "noted"): "skipped",  # a remark changes nothing
}

State = Literal["open", "signed_off", "abandoned", "skipped"]

STATES: Mapping[State, str] = {
    "open": "operators may work on it",
    "signed_off": "an operator has said that it is complete; nothing changes any more",
    "abandoned": "nobody is going to complete it",
    "skipped": "the release never went there, and somebody said why",
}

LIFE: Mapping[tuple[State, str], State] = {
    ("open", "noted"): "open",  # the handover line
    ("open", "opened"): "open",  # the runbook itself, or an `.if-needed` section
    ("open", "added"): "open",  # a step that nobody foresaw
    ("open", "signed_off"): "signed_off",  # all that is required is settled
    ("signed_off", "reopened"): "open",  # something was missing after all
    ("signed_off", "archived"): "signed_off",  # its record was written
    ("signed_off", "noted"): "signed_off",  # a remark changes nothing
    ("open", "abandoned"): "abandoned",  # it was rolled back, or made by mistake
    ("abandoned", "reopened"): "open",  # it is going to be completed after all
    ("open", "skipped"): "skipped",  # the release never goes there, and this is why
    ("skipped", "reopened"): "open",  # it went there after all
}


@dataclass(frozen=True, kw_only=True)
class StepState:
    """Where one step stands."""

    status: Status = "open"
    by: Event | None = None
    """The event that settled it."""
    approved: Event | None = None
    taken: Event | None = None
    """Who is busy with it; None for nobody."""
    notes: tuple[Event, ...] = ()
    reopened: Event | None = None
    """The event that last unticked or unskipped it, while it is open."""

    @property
    def settled(self) -> bool:
        """Whether nothing is left to do."""
        return self.status != "open"

    @property
    def evidence(self) -> str | None:
        """What was given as evidence when it was done; None where nothing was."""
        return self.by.data.get("evidence") if self.by and self.status == "done" else None

    @property
    def given(self) -> str | None:
        """The evidence in words: for a file alone its name."""
        return self.evidence or (self.file.data.get("name") if self.file else None)

    @property
    def file(self) -> Event | None:
        """The event with the file that was given as evidence; None where there is none."""
        return self.by if self.by and self.status == "done" and self.by.data.get("file") else None


OPEN = StepState()


@dataclass(frozen=True, kw_only=True)
class Added:
    """A step that an operator put in."""

    event: Event
    behind: str
    """The step of the template behind which it is drawn."""


@dataclass(frozen=True, kw_only=True)
class Progress:
    """A plan's steps as its events leave them."""

    plan: Plan
    state: State = "open"
    steps: Mapping[str, StepState] = field(default_factory=dict)
    created_at: datetime | None = None
    """When the runbook was made; None before its `opened`."""
    opened_sections: frozenset[str] = frozenset()
    signed_off: Event | None = None
    archived: Event | None = None
    notes: tuple[Event, ...] = ()
    """Notes on the runbook itself; the last one is the handover line."""
    added: Mapping[str, Added] = field(default_factory=dict)
    """By the ids of the steps that operators added; `plan` holds them too."""
    seq: int = 0
    """How many events it was made from."""

    def of(self, step_id: str) -> StepState:
        """Return where a step stands; groups follow their sub-steps."""
        step = self.plan.by_id[step_id]
        if step.is_group or step.applies is False:
            return self._states[step_id]
        return self.steps.get(step_id, OPEN)

    @cached_property
    def _states(self) -> Mapping[str, StepState]:
        found: dict[str, StepState] = {}
        for step in reversed(self.plan.steps):
            state = self.steps.get(step.id, OPEN)
            if step.applies is False:
                state = replace(state, status="not-applicable")
            elif step.is_group:
                below = [found[child.id] for child in self.plan.children.get(step.id, ())]
                state = replace(_group_state(below), notes=state.notes)
            found[step.id] = state
        return found

    def closed(self, step: Step) -> bool:
        """Whether it stands in an `.if-needed` section that nobody has opened."""
        closed_by = self._closed_by[step.section]
        return closed_by is not None and closed_by not in self.opened_sections

    @cached_property
    def _closed_by(self) -> Mapping[str, str | None]:
        return {section.id: section.closed_by for section in self.plan.sections}

    @cached_property
    def counted(self) -> tuple[Step, ...]:
        """The steps that have a box here: they apply, are no groups, and are not closed away."""
        return tuple(
            step
            for step in self.plan.steps
            if step.applies is not False and not step.is_group and not self.closed(step)
        )

    @cached_property
    def settled(self) -> int:
        """How many counted steps are settled."""
        return sum(self.of(step.id).settled for step in self.counted)

    @cached_property
    def total(self) -> int:
        """How many steps count."""
        return len(self.counted)

    @cached_property
    def skipped(self) -> int:
        """How many counted steps were skipped."""
        return sum(self.of(step.id).status == "skipped" for step in self.counted)

    @cached_property
    def open_steps(self) -> tuple[Step, ...]:
        """The counted steps that nobody has settled."""
        return tuple(step for step in self.counted if not self.of(step.id).settled)

    @cached_property
    def required_open(self) -> tuple[Step, ...]:
        """The steps that still keep it from being signed off."""
        return tuple(step for step in self.open_steps if "optional" not in step.flags)

    @cached_property
    def behind_gates(self) -> Mapping[str, tuple[Step, ...]]:
        """For every step, the open steps above the gates that it stands behind."""
        if not self.plan.gated:
            return dict.fromkeys(self.plan.by_id, ())
        needed = {step.id for step in self.required_open}
        plan, found = self.plan, {}
        above: list[Step] = []
        at_heading: tuple[Step, ...] = ()
        gates: tuple[Step, ...] = ()
        for section in plan.sections:
            in_force = section.closed_by is None or section.closed_by in self.opened_sections
            at_heading = tuple(above) if "gate" in section.flags and in_force else at_heading
            for step in plan.by_section.get(section.id, ()):
                open_gates = [gate for gate in gates if step.id not in plan.below(gate.id)]
                found[step.id] = tuple(dict.fromkeys([*at_heading, *open_gates])) if open_gates else at_heading
                if section.closed_by is not None:
                    found[step.id] = tuple(each for each in found[step.id] if self._stands_in(each, section.closed_by))
                if step.id in needed:
                    above.append(step)
                waits = in_force and step.applies is not False and not self.of(step.id).settled
                if "gate" in step.flags and waits:
                    gates = (*gates, step)
        return found

    def _stands_in(self, step: Step, closed_by: str) -> bool:
        """Whether a step belongs to an `.if-needed` section: no gate outside holds back a way back."""
        return self._closed_by[step.section] == closed_by

    @cached_property
    def added_behind(self) -> Mapping[str, tuple[str, ...]]:
        """The ids of the added steps, in order, by the step of the template that they stand behind."""
        found: dict[str, tuple[str, ...]] = {}
        for step_id in [step.id for step in self.plan.steps if step.id in self.added] if self.added else ():
            behind = self.added[step_id].behind
            found[behind] = (*found.get(behind, ()), step_id)
        return found

    def evidence_by_name(self) -> dict[str, str]:
        """Return the evidence that is known so far, by its `as` names."""
        found = {step.as_: self.of(step.id).given for step in self.plan.steps if step.as_}
        return {name: evidence for name, evidence in found.items() if evidence}

    def title(self, step: Step) -> str:
        """Return a step's title with the evidence that is known by now put in."""
        if "{{" not in step.title or step.id in self.added:
            return step.title
        not_yet = {other.as_: f"(from {other.title})" for other in self.plan.steps if other.as_}
        return fill_text(step.title, {**not_yet, **self.evidence_by_name()})

    def summary(self) -> str:
        """Return the progress in words: 7 of 9 done, 1 skipped."""
        done = self.settled - self.skipped
        skipped = f", {self.skipped} skipped" if self.skipped else ""
        return f"{done} of {self.total} done{skipped}"


def _group_state(children: Iterable[StepState]) -> StepState:
    states = list(children)
    if all(state.status == "not-applicable" for state in states):
        return StepState(status="not-applicable")
    if not all(state.settled for state in states):
        return StepState()
    done = any(state.status == "done" for state in states)
    return StepState(status="done" if done else "skipped")


def start(plan: Plan) -> Progress:
    """Return the progress of a runbook before its first event."""
    return Progress(plan=plan)


def apply_all(progress: Progress, events: Iterable[Event]) -> Progress:
    """Return the progress after some events, in order; linear in their number, itself after none."""
    events = list(events)
    if not events:
        return progress
    steps = dict(progress.steps)
    for event in events:
        step = progress.plan.by_id.get(event.step)
        if step is None:
            progress = _life_after(progress, event)
        elif step.applies is not False:
            steps[step.id] = _after(steps.get(step.id, StepState()), event)
        progress = replace(progress, seq=event.seq)
    return replace(progress, steps=steps)


def _after(state: StepState, event: Event) -> StepState:
    status = TRANSITIONS.get((state.status, event.kind))
    if status is None:
        return state
    if event.kind in ("ticked", "skipped"):
        return replace(state, status=status, by=event, reopened=None)
    if event.kind in ("unticked", "unskipped"):
        return replace(state, status=status, by=None, approved=None, taken=None, reopened=event)
    if event.kind == "approved":
        return replace(state, approved=event)
    if event.kind == "taken":
        return replace(state, taken=None if let_go(event) else event)
    return replace(state, notes=(*state.notes, event))


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


def _with_added(progress: Progress, event: Event) -> Progress:
    after = added_after(progress, event.data.get("after", ""))
    if after is None or not event.step or event.step in progress.plan.by_id:
        return progress
    title = "(redacted)" if event.redacted else event.data.get("title", "")
    plan = with_step(progress.plan, event.step, title, after=after)
    behind = progress.added[after].behind if after in progress.added else after
    return replace(progress, plan=plan, added={**progress.added, event.step: Added(event=event, behind=behind)})


def _life_after(progress: Progress, event: Event) -> Progress:
    state = LIFE.get((progress.state, event.kind))
    if state is None:
        return progress
    progress = replace(progress, state=state)
    if event.kind == "added":
        return _with_added(progress, event)
    if event.kind == "opened":
        if event.step:
            return replace(progress, opened_sections=progress.opened_sections | {event.step})
        return replace(progress, created_at=progress.created_at or event.at)
    if event.kind == "noted":
        return replace(progress, notes=(*progress.notes, event))
    if event.kind == "signed_off":
        return replace(progress, signed_off=event)
    if event.kind == "archived":
        return replace(progress, archived=event)
    if event.kind == "reopened":
        return replace(progress, signed_off=None, archived=None)
    return progress


# What may be done now.


def gates_above(progress: Progress, step: Step) -> list[Step]:
    """Return the required open steps that keep `step` behind a gate."""
    parents = set(_parents(progress.plan, step))
    return [each for each in progress.behind_gates[step.id] if each.id not in parents]


def _parents(plan: Plan, step: Step) -> Iterable[str]:
    while step.parent:
        yield step.parent
        step = plan.by_id[step.parent]


def waits_for(progress: Progress, step: Step) -> list[str]:
    """Return the ids in its `after` that are not settled; those of other runbooks always count."""
    waiting = []
    for reference in step.after:
        elsewhere = "#" in reference or "@" in reference
        if elsewhere or (reference in progress.plan.by_id and not progress.of(reference).settled):
            waiting.append(reference)
    return waiting


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
    if not ids and else_above:
        above = [each for each in plan.steps[: plan.steps.index(step)] if each.applies is not False]
        ids = [each.id for each in above if each.id not in set(_parents(plan, step))][-1:]
        if not ids:
            return progress.created_at
    times = [_when_settled(progress, step_id) for step_id in ids]
    known = [time for time in times if time is not None]
    if len(known) < len(times):
        return None
    return max(known, default=progress.created_at)


def _when_settled(progress: Progress, step_id: str) -> datetime | None:
    state = progress.of(step_id)
    if state.status == "not-applicable":
        return progress.created_at
    if state.by is not None:
        return state.by.at
    children = [_when_settled(progress, child.id) for child in progress.plan.children.get(step_id, ())]
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
    if step is None:
        return _life_refusal(progress, kind)
    if progress.state != "open" and not (kind == "noted" and progress.state == "signed_off"):
        return f"the runbook is {progress.state.replace('_', ' ')}; reopen it first"
    state = progress.of(step.id)
    if step.applies is False:
        return f"it does not apply here ({step.when})"
    if step.is_group and kind != "noted":
        return "it is a group: it is settled when its sub-steps are"
    if (state.status, kind) not in TRANSITIONS:
        return _wrong_status(state, kind)
    if kind == "ticked":
        return tick_refusal(progress, step, operator=operator, now=now, given=given, file=file)
    if kind in ("unticked", "unskipped"):
        return _undo_refusal(progress, step, kind)
    if kind == "approved" and "approval" not in step.flags:
        return "it needs no approval"
    return None


def _wrong_status(state: StepState, kind: str) -> str:
    if state.by is not None:
        verb = "done" if state.status == "done" else "skipped"
        return f"already {verb} by {state.by.operator}, {clock(state.by.at)}"
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


def tick_refusal(
    progress: Progress, step: Step, *, operator: str, now: datetime, given: str = "", file: bool = False
) -> str | None:
    """Return why an open step may not be ticked now; None where it may."""
    blocked = blocked_by(progress, step, now=now)
    if blocked:
        return blocked.words
    if "approval" in step.flags:
        approved = progress.of(step.id).approved
        if approved is None:
            return "a second operator has to approve it first"
        if approved.operator == operator:
            return f"{operator} approved it, so somebody else has to do it"
    if step.evidence:
        return evidence.fault(step.evidence, given, file=file)
    return None


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
    open_below = [child for child in progress.plan.children.get(step.id, ()) if not progress.of(child.id).settled]
    if open_below:
        return f"its sub-steps are not settled yet: {_titles(progress, open_below)}"
    gated = gates_above(progress, step)
    if gated:
        more = f" and {len(gated) - 1} more" if len(gated) > 1 else ""
        return f"behind a gate: first settle “{progress.title(gated[0])[:60]}”{more}"
    waiting = waits_for(progress, step)
    if waiting:
        by_id = progress.plan.by_id
        names = [f"“{progress.title(by_id[each])}”" if each in by_id else each for each in waiting]
        return f"it comes after {', '.join(names)}"
    return None


def _titles(progress: Progress, steps: list[Step]) -> str:
    shown = ", ".join(f"“{progress.title(step)[:60]}”" for step in steps[:3])
    return f"{shown} and {len(steps) - 3} more" if len(steps) > 3 else shown


def _undo_refusal(progress: Progress, step: Step, kind: str) -> str | None:
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
        return f"the runbook is {state}, so it cannot be {kind.replace('_', ' ')}"
    if kind == "signed_off" and progress.required_open:
        return f"{len(progress.required_open)} required open: {_titles(progress, list(progress.required_open))}"
    return None
