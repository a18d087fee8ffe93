"""Replaying: what a plan and its events come to."""

from __future__ import annotations

from dataclasses import replace
from functools import reduce

import pytest
from hypothesis import example, given, settings

from nbrunbook.runbook import replay
from nbrunbook.runbook.events import Kind
from nbrunbook.runbook.progress import Progress
from nbrunbook.runbook.status import LIFE, TRANSITIONS, StepState
from tests.making import event, plan_of, progress_of, then, why_not, with_event
from tests.runbook.conftest import EVERYTHING, FACTS, TREE, events_of


@settings(max_examples=60)
@given(facts=FACTS)
def test_all_events_at_once_are_the_same_as_one_by_one(facts: list[tuple[Kind, str]]) -> None:
    """Progress does not depend on how many events are read at a time."""
    made = events_of(facts)
    one_by_one = reduce(with_event, made, replay.start(plan_of(EVERYTHING)))
    assert replay.apply_all(replay.start(plan_of(EVERYTHING)), made) == one_by_one


@settings(max_examples=60)
@given(facts=FACTS)
@example(facts=[("added", ""), ("taken", "")])
@example(facts=[("added", "new"), ("taken", "new"), ("added", "a")])
def test_only_what_is_allowed_changes_anything(facts: list[tuple[Kind, str]]) -> None:
    """An event that the tables refuse leaves every step and the runbook's state as they were."""
    done = replay.start(plan_of(EVERYTHING))
    for each in events_of(facts):
        after = with_event(done, each)
        on_step = each.step in done.plan.by_id
        status = done.steps.get(each.step, StepState()).status
        known = (status, each.kind) in TRANSITIONS if on_step else (done.state, each.kind) in LIFE
        assert known or (after.steps.get(each.step, StepState()), after.state) == (
            done.steps.get(each.step, StepState()),
            done.state,
        )
        done = after


def test_reopening_takes_the_sign_off_back() -> None:
    """A reopened runbook is open, neither signed off nor archived."""
    done = then(progress_of("- [ ] A {#a .optional}"), ("signed_off", ""), ("archived", ""))
    assert done.signed_off
    assert done.archived
    done = then(done, ("reopened", ""))
    assert (done.state, done.signed_off, done.archived) == ("open", None, None)


def test_notes_on_the_runbook_are_kept_apart() -> None:
    """A note on a step stands there; a note on the runbook is the handover line."""
    done = then(progress_of("- [ ] A {#a}"), ("noted", "a"), ("noted", ""))
    assert [len(done.of("a").notes), len(done.notes)] == [1, 1]
    assert done.of("a").status == "open"


def test_who_is_busy_is_known_until_it_is_undone() -> None:
    """I am on it: who took a step is known; an undone step is free again."""
    done = then(progress_of("- [ ] A {#a}"), ("taken", "a"), operator="ben")
    assert done.of("a").taken.operator == "ben"  # type: ignore[union-attr]
    assert then(done, ("ticked", "a"), ("unticked", "a")).of("a").taken is None


def test_who_is_busy_may_let_go() -> None:
    """Another one who takes a step is on it now; whoever lets go, nobody is."""
    done = then(progress_of("- [ ] A {#a}"), ("taken", "a"), operator="ana")
    done = then(done, ("taken", "a"), operator="ben")
    assert done.of("a").taken.operator == "ben"  # type: ignore[union-attr]
    assert with_event(done, event("taken", "a", seq=4, let_go="yes")).of("a").taken is None


def test_letting_go_outlives_a_redaction() -> None:
    """A `taken` whose data was blanked still says that nobody is on it: only letting go has data."""
    released = replace(event("taken", "a", seq=3, let_go="yes"), data={}, salt="")
    done = with_event(then(progress_of("- [ ] A {#a}"), ("taken", "a")), released)
    assert released.redacted
    assert done.of("a").taken is None


def _with_added(done: Progress, *added: tuple[str, str]) -> Progress:
    for step, after in added:
        done = with_event(done, event("added", step, seq=done.seq + 1, title=step.upper(), after=after))
    return done


@pytest.mark.parametrize(
    ("after", "order"),
    [
        ("a", "a a1 x b back"),
        ("a1", "a a1 x b back"),
        ("b", "a a1 b x back"),
        ("back", "a a1 b back x"),
        ("", "a a1 b x back"),
        ("no-such", "a a1 b x back"),
    ],
)
def test_an_added_step_stands_behind_its_neighbour(after: str, order: str) -> None:
    """It comes after the step named and that one's sub-steps; else at the end of the main line."""
    done = _with_added(progress_of(TREE), ("x", after))
    assert " ".join(step.id for step in done.plan.steps) == order
    beside = done.plan.by_id.get(after) or done.plan.by_id["b"]
    assert (done.plan.by_id["x"].section, done.plan.by_id["x"].parent) == (beside.section, beside.parent)


def test_an_added_step_is_a_step_as_any_other() -> None:
    """It counts, can be ticked, and keeps the runbook from being signed off until it is settled."""
    done = _with_added(then(progress_of("- [ ] A {#a}"), ("ticked", "a")), ("x", "a"))
    assert (done.settled, done.total) == (1, 2)
    assert "“X”" in str(why_not(done, "signed_off"))
    assert why_not(then(done, ("ticked", "x")), "signed_off") is None


def test_added_steps_are_drawn_behind_one_of_the_template() -> None:
    """A step that was added behind an added one stands in the same list, in the plan's order."""
    done = _with_added(progress_of(TREE), ("x", "a"), ("y", "x"), ("z", "a"))
    assert [step.id for step in done.plan.steps][:5] == ["a", "a1", "z", "x", "y"]
    assert done.added_behind == {"a": ("z", "x", "y")}


def test_a_sub_step_that_is_added_holds_its_group_open() -> None:
    """Added inside a group it belongs to it: the group is settled when it is."""
    group = progress_of("- [ ] All {#all .group}\n  - [ ] Web {#web}")
    done = _with_added(then(group, ("ticked", "web")), ("x", "web"))
    assert done.of("all").status == "open"
    assert then(done, ("ticked", "x")).of("all").status == "done"


def test_an_added_title_is_text() -> None:
    """No value is put into a title that an operator wrote."""
    done = progress_of("- [ ] A {#a evidence=what as=seen}")
    done = with_event(done, event("added", "x", seq=2, title="say {{seen}}", after="a"))
    assert done.title(done.plan.by_id["x"]) == "say {{seen}}"
