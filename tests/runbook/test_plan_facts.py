"""What a plan says of its steps and sections, and what of that is stored and hashed."""

from __future__ import annotations

import pytest

from nbrunbook.errors import UnknownPlanError, UnknownSectionError
from nbrunbook.runbook import replay
from nbrunbook.runbook.plan_json import plan_from_json
from tests.making import event, plan_of, with_event

FLAGS = {
    "gate": "is_gate",
    "group": "is_group",
    "optional": "is_optional",
    "irreversible": "is_irreversible",
    "once": "is_once",
    "approval": "needs_approval",
}


@pytest.mark.parametrize("flag", FLAGS)
def test_each_flag_has_a_property(flag: str) -> None:
    """A step says what its one flag means, and nothing of the others."""
    step = plan_of(f"- [ ] a {{#a .{flag}}}\n  - [ ] b {{#b}}").by_id["a"]
    assert [name for name in FLAGS.values() if getattr(step, name)] == [FLAGS[flag]]


def test_a_heading_says_that_it_is_a_gate() -> None:
    """A section's own `.gate` is told, and not its steps'."""
    made = plan_of("# A {#a .gate}\n- [ ] a\n# B {#b}\n- [ ] b {.gate}")
    assert [section.is_gate for section in made.sections] == [True, False]


def test_what_is_worked_out_of_a_step_is_not_hashed() -> None:
    """Whatever is kept beside a step's fields is no part of its JSON, so that it changes no digest."""
    made = plan_of("- [ ] a {#a as=x evidence=link}")
    again = plan_from_json(made.to_json())
    vars(again.steps[0])["worked_out"] = "a cached property"
    assert again.digest == made.digest
    assert list(again.steps[0].to_json())[-1] == "as"


def test_an_unknown_section_is_named() -> None:
    """A section that is not there is an error that says which ones are."""
    with pytest.raises(UnknownSectionError, match="no section 'tel'; expected one of: tell; did you mean 'tell'"):
        plan_of("# T {#tell}\n- [ ] a").section("tel")


def test_a_revision_whose_plan_was_not_read_is_named() -> None:
    """Who replays a revision without its plan is told that, and not that something has no such key."""
    with pytest.raises(UnknownPlanError, match="whose plan was not read yet"):
        with_event(replay.start(plan_of("- [ ] a")), event("revised", plan="0" * 64))
