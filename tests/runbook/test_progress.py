"""Progress: pure rules over a plan and its events."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from functools import reduce

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from nbrunbook.runbook import replay, rules
from nbrunbook.runbook.events import KINDS, Event, Kind
from nbrunbook.runbook.progress import Progress
from nbrunbook.runbook.status import LIFE, STATES, STATUSES, TRANSITIONS, State, Status, StepState
from nbrunbook.runbook.times import span
from nbrunbook.runbook.waiting import blocked_by, due_at, next_change, ready_at
from tests.conftest import Workplace
from tests.making import AT, event, plan_of, with_event

KIND = "kind: str = 'minor'\n"


def make(*markdown: str, **more: str) -> Progress:
    """Make a runbook's progress from Markdown, before anything was done but opening it."""
    return with_event(replay.start(plan_of(*markdown, **more)), event("opened"))


def _after(done: Progress, *facts: tuple[Kind, str], **more: object) -> Progress:
    made = [event(kind, step, seq=done.seq + number, **more) for number, (kind, step) in enumerate(facts, 1)]
    return replay.apply_all(done, made)


def _why(done: Progress, kind: Kind, step: str = "", *, operator: str = "ana", **more: object) -> str | None:
    found = done.plan.by_id[step] if step else None
    return rules.refusal(done, kind, found, operator=operator, **{"now": AT, **more})  # type: ignore[arg-type]


STEP = "- [ ] Mail {#mail .approval}"
INTO: dict[str, list[tuple[Kind, str]]] = {
    "open": [("approved", "mail")],
    "done": [("approved", "mail"), ("ticked", "mail")],
    "skipped": [("skipped", "mail")],
}


def _in_status(status: str) -> Progress:
    if status == "not-applicable":
        return make("- [ ] Mail {#mail .approval when=\"kind == 'major'\"}", declare=KIND)
    return _after(make(STEP), *INTO[status], operator="ben")


@pytest.mark.parametrize(("status", "kind"), TRANSITIONS)
def test_what_may_follow_is_allowed(status: Status, kind: Kind) -> None:
    """Every transition of the table is allowed, and leads where the table says."""
    done = _in_status(status)
    assert done.of("mail").status == status
    assert _why(done, kind, "mail") is None
    assert _after(done, (kind, "mail")).of("mail").status == TRANSITIONS[status, kind]


COMPLEMENT = [(status, kind) for status in STATUSES for kind in KINDS if (status, kind) not in TRANSITIONS]


@pytest.mark.parametrize(("status", "kind"), COMPLEMENT)
def test_what_may_not_follow_is_refused(status: Status, kind: Kind) -> None:
    """Whatever the table of transitions does not hold is refused, and changes nothing if it is there all the same."""
    done = _in_status(status)
    assert _why(done, kind, "mail")
    after = _after(done, (kind, "mail"))
    assert after.of("mail") == done.of("mail")
    assert after.seq == done.seq + 1


LIVES: dict[str, list[tuple[Kind, str]]] = {
    "open": [],
    "signed_off": [("signed_off", "")],
    "abandoned": [("abandoned", "")],
    "skipped": [("skipped", "")],
}


@pytest.mark.parametrize(("state", "kind"), LIFE)
def test_what_may_happen_to_a_runbook_is_allowed(state: State, kind: Kind) -> None:
    """Every arrow of a runbook's life is allowed, and leads where the table says."""
    done = _after(make("- [ ] Mail {#mail .optional}"), *LIVES[state])
    assert done.state == state
    assert _why(done, kind) is None
    assert _after(done, (kind, "")).state == LIFE[state, kind]


LIFELESS = [(state, kind) for state in STATES for kind in KINDS if (state, kind) not in LIFE]


@pytest.mark.parametrize(("state", "kind"), LIFELESS)
def test_what_may_not_happen_to_a_runbook_is_refused(state: State, kind: Kind) -> None:
    """Whatever the table of a runbook's life does not hold is refused, and changes nothing."""
    done = _after(make("- [ ] Mail {#mail .optional}"), *LIVES[state])
    assert _why(done, kind)
    assert _after(done, (kind, "")).state == state


def test_the_tables_name_only_what_there_is() -> None:
    """The tables lead to known states, by known kinds, and every state has one sentence."""
    assert {status for status, _ in TRANSITIONS} | set(TRANSITIONS.values()) <= set(STATUSES)
    assert {state for state, _ in LIFE} | set(LIFE.values()) == set(STATES)
    assert {kind for _, kind in (*TRANSITIONS, *LIFE)} <= set(KINDS)
    assert all(STATUSES.values())
    assert all(STATES.values())


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "noted"])
@pytest.mark.parametrize("state", ["signed_off", "abandoned"])
def test_a_closed_runbook_takes_nothing_on_its_steps(state: str, kind: Kind) -> None:
    """Once signed off or abandoned, only a note may follow on a step."""
    done = _after(make("- [ ] Mail {#mail .optional}"), *LIVES[state])
    assert "reopen it first" in str(_why(done, kind, "mail"))


@pytest.mark.parametrize(("state", "refused"), [("signed_off", False), ("abandoned", True)])
def test_a_note_on_a_step_may_follow_the_sign_off(state: str, refused: bool) -> None:
    """A remark changes nothing, so a signed-off runbook takes it; an abandoned one does not."""
    done = _after(make("- [ ] Mail {#mail .optional}"), *LIVES[state])
    assert bool(_why(done, "noted", "mail")) is refused


# Laws


MARKDOWN = """## One
- [ ] A {#a .approval}
- [ ] B: {#b .group}
  - [ ] C {#c}
  - [ ] D {#d .optional}
## If {.if-needed #if}
- [ ] E {#e after=a wait=1h due=2h}
## Two {.gate}
- [ ] F {#f .gate evidence=link as=link}
  - [ ] G {#g}
"""
FACTS = st.lists(st.tuples(st.sampled_from(KINDS), st.sampled_from(["", *"abcdefg", "if", "unknown"])), max_size=30)


def _events(facts: Sequence[tuple[Kind, str]]) -> list[Event]:
    return [event(kind, step, seq=number) for number, (kind, step) in enumerate(facts, 1)]


@settings(max_examples=60, deadline=None)
@given(facts=FACTS)
def test_all_events_at_once_are_the_same_as_one_by_one(facts: list[tuple[Kind, str]]) -> None:
    """Progress does not depend on how many events are read at a time."""
    made = _events(facts)
    one_by_one = reduce(with_event, made, replay.start(plan_of(MARKDOWN)))
    assert replay.apply_all(replay.start(plan_of(MARKDOWN)), made) == one_by_one


@settings(max_examples=60, deadline=None)
@given(facts=FACTS)
def test_counts_agree(facts: list[tuple[Kind, str]]) -> None:
    """Whatever happened, what is settled, skipped, required and counted fit together."""
    done = replay.apply_all(replay.start(plan_of(MARKDOWN)), _events(facts))
    assert 0 <= done.skipped <= done.settled <= done.total == len(done.counted)
    assert len(done.required_open) <= done.total - done.settled
    assert done.seq == len(facts)


@settings(max_examples=60, deadline=None)
@given(facts=FACTS)
@example(facts=[("added", ""), ("taken", "")])
@example(facts=[("added", "new"), ("taken", "new"), ("added", "a")])
def test_only_what_is_allowed_changes_anything(facts: list[tuple[Kind, str]]) -> None:
    """An event that the tables refuse leaves every step and the runbook's state as they were."""
    done = replay.start(plan_of(MARKDOWN))
    for each in _events(facts):
        after = with_event(done, each)
        on_step = each.step in done.plan.by_id
        status = done.steps.get(each.step, StepState()).status
        known = (status, each.kind) in TRANSITIONS if on_step else (done.state, each.kind) in LIFE
        assert known or (after.steps.get(each.step, StepState()), after.state) == (
            done.steps.get(each.step, StepState()),
            done.state,
        )
        done = after


# Counting


def test_the_summary_is_in_words() -> None:
    """Settled is done, or skipped with a reason: 7 of 9 done, 1 skipped."""
    done = make("\n".join(f"- [ ] Step {number} {{#s{number}}}" for number in range(9)))
    assert done.summary() == "0 of 9 done"
    done = _after(done, *(("ticked", f"s{number}") for number in range(7)), ("skipped", "s7"))
    assert done.summary() == "7 of 9 done, 1 skipped"
    assert (done.settled, done.total) == (8, 9)


def test_what_does_not_apply_is_not_counted() -> None:
    """A step that its `when` left out stays in the plan and counts nowhere."""
    done = make("- [ ] A {#a when=\"kind == 'major'\"}\n- [ ] B {#b}", declare=KIND)
    assert done.of("a").status == "not-applicable"
    assert done.of("a").settled
    assert [step.id for step in done.counted] == ["b"]
    assert "does not apply" in str(_why(done, "ticked", "a"))


def test_a_group_has_no_box() -> None:
    """A group is settled when its sub-steps are, and cannot be ticked."""
    done = make("- [ ] All: {#all .group}\n  - [ ] A {#a}\n  - [ ] B {#b}")
    assert "it is a group" in str(_why(done, "ticked", "all"))
    assert done.total == 2
    assert _after(done, ("ticked", "a")).of("all").status == "open"
    assert _after(done, ("ticked", "a"), ("skipped", "b")).of("all").status == "done"
    assert _after(done, ("skipped", "a"), ("skipped", "b")).of("all").status == "skipped"


def test_a_plain_bullet_over_steps_is_a_group() -> None:
    """A plain bullet over task items has a title and no box."""
    done = make("- Everywhere\n  - [ ] A {#a}")
    group = next(step for step in done.plan.steps if step.is_group)
    assert group.title == "Everywhere"
    assert "it is a group" in str(_why(done, "skipped", group.id))
    assert _after(done, ("ticked", "a")).of(group.id).settled


def test_a_note_on_a_group_is_kept() -> None:
    """A note on a group is shown there, although the group's status follows its sub-steps."""
    done = make("- [ ] All: {#all .group}\n  - [ ] A {#a}")
    assert _why(done, "noted", "all") is None
    assert len(_after(done, ("noted", "all")).of("all").notes) == 1


def test_a_group_whose_steps_do_not_apply_does_not_either() -> None:
    """A plain bullet whose steps were all left out is not applicable."""
    done = make("- Everywhere\n  - [ ] A {#a when=\"kind == 'major'\"}", declare=KIND)
    assert {done.of(step.id).status for step in done.plan.steps} == {"not-applicable"}


def test_a_step_with_substeps_is_settled_after_them() -> None:
    """A step with sub-steps has a box of its own, which can be ticked once they are settled."""
    done = make("- [ ] Notes {#notes}\n  - [ ] Write {#write}\n  - [ ] Merge {#merge}")
    assert "sub-steps are not settled" in str(_why(done, "ticked", "notes"))
    done = _after(done, ("ticked", "write"), ("skipped", "merge"))
    assert done.of("notes").status == "open"
    assert _why(done, "ticked", "notes") is None


def test_a_substep_stays_done_under_a_done_step() -> None:
    """A sub-step cannot be undone before the step above it."""
    done = _after(make("- [ ] Notes {#notes}\n  - [ ] Write {#write}"), ("ticked", "write"), ("ticked", "notes"))
    assert "undo that first" in str(_why(done, "unticked", "write"))
    assert _why(_after(done, ("unticked", "notes")), "unticked", "write") is None


# Gates


def test_a_gate_on_a_heading_holds_its_steps() -> None:
    """Nothing in a gated section may be done until all required above is settled."""
    done = make("## One\n- [ ] A {#a}\n- [ ] B {#b .optional}\n## Two {.gate}\n- [ ] C {#c}\n## Three\n- [ ] D {#d}")
    assert "behind a gate: first settle “A”" in str(_why(done, "ticked", "c"))
    assert _why(done, "ticked", "d")
    done = _after(done, ("skipped", "a"))
    assert _why(done, "ticked", "c") is None
    assert _why(done, "ticked", "d") is None


def test_a_gate_on_a_step_holds_what_is_below() -> None:
    """Nothing below a gate may be done until it is settled; what is above may."""
    done = make("- [ ] A {#a}\n- [ ] G {#g .gate}\n  - [ ] H {#h}\n- [ ] B {#b}")
    assert "behind a gate" in str(_why(done, "ticked", "b"))
    assert _why(done, "ticked", "a") is None
    assert _why(done, "ticked", "h") is None
    assert _why(_after(done, ("ticked", "h"), ("ticked", "g")), "ticked", "b") is None


def test_closed_and_left_out_steps_hold_no_gate() -> None:
    """A gate waits for nothing that is not counted."""
    done = make(
        "## A\n- [ ] A {#a when=\"kind == 'major'\"}\n## If {.if-needed}\n- [ ] B {#b}\n## C {.gate}\n- [ ] C {#c}",
        declare=KIND,
    )
    assert _why(done, "ticked", "c") is None


def test_a_gate_in_a_closed_section_holds_nothing() -> None:
    """A gate that stands in a section nobody has opened holds nothing below; once it is open it does."""
    done = make("## A\n- [ ] A {#a}\n## If {.if-needed #if}\n- [ ] B {#b .gate}\n## C\n- [ ] C {#c}")
    assert _why(done, "ticked", "c") is None
    opened = with_event(done, event("opened", "if"))
    assert "B" in (_why(opened, "ticked", "c") or "")


def test_a_gate_on_a_closed_heading_holds_nothing_below() -> None:
    """A heading that is a gate and only if needed holds nothing back until it is opened."""
    done = make("## A\n- [ ] A {#a}\n## If {.if-needed .gate #if}\n- [ ] B {#b}\n## C\n- [ ] C {#c}")
    assert _why(done, "ticked", "c") is None


def test_a_parent_is_not_its_own_gate() -> None:
    """A gated sub-step never waits for the step that waits for it."""
    done = make("## One\n- [ ] A {#a}\n  - [ ] B {#b .gate}\n  - [ ] C {#c}")
    done = _after(done, ("ticked", "b"))
    assert _why(done, "ticked", "c") is None


# If needed


def test_an_if_needed_section_is_closed_until_it_is_opened() -> None:
    """A section that is only needed sometimes is not counted until an operator opens it."""
    done = make("## Go\n- [ ] A {#a}\n## If it goes wrong {.if-needed #wrong}\n- [ ] B {#b}")
    assert (done.total, done.closed(done.plan.by_id["b"])) == (1, True)
    opened = _after(done, ("opened", "wrong"))
    assert (opened.total, opened.closed(opened.plan.by_id["b"])) == (2, False)


# Approval, evidence, undoing


def test_an_approval_comes_before_the_act() -> None:
    """A step that needs an approval cannot be done without one."""
    assert "has to approve it first" in str(_why(make(STEP), "ticked", "mail"))


def test_nobody_approves_for_themselves() -> None:
    """Who approved a step cannot be the one who does it."""
    done = _after(make(STEP), ("approved", "mail"), operator="ana")
    assert "somebody else has to do it" in str(_why(done, "ticked", "mail", operator="ana"))
    assert _why(done, "ticked", "mail", operator="ben") is None


def test_what_was_undone_is_approved_again() -> None:
    """An approval is for one act: after an untick another one is asked for."""
    done = _after(make(STEP), ("approved", "mail"), ("ticked", "mail"), ("unticked", "mail"))
    assert "has to approve it first" in str(_why(done, "ticked", "mail", operator="ben"))


def test_only_what_asks_for_it_is_approved() -> None:
    """A step that needs no approval takes none."""
    assert "no approval" in str(_why(make("- [ ] A {#a}"), "approved", "a"))


@pytest.mark.parametrize(("given", "refused"), [("", True), (" \n", True), ("https://board.example.com/7", False)])
def test_evidence_is_asked_for(given: str, refused: bool) -> None:
    """Without a value for its evidence a step cannot be ticked."""
    done = make('- [ ] A {#a evidence="link to the board"}')
    why = _why(done, "ticked", "a", given=given)
    assert ("link to the board" in str(why)) is refused


def test_evidence_is_known_by_its_name() -> None:
    """Evidence is known further down under the name of its `as`, while its step is done."""
    done = make("- [ ] A {#a evidence=link as=board}")
    done = with_event(done, event("ticked", "a", seq=2, evidence="https://x"))
    assert done.evidence_by_name() == {"board": "https://x"}
    assert _after(done, ("unticked", "a")).evidence_by_name() == {}


def test_what_is_irreversible_cannot_be_unticked() -> None:
    """An irreversible step cannot be unticked; a skip of it can be taken back."""
    done = make("- [ ] A {#a .irreversible}")
    assert "cannot be undone" in str(_why(_after(done, ("ticked", "a")), "unticked", "a"))
    assert _why(_after(done, ("skipped", "a")), "unskipped", "a") is None


def test_a_second_tick_says_who_was_first() -> None:
    """A step that is done already says by whom and when."""
    done = _after(make("- [ ] A {#a}"), ("ticked", "a"), operator="ben")
    assert _why(done, "ticked", "a") == "already done by ben, 22 Nov 14:02 UTC"


# After, wait, due


def test_a_step_comes_after_others() -> None:
    """A step with `after` waits until those are settled."""
    done = make("- [ ] A {#a}\n- [ ] B {#b}\n- [ ] C {#c after=a,b}")
    assert _why(done, "ticked", "c") == "it comes after “A”, “B”"
    assert _why(_after(done, ("ticked", "a"), ("skipped", "b")), "ticked", "c") is None


@pytest.mark.parametrize("reference", ["a@production", "0.9#a"])
def test_what_we_cannot_see_holds_a_step(reference: str) -> None:
    """A step of another environment or release holds until it is known to be settled."""
    done = _after(make(f'- [ ] A {{#a}}\n- [ ] B {{#b after="{reference}"}}'), ("ticked", "a"))
    assert reference in str(_why(done, "ticked", "b"))


@pytest.mark.parametrize(("hours", "refused"), [(0, True), (23.9, True), (24, False), (25, False)])
def test_a_wait_runs_from_its_after(hours: float, refused: bool) -> None:
    """A wait runs from when its `after` steps were settled, to the minute."""
    done = _after(make("- [ ] A {#a}\n- [ ] B {#b}\n- [ ] C {#c after=a wait=24h}"), ("ticked", "a"))
    assert bool(_why(done, "ticked", "c", now=AT + timedelta(hours=hours))) is refused


def test_a_wait_without_after_runs_from_the_step_above() -> None:
    """Without `after` a wait runs from when the step above was settled."""
    done = make("- [ ] A {#a}\n- [ ] B {#b wait=30m}")
    assert _why(done, "ticked", "b") == "it waits 30 min from when the step above is settled"
    done = _after(done, ("ticked", "a"))
    assert _why(done, "ticked", "b") == "it waits until 22 Nov 14:32 UTC (another 30 min)"
    assert _why(done, "ticked", "b", now=AT + timedelta(minutes=30)) is None


def test_a_wait_runs_again_after_an_undo() -> None:
    """When the step before is undone, the wait starts anew."""
    done = _after(make("- [ ] A {#a}\n- [ ] B {#b after=a wait=1h}"), ("ticked", "a"), ("unticked", "a"))
    later = AT + timedelta(hours=5)
    done = _after(done, ("ticked", "a"), at=later)
    assert ready_at(done, done.plan.by_id["b"]) == later + timedelta(hours=1)


def test_a_due_runs_from_the_start() -> None:
    """Without `after` a step is due from when the runbook was made."""
    done = make("- [ ] A {#a due=7d}")
    assert due_at(done, done.plan.by_id["a"]) == AT + timedelta(days=7)


def test_a_due_with_after_runs_from_there() -> None:
    """With `after` a step is due from when those were settled, and before that it is not."""
    done = make("- [ ] A {#a}\n- [ ] B {#b after=a due=7d}")
    step = done.plan.by_id["b"]
    assert due_at(done, step) is None
    assert due_at(_after(done, ("ticked", "a")), step) == AT + timedelta(days=7)


# The runbook


def test_a_sign_off_waits_for_what_is_required() -> None:
    """A runbook with required open steps cannot be signed off; optional ones may stay open."""
    done = make("- [ ] A {#a}\n- [ ] B {#b .optional}")
    assert _why(done, "signed_off") == "1 required open: “A”"
    assert _why(_after(done, ("skipped", "a")), "signed_off") is None


def test_a_section_can_be_optional() -> None:
    """A heading's .optional holds for its steps."""
    assert make("## Extra {.optional}\n- [ ] A {#a}").required_open == ()


def test_reopening_takes_the_sign_off_back() -> None:
    """A reopened runbook is open, neither signed off nor archived."""
    done = _after(make("- [ ] A {#a .optional}"), ("signed_off", ""), ("archived", ""))
    assert done.signed_off
    assert done.archived
    done = _after(done, ("reopened", ""))
    assert (done.state, done.signed_off, done.archived) == ("open", None, None)


def test_a_second_sign_off_says_who_was_first() -> None:
    """A runbook that is signed off says by whom and when."""
    done = _after(make("- [ ] A {#a .optional}"), ("signed_off", ""), operator="ben")
    assert _why(done, "signed_off") == "already signed off by ben, 22 Nov 14:02 UTC"


def test_notes_on_the_runbook_are_kept_apart() -> None:
    """A note on a step stands there; a note on the runbook is the handover line."""
    done = _after(make("- [ ] A {#a}"), ("noted", "a"), ("noted", ""))
    assert [len(done.of("a").notes), len(done.notes)] == [1, 1]
    assert done.of("a").status == "open"


def test_who_is_busy_is_known_until_it_is_undone() -> None:
    """I am on it: who took a step is known; an undone step is free again."""
    done = _after(make("- [ ] A {#a}"), ("taken", "a"), operator="ben")
    assert done.of("a").taken.operator == "ben"  # type: ignore[union-attr]
    assert _after(done, ("ticked", "a"), ("unticked", "a")).of("a").taken is None


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(1, "1 min"), (60, "1 min"), (840, "14 min"), (3600, "1 h"), (183_600, "2 d 3 h"), (86_400, "1 d")],
)
def test_a_span_is_in_words(seconds: float, words: str) -> None:
    """A length of time is told in at most two units, and never as nothing."""
    assert span(seconds) == words


def test_no_gate_holds_back_a_way_back(work: Workplace) -> None:
    """A step in an `.if-needed` section can be done whatever is open above a gate outside it."""
    path = work.template(
        "## A {.gate}\n- [ ] a {#a .gate}\n## Wrong {.if-needed}\n- [ ] back {#back}\n- [ ] say {#say}"
    )
    assert work.run("instantiate", path, "-e", "staging") == 0
    assert work.run("tick", "staging/1.0", "back") == 0, work.err


def test_who_is_busy_may_let_go() -> None:
    """Another one who takes a step is on it now; whoever lets go, nobody is."""
    done = _after(make("- [ ] A {#a}"), ("taken", "a"), operator="ana")
    done = _after(done, ("taken", "a"), operator="ben")
    assert done.of("a").taken.operator == "ben"  # type: ignore[union-attr]
    assert with_event(done, event("taken", "a", seq=4, let_go="yes")).of("a").taken is None


def test_letting_go_outlives_a_redaction() -> None:
    """A `taken` whose data was blanked still says that nobody is on it: only letting go has data."""
    released = replace(event("taken", "a", seq=3, let_go="yes"), data={}, salt="")
    done = with_event(_after(make("- [ ] A {#a}"), ("taken", "a")), released)
    assert released.redacted
    assert done.of("a").taken is None


# Steps that nobody foresaw

TREE = """## Do
- [ ] A {#a}
  - [ ] A1 {#a1}
- [ ] B {#b}
## Wrong {.if-needed}
- [ ] Back {#back}
"""


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
    done = _with_added(make(TREE), ("x", after))
    assert " ".join(step.id for step in done.plan.steps) == order
    beside = done.plan.by_id.get(after) or done.plan.by_id["b"]
    assert (done.plan.by_id["x"].section, done.plan.by_id["x"].parent) == (beside.section, beside.parent)


def test_an_added_step_is_a_step_as_any_other() -> None:
    """It counts, can be ticked, and keeps the runbook from being signed off until it is settled."""
    done = _with_added(_after(make("- [ ] A {#a}"), ("ticked", "a")), ("x", "a"))
    assert (done.settled, done.total) == (1, 2)
    assert "“X”" in str(_why(done, "signed_off"))
    assert _why(_after(done, ("ticked", "x")), "signed_off") is None


def test_added_steps_are_drawn_behind_one_of_the_template() -> None:
    """A step that was added behind an added one stands in the same list, in the plan's order."""
    done = _with_added(make(TREE), ("x", "a"), ("y", "x"), ("z", "a"))
    assert [step.id for step in done.plan.steps][:5] == ["a", "a1", "z", "x", "y"]
    assert done.added_behind == {"a": ("z", "x", "y")}


def test_a_sub_step_that_is_added_holds_its_group_open() -> None:
    """Added inside a group it belongs to it: the group is settled when it is."""
    group = make("- [ ] All {#all .group}\n  - [ ] Web {#web}")
    done = _with_added(_after(group, ("ticked", "web")), ("x", "web"))
    assert done.of("all").status == "open"
    assert _after(done, ("ticked", "x")).of("all").status == "done"


def test_nothing_is_added_under_what_is_done_or_over() -> None:
    """A step that is done takes no more sub-steps, a signed-off runbook no more steps, an empty one none."""
    done = _after(make(TREE), ("ticked", "a1"), ("ticked", "a"))
    assert "undo that first" in str(rules.add_refusal(done, "a1"))
    assert rules.add_refusal(done, "a") is None
    over = _after(done, ("ticked", "b"), ("signed_off", ""))
    assert "signed off" in str(rules.add_refusal(over, "a"))
    assert replay.added_after(make("# Nothing"), "") is None
    assert "no steps" in str(rules.add_refusal(make("# Nothing"), None))


def test_an_added_title_is_text() -> None:
    """No value is put into a title that an operator wrote."""
    done = make("- [ ] A {#a evidence=what as=seen}")
    done = with_event(done, event("added", "x", seq=2, title="say {{seen}}", after="a"))
    assert done.title(done.plan.by_id["x"]) == "say {{seen}}"


# Time


@pytest.mark.parametrize(
    ("minutes", "next_minutes"), [(0, 30), (29, 30), (30, 60), (59, 60), (60, 90), (90, None), (1000, None)]
)
def test_the_next_change_by_time_alone_is_known(minutes: int, next_minutes: int | None) -> None:
    """When a wait ends or a due time comes, the screen has to be drawn anew."""
    done = _after(
        make("- [ ] A {#a}\n- [ ] B {#b wait=30m}\n- [ ] C {#c due=1h}\n- [ ] D {#d due=90m}"), ("ticked", "a")
    )
    now = AT + timedelta(minutes=minutes)
    expected = AT + timedelta(minutes=next_minutes) if next_minutes is not None else None
    assert next_change(done, now=now) == expected
    assert next_change(_after(done, ("abandoned", "")), now=now) is None


def test_what_waits_for_time_alone_says_until_when() -> None:
    """Only where time is all that is missing is there an instant to count down to."""
    done = _after(make("- [ ] A {#a}\n- [ ] B {#b wait=30m}\n- [ ] C {#c after=b wait=1h}"), ("ticked", "a"))
    by_id = done.plan.by_id
    blocked = blocked_by(done, by_id["b"], now=AT)
    assert blocked is not None
    assert (blocked.until, blocked.left) == (AT + timedelta(minutes=30), "30 min")
    assert blocked_by(done, by_id["b"], now=AT + timedelta(minutes=30)) is None
    behind = blocked_by(done, by_id["c"], now=AT)
    assert behind is not None
    assert (behind.until, behind.words) == (None, "it comes after “B”")
