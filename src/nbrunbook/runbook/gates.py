"""Gates: which steps stand behind which, by the order of the document alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Heading:
    """A section, as far as gates go."""

    id: str
    is_gate: bool
    closed_by: str | None
    """The id of the `.if-needed` section that it is or stands in: gates in there and outside do not meet."""


@dataclass(frozen=True, kw_only=True)
class Stop:
    """A step, as far as gates go."""

    id: str
    section: str
    parent: str | None
    is_gate: bool


def behind(headings: Sequence[Heading], stops: Sequence[Stop]) -> dict[str, list[str]]:
    """Return the ids of the steps behind each gate; gates are named step:id or section:id."""
    found: dict[str, list[str]] = {}
    gates: list[tuple[str, str | None]] = []
    parents = {stop.id: stop.parent for stop in stops}
    by_section: dict[str, list[Stop]] = {}
    for stop in stops:
        by_section.setdefault(stop.section, []).append(stop)
    for heading in headings:
        if heading.is_gate:
            gates.append((f"section:{heading.id}", heading.closed_by))
            found[f"section:{heading.id}"] = []
        for stop in by_section.get(heading.id, ()):
            inside = {f"step:{each}" for each in above(stop.id, parents)}
            for gate, closed_by in gates:
                if closed_by == heading.closed_by and gate not in inside:
                    found[gate].append(stop.id)
            if stop.is_gate:
                gates.append((f"step:{stop.id}", heading.closed_by))
                found[f"step:{stop.id}"] = []
    return found


def above(step_id: str, parents: Mapping[str, str | None]) -> list[str]:
    """Return the ids of the steps that a step is a sub-step of, the nearest first; `parents` knows each by id."""
    found = []
    parent = parents.get(step_id)
    while parent:
        found.append(parent)
        parent = parents.get(parent)
    return found
