"""Edited cells: whoever executes a cell that does a step, and is not the plan's, is told that no run goes by it."""

from __future__ import annotations

import re
import shlex
import sys
from typing import Any

from nbrunbook.runbook.plan import Step
from nbrunbook.runbook.program import named
from nbrunbook.template.bindings import batches_given, steps_bound
from nbrunbook.texts import listed
from nbrunbook.work.session import Session


def watch(session: Session, shell: Any) -> None:
    """Look at each cell that IPython's shell runs from now on; it is None outside of a kernel."""

    def ran(result: Any) -> None:
        words = told(session, result.info.raw_cell or "")
        if words:
            print(words, file=sys.stderr)  # as Jupyter shows warnings, below the cell

    if shell is not None:
        shell.events.register("post_run_cell", ran)


def told(session: Session, source: str) -> str:
    """Return what is said of a cell that was run; empty where it does no step of the plan's, or is the plan's."""
    plan = session.progress.plan
    if not plan.code or named(source) in plan.code:
        return ""
    python = re.sub(r"\A\s*%%.*\n", "", source)  # %%time, and whatever else runs the cell as Python
    given = batches_given(python)
    of_batches = [step.id for step in plan.steps if step.kind == "batch" and _function(step) in given]
    steps = [*dict.fromkeys(each for each in (*steps_bound(python), *of_batches) if each in plan.by_id)]
    if not steps:
        return ""
    return (
        f"Runs of {listed(steps)} use the plan's code, which this cell is not: it was edited here, or the plan was "
        "revised.\nWhat you call in this notebook is this cell's. Mend the template, and bring it with "
        f"'nbrunbook revise {shlex.quote(session.key)}'."
    )


def _function(step: Step) -> str:
    return step.automation.function if step.automation else ""
