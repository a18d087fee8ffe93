"""Programs: what a run of an automated step loads and calls, from the plan and its code. Pure; nothing is run.

What runs is the plan's code: a cell that somebody edited in a session copy, or on disk since, is none of it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from nbrunbook.errors import NbrunbookError
from nbrunbook.project.versions import Version
from nbrunbook.runbook.automation import ATTEMPTS
from nbrunbook.runbook.batch_facts import BatchFacts
from nbrunbook.runbook.parameters import Secret
from nbrunbook.runbook.plan import Plan, Value

Blob = Callable[[str], bytes | None]
"""From a name to what the journal keeps under it: empty where it was redacted, None where there is none."""


@dataclass(frozen=True, kw_only=True)
class Program:
    """One automated step, ready to be run."""

    step: str
    kind: str
    """check, action or batch."""
    cells: tuple[str, ...]
    """Sources in order, all of which are loaded before the function is called."""
    function: str
    """Its name once they are; of a batch, the variable that holds it."""
    values: Mapping[str, Any]
    """The parameters' values by name; a secret as the Secret that names it. They are there before the first cell."""
    attempts: int
    """1 for an action and a batch."""
    every_seconds: int | None
    timeout_seconds: int | None
    batch: BatchFacts | None = None
    """How a batch goes through its data; None for a check and an action."""


def program_of(plan: Plan, step_id: str, blob: Blob) -> Program:
    """Return what a run of a step of the plan in force loads and calls.

    NbrunbookError for a step that a person does, and where the code is not what the plan names, or was redacted.
    """
    step = plan.by_id[step_id]
    does = step.automation
    if does is None:
        raise NbrunbookError(f"{step_id} is done by a person", "a check, an action or a batch")
    return Program(
        step=step_id,
        kind=step.kind,
        cells=sources(plan, blob),
        function=does.function,
        values=values_of(plan),
        attempts=does.attempts or ATTEMPTS,
        every_seconds=does.every_seconds,
        timeout_seconds=does.timeout_seconds,
        batch=does.batch,
    )


def sources(plan: Plan, blob: Blob) -> tuple[str, ...]:
    """Return the code that a plan names; NbrunbookError where it cannot be had as it was."""
    return tuple(_source(name, number, blob(name)) for number, name in enumerate(plan.code, 1))


def _source(name: str, number: int, content: bytes | None) -> str:
    about = f"code cell {number} of the plan ({name[:12]}…)"
    if content == b"":
        do = "take what was redacted out of the template, and 'nbrunbook revise' brings it"
        raise NbrunbookError(f"{about} was redacted: nothing can be run that loads it", "", do)
    if content is None or hashlib.sha256(content).hexdigest() != name:
        state = "is missing" if content is None else "was edited"
        raise NbrunbookError(f"{about} {state} in the journal", "", "'nbrunbook verify --all' says what is wrong")
    return content.decode(errors="surrogatepass")


def named(source: str) -> str:
    """Return the name under which the source of a code cell is kept."""
    return hashlib.sha256(as_kept(source)).hexdigest()


def as_kept(source: str) -> bytes:
    """Return the source of a code cell as a journal keeps it."""
    return source.encode(errors="surrogatepass")


def values_of(plan: Plan) -> dict[str, Any]:
    """Return the parameters' values that a plan was made with; secrets by their names."""
    return {each.name: _value(each) for each in plan.values}


def _value(found: Value) -> Any:
    kind = re.sub(r"\W|None|Optional", "", found.type)
    if kind == "Secret" and found.value is not None:
        return Secret(found.value)
    return Version(found.value) if kind == "Version" and found.value is not None else found.value
