"""Waiting: what a step waits for, and from when to when."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from nbrunbook.runbook.other_answers import Answer, Elsewhere
from nbrunbook.runbook.waiting import blocked_by, due_at, is_overdue, next_change, ready_at, when_settled
from tests.making import AT, clock, progress_of, then, why_not
from tests.runbook.conftest import KIND


def test_a_step_with_substeps_is_settled_after_them() -> None:
    """A step with sub-steps has a box of its own, which can be ticked once they are settled."""
    done = progress_of("- [ ] Notes {#notes}\n  - [ ] Write {#write}\n  - [ ] Merge {#merge}")
    assert "sub-steps are not settled" in str(why_not(done, "ticked", "notes"))
    done = then(done, ("ticked", "write"), ("skipped", "merge"))
    assert done.of("notes").status == "open"
    assert why_not(done, "ticked", "notes") is None


def test_a_step_comes_after_others() -> None:
    """A step with `after` waits until those are settled."""
    done = progress_of("- [ ] A {#a}\n- [ ] B {#b}\n- [ ] C {#c after=a,b}")
    assert why_not(done, "ticked", "c") == "it comes after “A”, “B”"
    assert why_not(then(done, ("ticked", "a"), ("skipped", "b")), "ticked", "c") is None


@pytest.mark.parametrize("reference", ["a@production", "0.9#a"])
def test_what_we_cannot_see_holds_a_step(reference: str) -> None:
    """A step of another environment or release holds until it is known to be settled."""
    done = then(progress_of(f'- [ ] A {{#a}}\n- [ ] B {{#b after="{reference}"}}'), ("ticked", "a"))
    assert reference in str(why_not(done, "ticked", "b"))


@pytest.mark.parametrize(("hours", "refused"), [(0, True), (23.9, True), (24, False), (25, False)])
def test_a_wait_runs_from_its_after(hours: float, refused: bool) -> None:
    """A wait runs from when its `after` steps were settled, to the minute."""
    done = then(progress_of("- [ ] A {#a}\n- [ ] B {#b}\n- [ ] C {#c after=a wait=24h}"), ("ticked", "a"))
    assert bool(why_not(done, "ticked", "c", now=AT + timedelta(hours=hours))) is refused


def test_a_wait_without_after_runs_from_the_step_above() -> None:
    """Without `after` a wait runs from when the step above was settled."""
    done = progress_of("- [ ] A {#a}\n- [ ] B {#b wait=30m}")
    assert why_not(done, "ticked", "b") == "it waits 30 min from when the step above is settled"
    done = then(done, ("ticked", "a"))
    assert why_not(done, "ticked", "b") == "it waits until 22 Nov 14:32 UTC (another 30 min)"
    assert why_not(done, "ticked", "b", now=AT + timedelta(minutes=30)) is None


def test_a_wait_runs_again_after_an_undo() -> None:
    """When the step before is undone, the wait starts anew."""
    done = then(progress_of("- [ ] A {#a}\n- [ ] B {#b after=a wait=1h}"), ("ticked", "a"), ("unticked", "a"))
    later = AT + timedelta(hours=5)
    done = then(done, ("ticked", "a"), at=later)
    assert ready_at(done, done.plan.by_id["b"]) == later + timedelta(hours=1)


def test_a_due_runs_from_the_start() -> None:
    """Without `after` a step is due from when the runbook was made."""
    done = progress_of("- [ ] A {#a due=7d}")
    assert due_at(done, done.plan.by_id["a"]) == AT + timedelta(days=7)


def test_a_due_with_after_runs_from_there() -> None:
    """With `after` a step is due from when those were settled, and before that it is not."""
    done = progress_of("- [ ] A {#a}\n- [ ] B {#b after=a due=7d}")
    step = done.plan.by_id["b"]
    assert due_at(done, step) is None
    assert due_at(then(done, ("ticked", "a")), step) == AT + timedelta(days=7)


@pytest.mark.parametrize(
    ("minutes", "next_minutes"), [(0, 30), (29, 30), (30, 60), (59, 60), (60, 90), (90, None), (1000, None)]
)
def test_the_next_change_by_time_alone_is_known(minutes: int, next_minutes: int | None) -> None:
    """When a wait ends or a due time comes, the screen has to be drawn anew."""
    done = then(
        progress_of("- [ ] A {#a}\n- [ ] B {#b wait=30m}\n- [ ] C {#c due=1h}\n- [ ] D {#d due=90m}"), ("ticked", "a")
    )
    now = AT + timedelta(minutes=minutes)
    expected = AT + timedelta(minutes=next_minutes) if next_minutes is not None else None
    assert next_change(done, now=now) == expected
    assert next_change(then(done, ("abandoned", "")), now=now) is None


def test_what_waits_for_time_alone_says_until_when() -> None:
    """Only where time is all that is missing is there an instant to count down to."""
    done = then(progress_of("- [ ] A {#a}\n- [ ] B {#b wait=30m}\n- [ ] C {#c after=b wait=1h}"), ("ticked", "a"))
    by_id = done.plan.by_id
    blocked = blocked_by(done, by_id["b"], now=AT)
    assert blocked is not None
    assert (blocked.until, blocked.left) == (AT + timedelta(minutes=30), "30 min")
    assert blocked_by(done, by_id["b"], now=AT + timedelta(minutes=30)) is None
    behind = blocked_by(done, by_id["c"], now=AT)
    assert behind is not None
    assert (behind.until, behind.words(clock())) == (None, "it comes after “B”")


def test_what_does_not_apply_counts_from_the_start() -> None:
    """A wait after a step that does not apply runs from when the runbook was made."""
    made = progress_of("- [ ] A {#a when=\"kind == 'major'\"}\n- [ ] B {#b after=a wait=1h}", declare=KIND)
    later = then(made, ("noted", "b"), at=AT + timedelta(hours=5))
    assert when_settled(later, "a") == AT
    assert ready_at(later, later.plan.by_id["b"]) == AT + timedelta(hours=1)


def test_a_group_is_settled_with_its_last_sub_step() -> None:
    """While one of them is open a group has no time, and then it has that of the last one, whatever their order."""
    done = progress_of("- All:\n  - [ ] A {#a}\n  - [ ] B {#b}\n- [ ] C {#c after=all wait=1h}")
    done = then(done, ("ticked", "b"), at=AT + timedelta(hours=2))
    assert when_settled(done, "all") is None
    assert when_settled(done, "a") is None
    done = then(done, ("skipped", "a"), at=AT + timedelta(hours=1))
    assert when_settled(done, "all") == AT + timedelta(hours=2)
    assert ready_at(done, done.plan.by_id["c"]) == AT + timedelta(hours=3)


@pytest.mark.parametrize(("count", "said"), [(3, "“S0”, “S1”, “S2”"), (4, "“S0”, “S1”, “S2” and 1 more")])
def test_a_long_list_of_titles_is_cut(count: int, said: str) -> None:
    """Three titles are named, and of the others how many there are."""
    done = progress_of("- [ ] All {#all}\n" + "\n".join(f"  - [ ] S{number}" for number in range(count)))
    blocked = blocked_by(done, done.plan.by_id["all"], now=AT)
    assert blocked is not None
    assert blocked.words(clock()) == f"its sub-steps are not settled yet: {said}"


def test_a_wait_runs_from_the_step_right_above() -> None:
    """Without `after` only the step before it is waited for, not those further up."""
    done = then(progress_of("- [ ] A {#a}\n- [ ] B {#b}\n- [ ] C {#c wait=1h}"), ("ticked", "b"))
    assert ready_at(done, done.plan.by_id["c"]) == AT + timedelta(hours=1)


def test_a_step_is_overdue_from_the_very_instant() -> None:
    """A second before it is not, and a step without a due never is."""
    done = progress_of("- [ ] A {#a due=1d}\n- [ ] B {#b}")
    due = AT + timedelta(days=1)
    assert is_overdue(done, done.plan.by_id["a"], now=due)
    assert not is_overdue(done, done.plan.by_id["a"], now=due - timedelta(seconds=1))
    assert not is_overdue(done, done.plan.by_id["b"], now=due)


@pytest.mark.parametrize(("count", "more"), [(1, ""), (2, " and 1 more"), (3, " and 2 more")])
def test_the_first_of_those_before_a_gate_is_named(count: int, more: str) -> None:
    """Of a long title 60 characters, which ends as what is cut does, and of the others how many there are."""
    title = f"{'x' * 60}y"
    above = "\n".join(f"- [ ] {title} {{#s{number}}}" for number in range(count))
    done = progress_of(f"## One\n{above}\n## Two {{.gate}}\n- [ ] Last {{#last}}")
    assert why_not(done, "ticked", "last") == f"behind a gate: first settle “{'x' * 59}…”{more}"


def test_a_long_title_in_a_list_is_cut() -> None:
    """60 characters of each title are enough to find it."""
    done = progress_of(f"- [ ] All {{#all}}\n  - [ ] {'x' * 60}y {{#x}}")
    assert why_not(done, "ticked", "all") == f"its sub-steps are not settled yet: “{'x' * 59}…”"


def test_what_others_say_starts_the_clock() -> None:
    """A wait after a step elsewhere runs from its answer; without one it is said what is asked."""
    done = progress_of("- [ ] A {#a after=0.9#stop wait=1h}")
    step = done.plan.by_id["a"]
    assert ready_at(done, step) is None
    assert why_not(done, "ticked", "a") == "it comes after 0.9#stop"
    open_there = Elsewhere(answers={"0.9#stop": Answer(waiting=("Stop in eu", "Stop in us"))})
    assert why_not(replace(done, elsewhere=open_there), "ticked", "a") == "it comes after Stop in eu, Stop in us"
    settled = replace(done, elsewhere=Elsewhere(answers={"0.9#stop": Answer(settled_at=AT)}))
    assert ready_at(settled, step) == AT + timedelta(hours=1)
    assert why_not(settled, "ticked", "a") == "it waits until 22 Nov 15:02 UTC (another 1 h)"
