"""Progress: a plan's steps as its events leave them. Pure; nothing here writes.

What may follow what is in TRANSITIONS (steps) and LIFE (runbooks);
`rules.refusal` says why something may not be done now.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property

from nbrunbook.documents.markdown.filling import fill_text
from nbrunbook.runbook import gates, placement, wording
from nbrunbook.runbook.events import Event
from nbrunbook.runbook.gates import Stage, Stop
from nbrunbook.runbook.notes import NONE, Notes
from nbrunbook.runbook.other_answers import NOTHING, Elsewhere, Once
from nbrunbook.runbook.plan import Plan, Step
from nbrunbook.runbook.status import OPEN, REDACTED, Heard, State, Status, StepState


@dataclass(frozen=True, kw_only=True)
class Added:
    """A step that an operator put in."""

    event: Event
    behind: str
    """The step of the template behind which it is drawn."""


@dataclass(frozen=True, kw_only=True)
class Version:
    """A plan as it was read from a template, without the steps that operators added."""

    plan: Plan
    event: Event | None = None
    """The revision that brought it; None for the plan that the runbook was made from."""

    @cached_property
    def wordings(self) -> Mapping[str, str]:
        """What each step asks; see `wording.of_plan`."""
        return wording.of_plan(self.plan)


@dataclass(frozen=True, kw_only=True)
class Progress:
    """A plan's steps as its events leave them."""

    plan: Plan
    state: State = "open"
    steps: Mapping[str, StepState] = field(default_factory=dict)
    created_at: datetime | None = None
    """When the runbook was made; None before its `opened`."""
    began: Event | None = None
    """With which somebody first took, did, skipped or approved a step; None before that."""
    opened_sections: frozenset[str] = frozenset()
    sections: Mapping[str, Event] = field(default_factory=dict)
    """The events that last opened or closed an `.if-needed` section, by its id."""
    signed_off: Event | None = None
    ended: Event | None = None
    """The event that abandoned or skipped it; None where neither did."""
    archived: Event | None = None
    notes: Notes = NONE
    """Notes on the runbook itself; the last one is the handover line."""
    added: Mapping[str, Added] = field(default_factory=dict)
    """By the ids of the steps that operators added; `plan` holds them too."""
    places: Mapping[str, str] = field(default_factory=dict)
    """Behind which step an added one stands whose text was redacted, by the seq of its event."""
    additions: tuple[Event, ...] = ()
    """The `added` events: a revision puts their steps in again."""
    versions: tuple[Version, ...] = ()
    """The plans that it had, oldest first; the last one is in force."""
    seq: int = 0
    """How many events it was made from."""
    elsewhere: Elsewhere = NOTHING
    """What other runbooks say, as last looked up."""
    heard: Mapping[str, Heard] = field(default_factory=dict)
    """What was last heard of runs, by their ids, as last looked up."""
    kept: Mapping[str, Once] = field(default_factory=dict)
    """The `.once` steps that others had settled when it was signed off."""

    def of(self, step_id: str) -> StepState:
        """Return where a step stands; groups follow their sub-steps."""
        step = self.plan.by_id[step_id]
        alone = not step.is_group and step.applies is not False and not step.is_once
        if alone and len(self.versions) == 1:  # most steps, each tick: no need to look at all the others
            return self.steps.get(step_id, OPEN)
        return self._states[step_id]

    @cached_property
    def _states(self) -> Mapping[str, StepState]:
        found: dict[str, StepState] = {}
        for step in reversed(self.plan.steps):
            state = self.as_worded(step.id, self.steps.get(step.id, OPEN))
            if step.applies is False:
                state = replace(state, status="not-applicable", reworded=None)
            elif step.is_group:
                below = [found[child.id] for child in self.plan.children.get(step.id, ())]
                state = replace(_group_state(below), notes=state.notes)
            elif step.is_once and not state.settled:
                state = _settled_by_others(state, self.once.get(step.id))
            found[step.id] = state
        return found

    @property
    def once(self) -> Mapping[str, Once]:
        """What other runbooks settled for this one: as it was at the sign-off, else as last looked up."""
        return self.kept if self.signed_off is not None else self.elsewhere.once

    def as_worded(self, step_id: str, state: StepState) -> StepState:
        """Return a step's own state in the light of the wording that is in force.

        Nothing is lost: a later revision that turns the wording back finds all as it was.
        """
        if len(self.versions) == 1:
            return state
        last = state.confirmed or state.by
        if last is not None:
            return replace(state, reworded=self._reworded_since(step_id, last))
        if state.approved is not None and self._reworded_since(step_id, state.approved):
            return replace(state, approved=None)  # another text was allowed
        return state

    def _reworded_since(self, step_id: str, event: Event) -> Event | None:
        """The last revision that changed the wording, if it is another one than at an event."""
        before = [each for each in self.versions if each.event is None or each.event.seq < event.seq]
        later = self.versions[len(before) - 1 :]
        words = [version.wordings.get(step_id) for version in later]
        if words[-1] in (None, words[0]):
            return None
        pairs = zip(later[1:], words[1:], words[:-1], strict=True)
        return [version.event for version, now, was in pairs if now != was][-1]

    def worded_at(self, event: Event) -> Plan:
        """Return the plan that was in force when an event was recorded."""
        return [each for each in self.versions if each.event is None or each.event.seq < event.seq][-1].plan

    @cached_property
    def unconfirmed(self) -> tuple[Step, ...]:
        """The counted steps that are settled and were reworded since; nobody has confirmed them."""
        return tuple(step for step in self.counted if self.of(step.id).reworded)

    @cached_property
    def unconfirmed_required(self) -> tuple[Step, ...]:
        """Those of them that keep it from being signed off."""
        return tuple(step for step in self.unconfirmed if not step.is_optional)

    @cached_property
    def running(self) -> tuple[Step, ...]:
        """The steps that the machine is at."""
        return tuple(step for step in self.plan.steps if self.steps.get(step.id, OPEN).run)

    @cached_property
    def removed(self) -> tuple[Step, ...]:
        """The steps that a revision took away, as they last were, in the order of the plans."""
        gone: dict[str, Step] = {}
        for version in self.versions[:-1]:
            gone.update({step.id: step for step in version.plan.steps if step.id not in self.plan.by_id})
        return tuple(gone.values())

    @cached_property
    def homes(self) -> Mapping[str, tuple[str, ...]]:
        """Which sections are drawn in which cell of the runbook; see `placement`."""
        return placement.of(self.versions[0].plan, self.plan)

    def came_later(self, step: Step) -> bool:
        """Tell whether a revision brought a step that the runbook was not made with."""
        return step.id not in self.added and step.id not in self.versions[0].plan.by_id

    def was_called(self, section_id: str) -> str:
        """Return a section's title when the runbook was made; empty for one that came later."""
        return next((each.title for each in self.versions[0].plan.sections if each.id == section_id), "")

    def closed(self, step: Step) -> bool:
        """Whether it stands in an `.if-needed` section that nobody has opened."""
        closed_by = self._closed_by[step.section]
        return closed_by is not None and closed_by not in self.opened_sections

    @cached_property
    def _closed_by(self) -> Mapping[str, str | None]:
        return {section.id: section.closed_by for section in self.plan.sections}

    @cached_property
    def order(self) -> Mapping[str, int]:
        """How many steps stand before each one, by its id."""
        return {step.id: before for before, step in enumerate(self.plan.steps)}

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
        return tuple(step for step in self.open_steps if not step.is_optional)

    @cached_property
    def behind_gates(self) -> Mapping[str, tuple[str, ...]]:
        """The ids of the open steps that have to be settled before each step, since it stands behind gates."""
        if not self.plan.gated:
            return dict.fromkeys(self.plan.by_id, ())
        headings = [
            Stage(id=section.id, is_gate=section.is_gate, closed_by=section.closed_by) for section in self.plan.sections
        ]
        stops = [
            Stop(id=step.id, section=step.section, parent=step.parent, is_gate=self._is_shut_gate(step))
            for step in self.plan.steps
        ]
        needed = {step.id for step in self.required_open}
        return gates.needed_first(headings, stops, opened=self.opened_sections, needed=needed)

    def _is_shut_gate(self, step: Step) -> bool:
        gate = step.is_gate and step.applies is not False and not self.closed(step)
        return gate and not self.of(step.id).settled

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
        found = {step.as_: self.given(step) for step in self.plan.steps if step.as_}
        return {name: evidence for name, evidence in found.items() if evidence}

    def given(self, step: Step) -> str | None:
        """Return the evidence of a step in words; that it was redacted, where the step asked for some."""
        state = self.of(step.id)
        asked = bool(step.evidence or step.as_)
        gone = asked and state.status == "done" and state.by is not None and state.by.redacted
        return REDACTED if gone else state.given

    def title(self, step: Step) -> str:
        """Return a step's title with the evidence that is known by now put in."""
        if "{{" not in step.title or step.id in self.added:
            return step.title
        return fill_text(step.title, {**self.plan.not_yet_known, **self.evidence_by_name()})

    def heading(self, section_id: str) -> str:
        """Return a section's title with values, and the evidence that is known by now, put in."""
        values = {**self.plan.texts(), **self.plan.not_yet_known, **self.evidence_by_name()}
        return self.plan.section(section_id).heading(values)

    def summary(self) -> str:
        """Return the progress in words: 7 of 9 done, 1 skipped."""
        done = self.settled - self.skipped
        skipped = f", {self.skipped} skipped" if self.skipped else ""
        reworded = f", {len(self.unconfirmed)} reworded since done" if self.unconfirmed else ""
        return f"{done} of {self.total} done{skipped}{reworded}"


def _group_state(children: Iterable[StepState]) -> StepState:
    states = list(children)
    if all(state.status == "not-applicable" for state in states):
        return StepState(status="not-applicable")
    if not all(state.settled for state in states):
        return StepState()
    done = any(state.status == "done" for state in states)
    return StepState(status="done" if done else "skipped")


def _settled_by_others(state: StepState, once: Once | None) -> StepState:
    if once is None:
        return state
    status: Status = "skipped" if once.event.kind == "skipped" else "done"
    return replace(state, status=status, by=once.event, where=once.runbook)
