"""Gates: which steps stand behind which, and what has to be settled first.

One rule: a tick is refused by it, the linter looks for circles in it, and a review for steps that it holds no longer.
A gate holds what stands below it in the document, but for its own sub-steps, and asks for itself;
on a heading it holds its section and all below, and asks for what is needed above it.
In an `.if-needed` section it holds nothing outside until that section is opened,
and what stands in such a section is held only by what stands in it too: no gate holds back a way back.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Stage:
    """A section, as far as gates go."""

    id: str
    is_gate: bool
    closed_by: str | None
    """The id of the `.if-needed` section that it is or stands in."""


@dataclass(frozen=True, kw_only=True)
class Stop:
    """A step, as far as gates go."""

    id: str
    section: str
    parent: str | None
    is_gate: bool


@dataclass(frozen=True, kw_only=True)
class _Gate:
    section: str
    closed_by: str | None
    step: str | None
    """None where the heading is the gate."""
    above: int
    """How many steps stand above it."""

    @property
    def name(self) -> str:
        return f"section:{self.section}" if self.step is None else f"step:{self.step}"


def behind(headings: Sequence[Stage], stops: Sequence[Stop], *, opened: Collection[str] = ()) -> dict[str, list[str]]:
    """Return the ids of the steps behind each gate; gates are named step:id or section:id.

    `opened` holds the ids of the `.if-needed` sections that are open. For a step its own always is,
    since it cannot be done before.
    """
    found: dict[str, list[str]] = {}
    for heading, stop, gates in _walk(headings, stops, opened):
        if stop is None:
            found.update({f"section:{heading.id}": []} if heading.is_gate else {})
            continue
        for gate in gates:
            found[gate.name].append(stop.id)
        found.update({f"step:{stop.id}": []} if stop.is_gate else {})
    return found


def needed_first(
    headings: Sequence[Stage], stops: Sequence[Stop], *, opened: Collection[str], needed: Collection[str]
) -> dict[str, tuple[str, ...]]:
    """Return by the id of each step those that have to be settled before it, as the gates above it want.

    `needed` holds the ids that a gate on a heading asks for; a step that is a gate asks for itself.
    `opened` is as in `behind`. Linear in the steps where few of them are gates.
    """
    found: dict[str, tuple[str, ...]] = {}
    above: list[tuple[int, str, str | None]] = []
    known: tuple[tuple[_Gate, ...], str | None] | None = None
    asked: tuple[str, ...] = ()
    place = 0
    for heading, stop, gates in _walk(headings, stops, opened):
        if stop is None:
            continue
        place += 1
        if known is None or known[0] is not gates or known[1] != heading.closed_by:
            known, asked = (gates, heading.closed_by), tuple(_asked(gates, heading, above))
        found[stop.id] = asked
        if stop.id in needed:
            above.append((place, stop.id, heading.closed_by))
    return found


def _asked(gates: Sequence[_Gate], heading: Stage, above: Sequence[tuple[int, str, str | None]]) -> Iterable[str]:
    """What some gates ask of a step in a section; `above` are the needed ones, by their places from 1 on."""
    last = max((gate.above for gate in gates if gate.step is None), default=0)
    needed = [
        step_id for place, step_id, closed_by in above if place <= last and heading.closed_by in (None, closed_by)
    ]
    return dict.fromkeys([*needed, *(gate.step for gate in gates if gate.step is not None)])


def _walk(
    headings: Sequence[Stage], stops: Sequence[Stop], opened: Collection[str]
) -> Iterator[tuple[Stage, Stop | None, tuple[_Gate, ...]]]:
    """Yield each section, with None for a step, and then its steps, each with the gates that it stands behind."""
    parents = {stop.id: stop.parent for stop in stops}
    by_section: dict[str, list[Stop]] = {}
    for stop in stops:
        by_section.setdefault(stop.section, []).append(stop)
    gates: list[_Gate] = []
    holding: tuple[_Gate, ...] = ()
    count = 0
    for heading in headings:
        yield heading, None, ()
        if heading.is_gate:
            gates.append(_Gate(section=heading.id, closed_by=heading.closed_by, step=None, above=count))
        held_by = tuple(gate for gate in gates if _holds(gate, heading, opened))
        holding = holding if holding == held_by else held_by  # the same one, for who asks whether it is
        for stop in by_section.get(heading.id, ()):
            inside = {gate.step for gate in holding if gate.step} & set(above(stop.id, parents))
            yield heading, stop, tuple(gate for gate in holding if gate.step not in inside) if inside else holding
            count += 1
            if stop.is_gate:
                gates.append(_Gate(section=heading.id, closed_by=heading.closed_by, step=stop.id, above=count))
                holding = (*holding, gates[-1])


def _holds(gate: _Gate, heading: Stage, opened: Collection[str]) -> bool:
    """Whether a gate holds what stands in a section further down."""
    if heading.closed_by is not None:
        return gate.closed_by == heading.closed_by
    return gate.closed_by is None or gate.closed_by in opened


def above(step_id: str, parents: Mapping[str, str | None]) -> list[str]:
    """Return the ids of the steps that a step is a sub-step of, the nearest first; `parents` knows each by id."""
    found = []
    parent = parents.get(step_id)
    while parent:
        found.append(parent)
        parent = parents.get(parent)
    return found
