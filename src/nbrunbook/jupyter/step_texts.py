"""What a search on the page looks through: every step, also those that the browser has not drawn."""

from __future__ import annotations

import re
from collections.abc import Mapping

from nbrunbook.documents.markdown.filling import fill_text
from nbrunbook.runbook.full_text import bodies
from nbrunbook.runbook.plan import Plan
from nbrunbook.work.session import Session

A_STEP = re.compile(r"\s*(?:[-*+]|\d+[.)])\s+\[[ xX]\]\s")


class StepTexts:
    """The texts of one session's steps. Those of a plan are read once, a third of a second for 2,000 steps;
    the values in them are those that are known when they are asked for.
    """

    def __init__(self, session: Session) -> None:
        self.session = session
        self._read: tuple[Plan, Mapping[str, str]] | None = None

    def steps(self) -> list[dict[str, str]]:
        """Return id, title and text of all steps that apply, in the order of the document."""
        progress = self.session.progress
        plan = progress.versions[-1].plan
        written, values = self._written(plan), {**plan.texts(), **plan.not_yet_known, **progress.evidence_by_name()}
        return [
            {"id": step.id, "title": progress.title(step), "text": fill_text(written.get(step.id, ""), values)}
            for step in progress.plan.steps
            if step.applies is not False
        ]

    def _written(self, plan: Plan) -> Mapping[str, str]:
        if self._read is None or self._read[0] is not plan:
            found: dict[str, str] = {}
            for section in plan.sections:
                found |= bodies(plan, section.text)
            self._read = (plan, {step_id: _own(plan, step_id, found) for step_id in found})
        return self._read[1]


def _own(plan: Plan, step_id: str, written: Mapping[str, str]) -> str:
    """A step's text without its sub-steps: those are found by themselves."""
    below = {line.strip() for each in plan.below(step_id) for line in written.get(each, "").splitlines()}
    lines = written[step_id].splitlines()
    return "\n".join(line for line in lines if not (below and A_STEP.match(line)) and line.strip() not in below - {""})
