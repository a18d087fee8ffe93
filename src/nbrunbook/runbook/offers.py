"""Offers: what an operator can click now, of a step and of the whole runbook. Pure; nothing here writes.

What may be done is for the rules to say (`rules.hindrance`). Here is what of it is worth a button, and its words:
front ends show offers, and decide nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from nbrunbook.project.settings import Project
from nbrunbook.runbook import closing, rules, run_offers
from nbrunbook.runbook.events import Kind
from nbrunbook.runbook.offer import SURE, Offer
from nbrunbook.runbook.plan import Step
from nbrunbook.runbook.progress import Progress
from nbrunbook.runbook.status import LIFE, Status, StepState
from nbrunbook.runbook.times import Clock

CLICKS: Mapping[str, Kind] = {
    "tick": "ticked",
    "untick": "unticked",
    "skip": "skipped",
    "unskip": "unskipped",
    "note": "noted",
    "approve": "approved",
    "take": "taken",
    "release": "taken",
}
"""What may be asked for of a step, and the event that it becomes."""
BOX: Mapping[Status, str] = {"open": "tick", "done": "untick", "skipped": "unskip"}
"""What a click on a step's box asks for."""


def of_step(progress: Progress, step: Step, clock: Clock) -> list[Offer]:
    """Return what can be clicked of a step now, in the order of its buttons.

    Nothing of a group, which has no row, and nothing in a section that has to be opened first.
    """
    state = progress.of(step.id)
    if step.is_group or (progress.closed(step) and not state.settled):
        return []
    found = [
        offer for offer in _worth_a_click(state) if rules.hindrance(progress, CLICKS[offer.ask], step, clock) is None
    ]
    if step.automation is None:
        return found
    by_hand = [run_offers.BY_HAND if each is TICK else each for each in found]
    first = [each for each in by_hand if each is APPROVE]
    return [*first, *run_offers.of_step(progress, step, clock), *(each for each in by_hand if each is not APPROVE)]


TICK = Offer(ask="tick")
APPROVE = Offer(ask="approve", words="Approve")
TAKE = Offer(ask="take", words="I am on it")
SKIP = Offer(ask="skip", words="Skip…", question="Why is it skipped?")
STILL_DONE = Offer(ask="tick", words="Still done")
STILL_SKIPPED = Offer(ask="skip", words="Still skipped…", question="Why is it still skipped?")
UNTICK = Offer(ask="untick", words="Undo…", question="Why is it open again?")
UNSKIP = Offer(ask="unskip", words="Undo…", question="Why is it open again?")
NOTE = Offer(ask="note", words="Note…")


def _worth_a_click(state: StepState) -> list[Offer]:
    """What makes a difference if it may be done; whether it may is not asked here."""
    if state.settled:
        confirm = [STILL_DONE, STILL_SKIPPED] if state.reworded else []
        return [*confirm, UNTICK, UNSKIP, NOTE]
    approve = [APPROVE] if state.approved is None else []
    return [TICK, *approve, *_taking(state.taken.operator if state.taken else ""), SKIP, NOTE]


def _taking(by: str) -> list[Offer]:
    """Whoever is on it may let go of it, everybody else may take it over."""
    if not by:
        return [TAKE]
    return [Offer(ask="release", words="Not on it any more", only_for=by), replace(TAKE, not_for=by)]


def step_view(progress: Progress, step: Step, clock: Clock) -> dict[str, Any]:
    """Return the same as JSON: the offers, what the box asks for, and what has to be given with a tick."""
    state, offers = progress.of(step.id), of_step(progress, step, clock)
    box = BOX.get(state.status, "")
    free = box in [offer.ask for offer in offers]
    held = rules.hindrance(progress, CLICKS[box], step, clock) if box and state.settled and not free else None
    return {
        "offers": [offer.as_json() for offer in offers],
        "box": box if free else "",
        "held": held or "",
        "asks": (step.evidence or "") if rules.missing_evidence(progress, step) else "",
        "sure": SURE if step.is_irreversible and not state.settled else "",
    }


def next_step(progress: Progress, clock: Clock) -> tuple[Step | None, bool]:
    """Return the first step to do or to approve now; where all wait, the first required one, and that it waits.

    An optional one that waits is not next: signing off is.
    """
    if progress.state != "open":
        return None, False
    for step in progress.open_steps:
        if {"tick", "approve"} & {offer.ask for offer in of_step(progress, step, clock)}:
            return step, False
    return next(iter(progress.required_open), None), bool(progress.required_open)


def belongs_to(step: Step, state: StepState, project: Project) -> list[str]:
    """Return the names, in small letters, to whom a step is *mine*: its owner, who acts for that, and who is on it."""
    owner = (step.owner or "").lower()
    people = [name for each, names in project.owners.items() if each.lower() == owner for name in names]
    names = [
        owner,
        *(project.operators.get(name, name) for name in people),
        state.taken.operator if state.taken else "",
    ]
    return sorted({name.lower() for name in names if name})


def add_after(progress: Progress, steps: Iterable[Step]) -> list[str]:
    """Return the ids of those steps behind which another one may be put; none in a section to be opened first."""
    return [step.id for step in steps if not progress.closed(step) and rules.add_refusal(progress, step.id) is None]


def opens(progress: Progress, section_id: str, clock: Clock) -> str:
    """Return the id of the section that an operator may open here; empty where there is nothing to open."""
    closed_by = progress.plan.section(section_id).closed_by
    if closed_by is None or closed_by in progress.opened_sections:
        return ""
    return closed_by if rules.hindrance(progress, "opened", None, clock) is None else ""


def closes(progress: Progress, section_id: str) -> str:
    """Return the id of the section where an operator may close it again; empty where that is refused."""
    return section_id if rules.close_refusal(progress, section_id) is None else ""


def may_note(progress: Progress, clock: Clock) -> bool:
    """Tell whether a note on the runbook itself may be left."""
    return rules.hindrance(progress, "noted", None, clock) is None


def of_sign_off(progress: Progress, clock: Clock, *, key: str) -> list[Offer]:
    """Return what can be clicked at the end of a runbook: the sign-off, which is asked once, then its record once."""
    if (progress.state, "signed_off") in LIFE:
        held = rules.hindrance(progress, "signed_off", None, clock)
        question = "" if held else closing.question(progress, key)
        return [Offer(ask="sign-off", words="Sign off…", question=question, held=held or "")]
    if progress.archived is None and rules.hindrance(progress, "archived", None, clock) is None:
        return [Offer(ask="archive", words="Write the record")]
    return []
