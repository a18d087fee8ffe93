"""Homes: where sections are drawn once a plan was revised."""

from __future__ import annotations

from nbrunbook.runbook import placement
from nbrunbook.runbook.plan import Plan
from tests.making import plan_of


def _plan(*sections: str) -> Plan:
    return plan_of("\n".join(f"## {each}\n- [ ] {each} {{#{each}-step}}" for each in sections))


MADE = _plan("one", "two")


def test_every_section_is_at_home_where_nothing_was_revised() -> None:
    """Each section is drawn in its own cell, and a heading without steps has none."""
    assert placement.of(MADE, MADE) == {"one": ("one",), "two": ("two",)}
    bare = plan_of("# Release\n## one\n- [ ] A {#a}")
    assert placement.of(bare, bare) == {"one": ("one",)}


def test_a_new_section_is_drawn_below_the_one_above_it() -> None:
    """Behind the nearest section above that has a cell, in their order; before all others it is in the first cell."""
    assert placement.of(MADE, _plan("one", "new", "newer", "two")) == {"one": ("one", "new", "newer"), "two": ("two",)}
    assert placement.of(MADE, _plan("new", "one", "two")) == {"one": ("new", "one"), "two": ("two",)}


def test_a_removed_section_leaves_its_cell_empty() -> None:
    """What is left does not move into it, unless nothing of what there was is left."""
    assert placement.of(MADE, _plan("two")) == {"one": (), "two": ("two",)}
    assert placement.of(MADE, _plan("new")) == {"one": ("new",), "two": ()}


def test_without_any_cell_everything_has_one_home() -> None:
    """A runbook that was made without steps draws all under the empty name."""
    assert placement.of(plan_of("# Release"), MADE) == {"": ("one", "two")}
