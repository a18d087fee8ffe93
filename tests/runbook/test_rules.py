"""Rules: what may be done now, and the words of every refusal."""

from __future__ import annotations

from dataclasses import replace

import pytest

from nbrunbook.project.operator import Known, Operator
from nbrunbook.runbook import replay, rules
from nbrunbook.runbook.attempt import Attempt
from nbrunbook.runbook.events import KINDS, Kind
from nbrunbook.runbook.other_answers import Elsewhere, Once
from tests.making import clock, event, plan_of, progress_of, then, why_not
from tests.runbook.conftest import APPROVED, LIVES, TREE


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "noted"])
@pytest.mark.parametrize("state", ["signed_off", "abandoned"])
def test_a_closed_runbook_takes_nothing_on_its_steps(state: str, kind: Kind) -> None:
    """Once signed off or abandoned, only a note may follow on a step."""
    done = then(progress_of("- [ ] Mail {#mail .optional}"), *LIVES[state])
    assert "reopen it first" in str(why_not(done, kind, "mail"))


@pytest.mark.parametrize(("state", "refused"), [("signed_off", False), ("abandoned", True)])
def test_a_note_on_a_step_may_follow_the_sign_off(state: str, refused: bool) -> None:
    """A remark changes nothing, so a signed-off runbook takes it; an abandoned one does not."""
    done = then(progress_of("- [ ] Mail {#mail .optional}"), *LIVES[state])
    assert bool(why_not(done, "noted", "mail")) is refused


def test_a_substep_stays_done_under_a_done_step() -> None:
    """A sub-step cannot be undone before the step above it."""
    done = then(progress_of("- [ ] Notes {#notes}\n  - [ ] Write {#write}"), ("ticked", "write"), ("ticked", "notes"))
    assert "undo that first" in str(why_not(done, "unticked", "write"))
    assert why_not(then(done, ("unticked", "notes")), "unticked", "write") is None


def test_an_approval_comes_before_the_act() -> None:
    """A step that needs an approval cannot be done without one."""
    assert "has to approve it first" in str(why_not(progress_of(APPROVED), "ticked", "mail"))


def test_nobody_approves_for_themselves() -> None:
    """Who approved a step cannot be the one who does it."""
    done = then(progress_of(APPROVED), ("approved", "mail"), operator="ana")
    assert "somebody else has to do it" in str(why_not(done, "ticked", "mail", operator="ana"))
    assert why_not(done, "ticked", "mail", operator="ben") is None


def test_what_was_undone_is_approved_again() -> None:
    """An approval is for one act: after an untick another one is asked for."""
    done = then(progress_of(APPROVED), ("approved", "mail"), ("ticked", "mail"), ("unticked", "mail"))
    assert "has to approve it first" in str(why_not(done, "ticked", "mail", operator="ben"))


def test_only_what_asks_for_it_is_approved() -> None:
    """A step that needs no approval takes none."""
    assert "no approval" in str(why_not(progress_of("- [ ] A {#a}"), "approved", "a"))


@pytest.mark.parametrize(("given", "refused"), [("", True), (" \n", True), ("https://board.example.com/7", False)])
def test_evidence_is_asked_for(given: str, refused: bool) -> None:
    """Without a value for its evidence a step cannot be ticked."""
    done = progress_of('- [ ] A {#a evidence="link to the board"}')
    why = why_not(done, "ticked", "a", given=given)
    assert ("link to the board" in str(why)) is refused


def test_what_is_irreversible_cannot_be_unticked() -> None:
    """An irreversible step cannot be unticked; a skip of it can be taken back."""
    done = progress_of("- [ ] A {#a .irreversible}")
    assert "cannot be undone" in str(why_not(then(done, ("ticked", "a")), "unticked", "a"))
    assert why_not(then(done, ("skipped", "a")), "unskipped", "a") is None


def test_a_second_tick_says_who_was_first() -> None:
    """A step that is done already says by whom and when."""
    done = then(progress_of("- [ ] A {#a}"), ("ticked", "a"), operator="ben")
    assert why_not(done, "ticked", "a") == "already done by ben, 22 Nov 14:02 UTC"


def test_a_sign_off_waits_for_what_is_required() -> None:
    """A runbook with required open steps cannot be signed off; optional ones may stay open."""
    done = progress_of("- [ ] A {#a}\n- [ ] B {#b .optional}")
    assert why_not(done, "signed_off") == "1 required open: “A”"
    assert why_not(then(done, ("skipped", "a")), "signed_off") is None


def test_a_second_sign_off_says_who_was_first() -> None:
    """A runbook that is signed off says by whom and when."""
    done = then(progress_of("- [ ] A {#a .optional}"), ("signed_off", ""), operator="ben")
    assert why_not(done, "signed_off") == "already signed off by ben, 22 Nov 14:02 UTC"


def test_nothing_is_added_under_what_is_done_or_over() -> None:
    """A step that is done takes no more sub-steps, a signed-off runbook no more steps, an empty one none."""
    done = then(progress_of(TREE), ("ticked", "a1"), ("ticked", "a"))
    assert "undo that first" in str(rules.add_refusal(done, "a1"))
    assert rules.add_refusal(done, "a") is None
    over = then(done, ("ticked", "b"), ("signed_off", ""))
    assert "signed off" in str(rules.add_refusal(over, "a"))
    assert replay.added_after(progress_of("# Nothing"), "") is None
    assert "no steps" in str(rules.add_refusal(progress_of("# Nothing"), None))


@pytest.mark.parametrize(("known", "why"), [("declared", "ben is only declared, and"), ("verified", "")])
def test_an_approval_may_have_to_be_verified(known: Known, why: str) -> None:
    """Where only verified operators approve, one whose name nobody vouches for is refused."""
    done = progress_of("- [ ] A {#a .approval}")
    ben = Operator(name="ben", known=known, known_by="env")
    attempt = Attempt(kind="approved", step=done.plan.by_id["a"], operator=ben, clock=clock(), verified_approvals=True)
    assert (rules.refusal(done, attempt) or "").startswith(why)
    assert bool(rules.refusal(done, attempt)) is bool(why)


@pytest.mark.parametrize(
    ("state", "kind", "said"),
    [
        ("signed_off", "abandoned", "the runbook is signed off, so it cannot be abandoned; reopen it first"),
        ("abandoned", "abandoned", "the runbook is abandoned, so it cannot be abandoned"),
        ("abandoned", "signed_off", "the runbook is abandoned, so it cannot be signed off"),
        ("signed_off", "skipped", "the runbook is signed off, so it cannot be skipped"),
        ("open", "reopened", "the runbook is open, so it cannot be reopened"),
    ],
)
def test_what_cannot_become_of_a_runbook_is_said(state: str, kind: Kind, said: str) -> None:
    """A refusal says in which state a runbook is, what it cannot become, and what has to come first."""
    assert why_not(then(progress_of("- [ ] A {#a .optional}"), *LIVES[state]), kind) == said


def test_a_runbook_without_steps_is_not_reopened() -> None:
    """There is nothing to work on in a release that was skipped as a whole: another runbook is made instead."""
    skipped = then(progress_of("# Notes"), ("skipped", ""))
    assert str(why_not(skipped, "reopened")).startswith("it has no steps to work on: 'nbrunbook instantiate")
    assert why_not(skipped, "abandoned") is None
    assert why_not(then(progress_of("- [ ] A {#a}"), ("skipped", "")), "reopened") is None


def test_a_revision_replaces_what_was_shown() -> None:
    """A plan comes into force in place of the one that was looked at, and only where it says something else."""
    a, b, c = (plan_of(f"- [ ] {name} {{#{name}}}") for name in "abc")
    done = progress_of("- [ ] a {#a}")
    assert rules.revise_refusal(done, b, a) is None
    assert rules.revise_refusal(done, a, a) == "its steps are as they are in the template"
    assert rules.revise_refusal(done, b, c) == "it was revised meanwhile; look at the difference again"
    revised = replay.apply_all(done, [event("revised", seq=2, operator="ben", plan=b.digest)], {b.digest: b})
    assert rules.revise_refusal(revised, c, a) == "it was revised by ben meanwhile; look at the difference again"
    assert rules.revise_refusal(revised, a, a) == "it was revised by ben meanwhile; look at the difference again"
    assert rules.revise_refusal(revised, a, b) is None
    over = then(done, ("abandoned", ""))
    assert rules.revise_refusal(over, b, c) == "the runbook is abandoned, so it cannot be revised"
    assert rules.revise_refusal(over, a, a) == "the runbook is abandoned, so it cannot be revised"


@pytest.mark.parametrize(("given", "file", "refused"), [("", False, True), ("x", False, True), ("", True, False)])
def test_a_file_is_evidence_where_one_is_asked_for(given: str, file: bool, refused: bool) -> None:
    """A tick that brings a file is enough, a text is not."""
    done = progress_of('- [ ] A {#a evidence="file with the export"}')
    step = done.plan.by_id["a"]
    assert bool(rules.missing_evidence(done, step, given=given, file=file)) is refused


def test_what_was_settled_elsewhere_is_undone_there() -> None:
    """A `.once` step of another runbook is not for this one to undo, and neither has it to be done again."""
    tick = then(progress_of("- [ ] A {#a .once}"), ("ticked", "a"), operator="ben").of("a").by
    assert tick is not None
    elsewhere = Elsewhere(once={"a": Once(runbook="eu/1.0", event=tick)})
    done = replace(progress_of("- [ ] A {#a .once}"), elsewhere=elsewhere)
    assert why_not(done, "unticked", "a") == "it was settled in eu/1.0, once for the whole group; undo it there"
    assert why_not(done, "ticked", "a") == "already done by ben, 22 Nov 14:02 UTC in eu/1.0"
