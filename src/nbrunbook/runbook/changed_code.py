"""Changed code: whether a batch that did not come to its end would go on with other code than it began with. Pure."""

from __future__ import annotations

from nbrunbook.runbook.plan import Step
from nbrunbook.runbook.progress import Progress

CHANGED = "Its code has changed since it last ran: it goes on where it stands, and what is done stays as it is."
"""What is asked before that, once: the next end is one of the new code."""


def has_changed(progress: Progress, step: Step) -> bool:
    """Tell whether a revision has changed what a batch does since its last run, which left something to do."""
    state = progress.of(step.id)
    if step.kind != "batch" or state.last is None or state.run is not None or state.settled:
        return False
    then = progress.worded_at(state.last).by_id.get(step.id)
    before = then.automation.fingerprint if then and then.automation else ""
    return bool(step.automation) and before != getattr(step.automation, "fingerprint", "")
