"""Badges: what an operator should know of a step before doing it. Each has a kind, which screens show as a sign."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from nbrunbook.runbook import run_words
from nbrunbook.runbook.plan import Step
from nbrunbook.runbook.progress import Progress
from nbrunbook.runbook.times import span
from nbrunbook.runbook.waiting import Blocked, due_at, is_waited_for, starts_after

BadgeKind = Literal[
    "added", "revision", "owner", "approval", "optional", "irreversible", "once", "gate", "evidence", "wait", "due",
    "left-out", "check", "action", "batch",
]  # fmt: skip
AUTOMATED: Mapping[str, BadgeKind] = {"check": "check", "action": "action", "batch": "batch"}
FLAGS: Mapping[str, tuple[BadgeKind, str]] = {
    "approval": ("approval", "needs an approval"),
    "optional": ("optional", "optional"),
    "irreversible": ("irreversible", "cannot be undone"),
    "once": ("once", "once for the whole group"),
    "gate": ("gate", "gate: nothing below until this is settled"),
}


@dataclass(frozen=True, kw_only=True)
class Badge:
    """One thing to know of a step."""

    kind: BadgeKind
    words: str


def badges(progress: Progress, step: Step, *, blocked: Blocked | None = None, added_by: str = "") -> list[Badge]:
    """Return what an operator should know of a step before doing it.

    `blocked` is what it waits for, `added_by` who put it in.
    """
    added = [Badge(kind="added", words=f"added by {added_by}")] if added_by else []
    return added + [Badge(kind=kind, words=words) for kind, words in _badges(progress, step, blocked)]


def _badges(progress: Progress, step: Step, blocked: Blocked | None) -> Iterator[tuple[BadgeKind, str]]:
    if progress.came_later(step):
        yield "revision", "new in a revision"
    if step.automation:
        yield AUTOMATED.get(step.kind, "action"), run_words.how(step.kind, step.automation)
    if step.owner:
        yield "owner", step.owner
    approved = progress.of(step.id).approved is not None
    yield from (FLAGS[flag] for flag in step.flags if flag in FLAGS and not (approved and flag == "approval"))
    if step.evidence:
        yield "evidence", f"asks for: {step.evidence}"
    if progress.of(step.id).status == "open":
        yield from _times(progress, step, blocked)
    if words := not_applicable(step):
        yield "left-out", words


def _times(progress: Progress, step: Step, blocked: Blocked | None) -> Iterator[tuple[BadgeKind, str]]:
    """What is counted from when something else is settled, as long as nothing else says it."""
    if step.wait_seconds and is_waited_for(progress, step) and not (blocked and blocked.until):
        yield "wait", f"waits {span(step.wait_seconds)} after {starts_after(progress, step)}"
    if step.due_seconds and due_at(progress, step) is None:
        yield "due", f"due {span(step.due_seconds)} after {starts_after(progress, step)}"


def not_applicable(step: Step) -> str:
    """Return why a step does not apply here; empty where it does."""
    return f"only when {step.when}" if step.applies is False and step.when else ""
