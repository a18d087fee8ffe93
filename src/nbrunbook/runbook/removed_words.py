"""What is said of steps that revisions took away."""

from __future__ import annotations

from nbrunbook.runbook.plan import Step
from nbrunbook.runbook.progress import Progress
from nbrunbook.runbook.status import OPEN
from nbrunbook.runbook.times import Clock
from nbrunbook.runbook.words import evidence_words, line, notes_words


def removed_text(progress: Progress, clock: Clock, *, whole: bool = False) -> list[str]:
    """Return, one a line, the steps that revisions took away and what had become of them; `whole` for a record."""
    return [f"{step.title}  ({step.id}): {_what_became(progress, step, clock, whole)}" for step in progress.removed]


def _what_became(progress: Progress, step: Step, clock: Clock, whole: bool) -> str:
    state = progress.steps.get(step.id, OPEN)
    given = evidence_words({"evidence": state.given or "", "file": ""})
    said = [line(state, clock), given, *notes_words(state.notes, clock, whole=whole)]
    return " · ".join(filter(None, said)) or "never settled"
