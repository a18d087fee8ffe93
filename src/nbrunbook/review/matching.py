"""Which thing of one side is which of the other, and which of them left their order."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from nbrunbook.review import text_diff
from nbrunbook.review.snapshot import Snapshot
from nbrunbook.review.things import Thing

ALIKE = 0.6
"""How alike two titles are, at least, to be taken for one that was reworded."""

MOST_PAIRS = 2_500
"""Beyond that equal titles are matched first, and where still more are left, nothing else: it would take seconds."""


@dataclass(frozen=True, kw_only=True)
class Pairs:
    """What two lists of things have in common."""

    old_of: Mapping[str, str] = field(default_factory=dict)
    """New ids -> old ids."""
    added: tuple[Thing, ...] = ()
    removed: tuple[Thing, ...] = ()

    @cached_property
    def new_of(self) -> Mapping[str, str]:
        """Old ids -> new ids."""
        return {old: new for new, old in self.old_of.items()}


def of_sections(old: Snapshot, new: Snapshot) -> Pairs:
    """Match sections by id, then by their steps, then by their titles."""
    homes = {step.id: step.section for step in new.steps}

    def likeness(one: Thing, other: Thing) -> float:
        mine = [step.id for step in old.steps if step.section == one.id]
        shared = sum(homes.get(step_id) == other.id for step_id in mine)
        return (
            1 + shared / len(mine)
            if mine and shared * 2 > len(mine)
            else text_diff.alike(one.title, other.title, least=ALIKE)
        )

    return _match(old.sections, new.sections, likeness)


def of_steps(old: Snapshot, new: Snapshot, sections: Pairs) -> Pairs:
    """Match steps by id, then by titles that are alike, those in the same section first."""

    def likeness(one: Thing, other: Thing) -> float:
        found = 1.0 if one.title == other.title else text_diff.alike(one.title, other.title, least=ALIKE)
        same = sections.old_of.get(other.section) == one.section
        return found + same if found else 0.0

    return _match(old.steps, new.steps, likeness)


def of_texts(old: Sequence[Thing], new: Sequence[Thing]) -> Pairs:
    """Match cells with the same content, then by id, then by content that is alike."""
    left: dict[str, list[str]] = {}
    for thing in old:
        left.setdefault(thing.text, []).append(thing.id)
    same = {thing.id: left[thing.text].pop(0) for thing in new if left.get(thing.text)}
    return _match(old, new, lambda one, other: text_diff.alike(one.text, other.text, least=ALIKE), same)


def by_id(old: Sequence[Thing], new: Sequence[Thing]) -> Pairs:
    """Match things by their ids alone."""
    return _match(old, new, lambda *_: 0.0)


def _match(
    old: Sequence[Thing],
    new: Sequence[Thing],
    likeness: Callable[[Thing, Thing], float],
    known: Mapping[str, str] | None = None,
) -> Pairs:
    found = dict(known or {})
    old_ids, taken = {thing.id for thing in old}, set(found.values())
    for thing in new:
        if thing.id in old_ids and thing.id not in taken and thing.id not in found:
            found[thing.id] = thing.id
            taken.add(thing.id)
    removed = [thing for thing in old if thing.id not in taken]
    added = [thing for thing in new if thing.id not in found]
    if len(removed) * len(added) > MOST_PAIRS:
        titles = {thing.title: thing.id for thing in removed}
        found |= {thing.id: titles.pop(thing.title) for thing in added if thing.title in titles}
        taken = set(found.values())
        removed = [thing for thing in removed if thing.id not in taken]
        added = [thing for thing in added if thing.id not in found]
    if len(removed) * len(added) <= MOST_PAIRS:
        found |= _nearest(removed, added, likeness)
    taken = set(found.values())
    return Pairs(
        old_of=found,
        removed=tuple(thing for thing in removed if thing.id not in taken),
        added=tuple(thing for thing in added if thing.id not in found),
    )


def _nearest(
    removed: Iterable[Thing], added: Sequence[Thing], likeness: Callable[[Thing, Thing], float]
) -> dict[str, str]:
    scored = [(likeness(one, other), one.id, other.id) for one in removed for other in added]
    found: dict[str, str] = {}
    for score, old_id, new_id in sorted(scored, key=lambda each: -each[0]):
        if score > 0 and new_id not in found and old_id not in found.values():
            found[new_id] = old_id
    return found


def moved(old: Sequence[str], new: Sequence[str]) -> set[str]:
    """Return the fewest ids that have to move to get from one order to the other.

    Both hold the same ids; those that stay are a longest increasing subsequence.
    """
    place = {each: number for number, each in enumerate(old)}
    tails: list[int] = []
    chains: list[tuple[str, ...]] = []
    for each in new:
        at = bisect_left(tails, place[each])
        chain = (*(chains[at - 1] if at else ()), each)
        tails[at : at + 1], chains[at : at + 1] = [place[each]], [chain]
    return set(new) - set(chains[-1] if chains else ())
