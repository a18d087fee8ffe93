"""Facts of a batch: what a plan says of a step that goes through data, in each of several databases. Pure data."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from nbrunbook.errors import NbrunbookError
from nbrunbook.project.names import check_name
from nbrunbook.runbook.lengths import duration, seconds
from nbrunbook.texts import listed

TARGET, TARGET_SECONDS, BATCH_SIZE, ON_ERROR = "1s", 1.0, 100, "stop"
"""What is meant where its author does not say."""
SHORTEST_TARGET, LONGEST_TARGET = 0.01, 3600.0
"""Seconds that a chunk may be meant to take."""
LARGEST_SIZE = 100_000
"""How many rows a chunk has at most."""
MOST_WORKERS = 256
"""How many databases one runner goes through at once, at most."""
FACTORY = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*:[^\W\d]\w*")
"""What makes an executor: module:function."""
MOST_ERRORS = 1_000_000_000

OPTIONS = ("databases", "target", "batch_size", "throttle", "on_error", "max_errors", "repeatable")
"""What batch(…) takes beside the step's id."""
EXPECTED: Mapping[str, str] = {
    "databases": "a list of names, each once, or the name of a list[str] parameter",
    "target": "a length of time from 10ms to 1h, such as 500ms, 2s or 1m",
    "batch_size": f"a whole number from 1 to {LARGEST_SIZE:,}",
    "throttle": "window(…), replica_lag(…), a function of the template, or a list of them",
    "on_error": "'stop' or 'quarantine'",
    "max_errors": "a whole number, 0 or more, or None for no limit",
    "repeatable": "True or False",
}
"""By option, what it takes."""
STORED = tuple(option for option in OPTIONS if option != "throttle")
"""What a plan holds as values; what holds a batch back, it holds as it is written."""


@dataclass(frozen=True, kw_only=True)
class BatchFacts:
    """How a batch goes through its data.

    An option is None, too, where it names a parameter that has no value yet: such a plan is for showing.
    """

    databases: tuple[str, ...] | None
    """Their names in the configuration."""
    target_seconds: float | None = TARGET_SECONDS
    """How long a chunk should take."""
    batch_size: int | None = BATCH_SIZE
    """Of the first chunk."""
    on_error: str | None = ON_ERROR
    """stop or quarantine."""
    max_errors: int | None = None
    """How many rows may be quarantined in all databases together; None for no limit."""
    repeatable: bool | None = False
    """Whether its author says that a chunk may be done twice."""
    throttles: tuple[str, ...] = ()
    """What holds it back, as it is written: window("22:00", "06:00")."""

    @property
    def options(self) -> dict[str, str]:
        """What its author would say to have it so; what goes without saying is left out."""
        said = {
            "databases": ", ".join(self.databases or ()),
            "target": length(self.target_seconds) if self.target_seconds != seconds(TARGET) else "",
            "batch_size": str(self.batch_size) if self.batch_size not in (None, BATCH_SIZE) else "",
            "throttle": ", ".join(self.throttles),
            "on_error": self.on_error if self.on_error not in (None, ON_ERROR) else "",
            "max_errors": str(self.max_errors) if self.max_errors is not None else "",
            "repeatable": "True" if self.repeatable else "",
        }
        return {option: words for option, words in said.items() if words}

    @property
    def places(self) -> str:
        """Where it goes, in few words: eu, us and 298 more."""
        return listed(self.databases or (), 3)

    def to_json(self) -> dict[str, Any]:
        """Return it as a plan holds it."""
        lists = {"databases": None if self.databases is None else list(self.databases)}
        return {**asdict(self), **lists, "throttles": list(self.throttles)}


def facts_from_json(facts: Mapping[str, Any]) -> BatchFacts:
    """Return what `to_json` gave; TypeError, KeyError or ValueError for anything else."""
    said = {**facts, "target": facts["target_seconds"]}
    found = {option: said[option] if said[option] is None else _stored(option, said[option]) for option in STORED}
    target, throttles = found.pop("target"), facts["throttles"]
    if not isinstance(throttles, list) or not all(isinstance(each, str) for each in throttles):
        raise ValueError(throttles)
    rest = {name: value for name, value in facts.items() if name not in (*STORED, "target_seconds", "throttles")}
    return BatchFacts(**rest, **found, target_seconds=target, throttles=tuple(throttles))


def _stored(option: str, value: Any) -> Any:
    if option == "target":
        return value if type(value) in (int, float) and SHORTEST_TARGET <= value <= LONGEST_TARGET else _refused(value)
    return value_of(option, value)


def value_of(option: str, value: Any) -> Any:
    """Return what a plan holds of an option's value; ValueError for one that it does not take. Not for throttles."""
    if option == "databases":
        return _databases(value)
    if option == "target":
        return _target(value)
    if option in ("batch_size", "max_errors"):
        low, high = (1, LARGEST_SIZE) if option == "batch_size" else (0, MOST_ERRORS)
        right = type(value) is int and low <= value <= high
        return value if right or (value is None and option == "max_errors") else _refused(value)
    known: tuple[object, ...] = ("stop", "quarantine") if option == "on_error" else (True, False)
    return value if type(value) is type(known[0]) and value in known else _refused(value)


def _databases(value: Any) -> tuple[str, ...]:
    """Names that a configuration may have: they are shown, and stand in commands."""
    if not isinstance(value, list | tuple) or not value or not all(isinstance(each, str) for each in value):
        raise ValueError(value)
    try:
        names = tuple(check_name(each, "database") for each in value)
    except NbrunbookError:
        raise ValueError(value) from None
    return names if len({*names}) == len(names) else _refused(value)


def _target(value: Any) -> float:
    match = re.fullmatch(r"\s*(\d{1,7})\s*ms\s*", value) if isinstance(value, str) else _refused(value)
    found = int(match[1]) / 1000 if match else float(seconds(value))
    return found if SHORTEST_TARGET <= found <= LONGEST_TARGET else _refused(value)


def _refused(value: object) -> Any:
    raise ValueError(value)


def length(target: float | None) -> str:
    """Return seconds as `target` takes them; empty for None."""
    whole = target is None or target == int(target)
    return duration(None if target is None else int(target)) if whole else f"{round((target or 0) * 1000)}ms"
