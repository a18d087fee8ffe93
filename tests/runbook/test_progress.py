"""Progress: what is settled, what counts, and how far a runbook is."""

from __future__ import annotations

from hypothesis import given, settings

from nbrunbook.runbook import replay
from nbrunbook.runbook.events import Kind
from tests.making import event, plan_of, progress_of, then, why_not, with_event
from tests.runbook.conftest import EVERYTHING, FACTS, KIND, events_of


@settings(max_examples=60)
@given(facts=FACTS)
def test_counts_agree(facts: list[tuple[Kind, str]]) -> None:
    """Whatever happened, what is settled, skipped, required and counted fit together."""
    done = replay.apply_all(replay.start(plan_of(EVERYTHING)), events_of(facts))
    assert 0 <= done.skipped <= done.settled <= done.total == len(done.counted)
    assert len(done.required_open) <= done.total - done.settled
    assert done.seq == len(facts)


# Counting


def test_the_summary_is_in_words() -> None:
    """Settled is done, or skipped with a reason: 7 of 9 done, 1 skipped."""
    done = progress_of("\n".join(f"- [ ] Step {number} {{#s{number}}}" for number in range(9)))
    assert done.summary() == "0 of 9 done"
    done = then(done, *(("ticked", f"s{number}") for number in range(7)), ("skipped", "s7"))
    assert done.summary() == "7 of 9 done, 1 skipped"
    assert (done.settled, done.total) == (8, 9)


def test_what_does_not_apply_is_not_counted() -> None:
    """A step that its `when` left out stays in the plan and counts nowhere."""
    done = progress_of("- [ ] A {#a when=\"kind == 'major'\"}\n- [ ] B {#b}", declare=KIND)
    assert done.of("a").status == "not-applicable"
    assert done.of("a").settled
    assert [step.id for step in done.counted] == ["b"]
    assert "does not apply" in str(why_not(done, "ticked", "a"))


def test_a_group_has_no_box() -> None:
    """A group is settled when its sub-steps are, and cannot be ticked."""
    done = progress_of("- [ ] All: {#all .group}\n  - [ ] A {#a}\n  - [ ] B {#b}")
    assert "it is a group" in str(why_not(done, "ticked", "all"))
    assert done.total == 2
    assert then(done, ("ticked", "a")).of("all").status == "open"
    assert then(done, ("ticked", "a"), ("skipped", "b")).of("all").status == "done"
    assert then(done, ("skipped", "a"), ("skipped", "b")).of("all").status == "skipped"


def test_a_plain_bullet_over_steps_is_a_group() -> None:
    """A plain bullet over task items has a title and no box."""
    done = progress_of("- Everywhere\n  - [ ] A {#a}")
    group = next(step for step in done.plan.steps if step.is_group)
    assert group.title == "Everywhere"
    assert "it is a group" in str(why_not(done, "skipped", group.id))
    assert then(done, ("ticked", "a")).of(group.id).settled


def test_a_note_on_a_group_is_kept() -> None:
    """A note on a group is shown there, although the group's status follows its sub-steps."""
    done = progress_of("- [ ] All: {#all .group}\n  - [ ] A {#a}")
    assert why_not(done, "noted", "all") is None
    assert len(then(done, ("noted", "all")).of("all").notes) == 1


def test_a_group_whose_steps_do_not_apply_does_not_either() -> None:
    """A plain bullet whose steps were all left out is not applicable."""
    done = progress_of("- Everywhere\n  - [ ] A {#a when=\"kind == 'major'\"}", declare=KIND)
    assert {done.of(step.id).status for step in done.plan.steps} == {"not-applicable"}


# If needed


def test_an_if_needed_section_is_closed_until_it_is_opened() -> None:
    """A section that is only needed sometimes is not counted until an operator opens it."""
    done = progress_of("## Go\n- [ ] A {#a}\n## If it goes wrong {.if-needed #wrong}\n- [ ] B {#b}")
    assert (done.total, done.closed(done.plan.by_id["b"])) == (1, True)
    opened = then(done, ("opened", "wrong"))
    assert (opened.total, opened.closed(opened.plan.by_id["b"])) == (2, False)


def test_evidence_is_known_by_its_name() -> None:
    """Evidence is known further down under the name of its `as`, while its step is done."""
    done = progress_of("- [ ] A {#a evidence=link as=board}")
    done = with_event(done, event("ticked", "a", seq=2, evidence="https://x"))
    assert done.evidence_by_name() == {"board": "https://x"}
    assert then(done, ("unticked", "a")).evidence_by_name() == {}


def test_a_section_can_be_optional() -> None:
    """A heading's .optional holds for its steps."""
    assert progress_of("## Extra {.optional}\n- [ ] A {#a}").required_open == ()


def test_a_heading_has_its_values() -> None:
    """A section's title stays in the plan as written, and is shown with values and with the evidence so far."""
    done = progress_of(
        "## Ship {{release}}\n- [ ] Board {#board evidence=it as=board}\n## See {{board}} {#see}\n- [ ] B {#b}"
    )
    assert [section.title for section in done.plan.sections] == ["Ship {{release}}", "See {{board}}"]
    assert [done.heading(section.id) for section in done.plan.sections] == ["Ship 1.0", "See (from Board)"]
    ticked = with_event(done, event("ticked", "board", evidence="the {{release}}"))
    assert ticked.heading("see") == "See the {{release}}"


def test_steps_have_an_order() -> None:
    """How many steps stand before each one, also before one that was put in."""
    done = then(progress_of("- [ ] A {#a}\n- [ ] B {#b}"), ("added", "c"), after="a", title="C")
    assert done.order == {"a": 0, "c": 1, "b": 2}
