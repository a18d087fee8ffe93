"""Drafts: what a session writes, made of what an operator says."""

from __future__ import annotations

import itertools
from collections.abc import Container, Mapping, Sequence

from nbrunbook.errors import RefusedError
from nbrunbook.journal.entries import Draft
from nbrunbook.project.operator import Operator
from nbrunbook.runbook import other_answers
from nbrunbook.runbook.events import Kind
from nbrunbook.runbook.plan import Step
from nbrunbook.runbook.progress import Progress
from nbrunbook.runbook.sections import slug


def kept_elsewhere(kind: Kind, current: Progress) -> dict[str, str]:
    """What a sign-off keeps of the `.once` steps that others settled, as they are while the journal is locked."""
    if kind != "signed_off":
        return {}
    once = {step_id: each for step_id, each in current.once.items() if current.of(step_id).where}
    return {"elsewhere": other_answers.kept(once)} if once else {}


def as_it_is_now(key: str, current: Progress, step: Step) -> Step:
    """A step in the plan that is in force while the journal is locked; somebody may just have revised it."""
    try:
        return current.plan.by_id[step.id]
    except KeyError:
        raise RefusedError(f"{key}, step {step.id}", "a revision has just removed it") from None


def draft_of(kind: Kind, step_id: str, who: Operator, data: Mapping[str, str], contents: Sequence[bytes] = ()) -> Draft:
    """Return an event that is about to be written, of who said what."""
    return Draft(
        kind=kind,
        step=step_id,
        operator=who.name,
        known=who.known,
        known_by=who.known_by,
        data=data,
        contents=contents,
    )


def free_step_id(title: str, taken: Container[str]) -> str:
    """The id of an added step: it says that it is one."""
    first = f"added-{slug(' '.join(title.split()[:5])) or 'step'}"
    candidates = (first if count == 1 else f"{first}-{count}" for count in itertools.count(1))
    return next(candidate for candidate in candidates if candidate not in taken)
