"""The board: where a batch stands in each of its databases. Pure data; whoever shows it, shows this."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal

DatabaseState = Literal["waiting", "running", "holding", "paused", "stopped", "done"]
STATES: Mapping[DatabaseState, str] = {
    "waiting": "nobody works on it",
    "running": "a runner goes through it",
    "holding": "a runner waits, and says why",
    "paused": "an operator has paused it",
    "stopped": "an error stopped it, or rows are left that it refuses",
    "done": "it was gone through to its end",
}
LARGEST_RATE = 1e12
"""Rows a second; more, and what is no number, is none of ours."""


@dataclass(frozen=True, kw_only=True)
class DatabaseStatus:
    """Where a batch stands in one database."""

    name: str
    state: DatabaseState = "waiting"
    done: int = 0
    """Rows that were changed, as its `process` says; committed."""
    left: int | None = None
    """Rows still to be gone through, as its `left` says, less what was done since, or left out; None if not known."""
    rate: float | None = None
    """Rows a second over the last minutes; None where nothing moves."""
    batch_size: int = 0
    hold: str = ""
    """Why it holds; empty where it does not."""
    since: str = ""
    """Since when it holds or is stopped: an instant, ISO 8601 in UTC."""
    error: str = ""
    """What went wrong last, in one line; empty where nothing does."""
    quarantined: int = 0
    """Rows that were refused, and are left out."""
    runner: str = ""
    """Which runner has it; empty for none."""
    at_least_once: bool = False
    """Whether a chunk may be done twice there: a database without a fenced cursor."""

    @property
    def total(self) -> int | None:
        """All rows of it; None where that is not known."""
        return None if self.left is None else self.done + self.left + self.quarantined

    @property
    def seconds_left(self) -> float | None:
        """How long it takes still, at its rate; None where that is not known, or nothing moves."""
        return self.left / self.rate if self.state == "running" and self.rate and self.left is not None else None

    def to_json(self) -> dict[str, Any]:
        """Return it as `batch status --json` shows it."""
        return asdict(self)


def status_from_json(facts: Mapping[str, Any]) -> DatabaseStatus:
    """Return what `to_json` gave; ValueError for anything else."""
    known = {each.name for each in fields(DatabaseStatus)}
    if not isinstance(facts, Mapping) or not set(facts) <= known or not isinstance(facts.get("name"), str):
        raise ValueError("no status of a database")
    found = DatabaseStatus(**facts)
    numbers = (found.done, found.batch_size, found.quarantined, *([] if found.left is None else [found.left]))
    texts = (found.state, found.hold, found.since, found.error, found.runner)
    right = [
        *(type(each) is int and each >= 0 for each in numbers),
        *(isinstance(each, str) for each in texts),
        found.rate is None or (type(found.rate) in (int, float) and 0 <= found.rate < LARGEST_RATE),
        type(found.at_least_once) is bool,
    ]
    if not all(right) or found.state not in STATES:
        raise ValueError("a value of another kind")
    return found
