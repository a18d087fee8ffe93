"""Automation: what a plan says of a step that the machine does. Pure data; what runs it is elsewhere."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from nbrunbook.documents import attributes

ATTEMPTS, EVERY = 1, "10s"
"""How often a check is tried, and how far apart, where its decorator does not say."""
MOST_ATTEMPTS = 100_000

OPTIONS: Mapping[str, tuple[str, ...]] = {"check": ("attempts", "every", "timeout"), "action": ("timeout",)}
"""By the kind of a step that the machine does, what its decorator takes beside the step's id."""
KINDS = tuple(OPTIONS)
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
    """Its name at the top level of the plan's code."""
    fingerprint: str
    """Says whether it does something else than before: see fingerprints.py."""
    attempts: int | None = ATTEMPTS
    """How often it is tried before it has failed; 1 for an action."""
    every_seconds: int | None = None
    """From one attempt to the next; None for an action."""
    timeout_seconds: int | None = None
    """For all attempts together; None for no limit."""

    @property
    def options(self) -> dict[str, str]:
        """What its decorator would say to have it so; what goes without saying is left out."""
        said = {"attempts": str(self.attempts), "every": duration(self.every_seconds)}
        tried = said if self.attempts not in (None, ATTEMPTS) else {}
        return {**tried, **({"timeout": duration(self.timeout_seconds)} if self.timeout_seconds else {})}

    def to_json(self) -> dict[str, Any]:
        """Return it as a plan holds it."""
        return asdict(self)


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


def seconds(length: str) -> int:
    """Return the seconds of a length of time such as 30s, 5m or 2h; ValueError for anything else, and for none."""
    match = re.fullmatch(r"\s*(\d{1,5})\s*s\s*", length)
    found = int(match[1]) if match else attributes.seconds(length)
    if not found:
        raise ValueError(length)
    return found


def duration(length: int | None) -> str:
    """Return seconds as `seconds` reads them; empty for None."""
    return f"{length}s" if length and length % 60 else attributes.duration(length)
