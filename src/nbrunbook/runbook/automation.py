"""Automation: what a plan says of a step that the machine does. Pure data; what runs it is elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from nbrunbook.runbook.batch_facts import BatchFacts
from nbrunbook.runbook.lengths import duration, seconds

ATTEMPTS, EVERY = 1, "10s"
"""How often a check is tried, and how far apart, where its decorator does not say."""
MOST_ATTEMPTS = 100_000

OPTIONS: Mapping[str, tuple[str, ...]] = {"check": ("attempts", "every", "timeout"), "action": ("timeout",)}
"""By the kind of a step that a function does, what its decorator takes beside the step's id."""
KINDS = (*OPTIONS, "batch")
"""The kinds of steps that the machine does; what a batch takes: see batch_facts.py."""
EXPECTED: Mapping[str, str] = {
    "attempts": f"a whole number from 1 to {MOST_ATTEMPTS:,}",
    "every": "a length of time such as 30s, 5m or 2h",
    "timeout": "a length of time such as 30s, 5m or 2h",
}
"""By option, what it takes."""


@dataclass(frozen=True, kw_only=True)
class Automation:
    """Which function does a step, and how it is run.

    A number is None, too, where it names a parameter that has no value yet: such a plan is for showing.
    """

    function: str
    """Its name at the top level of the plan's code; of a batch, the variable that holds it."""
    fingerprint: str
    """Says whether it does something else than before: see fingerprints.py."""
    attempts: int | None = ATTEMPTS
    """How often it is tried before it has failed; 1 for an action and a batch."""
    every_seconds: int | None = None
    """From one attempt to the next; None for an action and a batch."""
    timeout_seconds: int | None = None
    """For all attempts together; None for no limit."""
    batch: BatchFacts | None = None
    """How a batch goes through its data; None for a check and an action."""

    @property
    def options(self) -> dict[str, str]:
        """What its decorator would say to have it so; what goes without saying is left out."""
        if self.batch is not None:
            return self.batch.options
        said = {"attempts": str(self.attempts), "every": duration(self.every_seconds)}
        tried = said if self.attempts not in (None, ATTEMPTS) else {}
        return {**tried, **({"timeout": duration(self.timeout_seconds)} if self.timeout_seconds else {})}

    def to_json(self) -> dict[str, Any]:
        """Return it as a plan holds it; what is of batches stands in them alone."""
        found = asdict(self)
        del found["batch"]
        return {**found, **({"batch": self.batch.to_json()} if self.batch else {})}


def number_of(option: str, value: Any) -> int | None:
    """Return what a plan holds of an option's value: a number, or seconds; ValueError for a value it does not take."""
    if option == "attempts":
        if type(value) is not int or not 1 <= value <= MOST_ATTEMPTS:
            raise ValueError(value)
        return value
    if value is None and option == "timeout":
        return None
    if not isinstance(value, str):
        raise ValueError(value)
    return seconds(value)
