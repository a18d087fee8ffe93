"""Progress after revisions: what operators did stays by the ids of the steps, whatever the template says now."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nbrunbook.runbook import replay, rules
from nbrunbook.runbook.events import KINDS, Event, Kind
from nbrunbook.runbook.plan import Plan
from nbrunbook.runbook.progress import Progress
from nbrunbook.runbook.status import CONFIRMATIONS, TRANSITIONS
from tests.making import event, plan_of, why_not

MADE = "- [ ] Mail {#mail .approval}\n- [ ] Board {#board}\n- [ ] Drain {#drain}"
MARKDOWN = """## One
- [ ] A {#a .approval}
- [ ] B {#b}
  - [ ] C {#c}
## If {.if-needed #if}
- [ ] D {#d evidence=link}
"""
OTHER = """## One
- [ ] A, otherwise {#a .approval}
- [ ] B {#b}
  - [ ] New {#new}
## Two {.gate}
- [ ] E {#e}
- [ ] D {#d when="environment == 'production'"}
"""
FACTS = st.lists(st.tuples(st.sampled_from(KINDS), st.sampled_from(["", *"abcd", "if", "x"])), max_size=25)


def _start(markdown: str = MADE) -> Progress:
    return replay.apply_all(replay.start(plan_of(markdown)), [event("opened")])


def _after(done: Progress, *facts: tuple[Kind, str], **more: object) -> Progress:
    return replay.apply_all(
        done, [event(kind, step, seq=done.seq + number, **more) for number, (kind, step) in enumerate(facts, 1)]
    )


def _revision(made: Plan, seq: int, **more: str) -> Event:
    return event("revised", seq=seq, operator="ben", plan=made.digest, **more)


def _revised(done: Progress, markdown: str) -> Progress:
    made = plan_of(markdown)
    return replay.apply_all(done, [_revision(made, done.seq + 1)], {made.digest: made})


def test_states_stay_by_id() -> None:
    """Settled steps keep their state wherever they stand now, new ones are open, removed ones are remembered."""
    done = _after(_start(), ("ticked", "board"), ("skipped", "drain"))
    done = _revised(done, "- [ ] New {#new}\n- [ ] Drain {#drain}\n- [ ] Mail {#mail}")
    assert [(step.id, done.of(step.id).status) for step in done.plan.steps] == [
        ("new", "open"),
        ("drain", "skipped"),
        ("mail", "open"),
    ]
    assert [step.id for step in done.removed] == ["board"]
    assert done.steps["board"].status == "done"
    assert done.summary() == "0 of 3 done, 1 skipped"


@pytest.mark.parametrize(("kind", "again"), [("ticked", "ticked"), ("skipped", "skipped")])
def test_a_reworded_step_is_settled_until_confirmed(kind: Kind, again: Kind) -> None:
    """It counts as settled, keeps the runbook from its sign-off, and is confirmed by the same event once more."""
    done = _after(_start("- [ ] Mail {#mail}"), (kind, "mail"))
    by = done.of("mail").by
    done = _revised(done, "- [ ] Mail all {#mail}")
    assert done.of("mail").reworded == done.versions[-1].event
    assert (done.of("mail").settled, done.required_open) == (True, ())
    assert "1 reworded since done" in done.summary()
    assert "reworded since done, and not confirmed: “Mail all”" in str(why_not(done, "signed_off"))
    assert why_not(done, again, "mail") is None
    done = _after(done, (again, "mail"), operator="cleo")
    state = done.of("mail")
    assert (state.by, state.confirmed and state.confirmed.operator, state.reworded) == (by, "cleo", None)
    assert why_not(done, "signed_off") is None
    assert "already" in str(why_not(done, again, "mail"))


def test_confirming_is_for_reworded_steps_alone() -> None:
    """The arrows of CONFIRMATIONS are in no other table, and change nothing where nothing was reworded."""
    assert not set(CONFIRMATIONS) & set(TRANSITIONS)
    done = _after(_start(), ("ticked", "board"))
    assert _after(done, ("ticked", "board")).of("board") == done.of("board")
    assert _after(_revised(done, MADE), ("ticked", "board")).of("board") == done.of("board")


def test_a_confirmation_gives_what_is_asked_for_now() -> None:
    """Where the new wording asks for evidence that was not given, the confirmation brings it."""
    done = _revised(_after(_start(), ("ticked", "board")), MADE.replace("{#board}", "{#board evidence=link}"))
    assert "asks for" in str(why_not(done, "ticked", "board"))
    assert why_not(done, "ticked", "board", given="https://example.org") is None
    done = _after(done, ("ticked", "board"), evidence="https://example.org")
    assert done.of("board").evidence == "https://example.org"


def test_a_new_sub_step_comes_before_the_confirmation() -> None:
    """A done step that gets a sub-step is confirmed once that is settled."""
    done = _revised(_after(_start(), ("ticked", "drain")), MADE + "\n  - [ ] web {#web}")
    assert done.of("drain").reworded is not None
    assert "its sub-steps are not settled yet" in str(why_not(done, "ticked", "drain"))
    assert why_not(_after(done, ("ticked", "web")), "ticked", "drain") is None


def test_an_undone_step_forgets_its_confirmation() -> None:
    """Ticked anew it was done as it reads now."""
    done = _after(_revised(_after(_start(), ("ticked", "board")), MADE.replace("Board", "Boards")), ("ticked", "board"))
    done = _after(done, ("unticked", "board"), ("ticked", "board"), operator="cleo")
    assert (done.of("board").confirmed, done.of("board").reworded) == (None, None)


def test_a_wording_that_is_turned_back_needs_no_confirmation() -> None:
    """A revision that brings back what was done, or what was confirmed, takes the mark away."""
    done = _revised(_after(_start(), ("ticked", "board")), MADE.replace("Board", "Boards"))
    assert _revised(done, MADE).of("board").reworded is None
    confirmed = _after(done, ("ticked", "board"))
    again = _revised(confirmed, MADE)
    assert again.of("board").reworded == again.versions[-1].event
    assert _revised(again, MADE.replace("Board", "Boards")).of("board").reworded is None


def test_the_mark_names_the_revision_that_reworded_it() -> None:
    """A later revision of something else does not take the blame."""
    done = _revised(_after(_start(), ("ticked", "board")), MADE.replace("Board", "Boards"))
    blamed = done.versions[-1].event
    assert _revised(done, MADE.replace("Board", "Boards") + "\n- [ ] New {#new}").of("board").reworded == blamed


def test_an_approval_is_for_the_text_that_was_approved() -> None:
    """An open step that was reworded wants a new approval; turned back, the first one holds again."""
    done = _after(_start(), ("approved", "mail"), operator="cleo")
    reworded = _revised(done, MADE.replace("Mail", "Mail all"))
    assert reworded.of("mail").approved is None
    assert "has to approve" in str(why_not(reworded, "ticked", "mail"))
    assert why_not(_after(reworded, ("approved", "mail"), operator="dan"), "ticked", "mail") is None
    assert _revised(reworded, MADE).of("mail").approved == done.of("mail").approved


def test_added_steps_survive() -> None:
    """They stand behind the same step, or at the end where that is gone; one that the template adopts is its own."""
    done = _after(_start(), ("added", "x"), title="X", after="board")
    done = _after(done, ("added", "y"), title="Y", after="x")
    assert [*_revised(done, MADE + "\n- [ ] New {#new}").plan.by_id] == ["mail", "board", "x", "y", "drain", "new"]
    gone = _revised(done, "- [ ] Mail {#mail}\n- [ ] New {#new}")
    assert [*gone.plan.by_id] == ["mail", "new", "x", "y"]
    adopted = _revised(_after(done, ("ticked", "x")), MADE + "\n- [ ] X {#x}")
    assert ([*adopted.added], adopted.of("x").status) == (["y"], "done")
    assert [*_revised(adopted, MADE).added] == ["x", "y"]


def test_an_opened_section_stays_open() -> None:
    """As long as it is there, and again when it comes back."""
    closed = MADE + "\n## If {.if-needed #if}\n- [ ] Back {#back}"
    done = _revised(_after(_start(closed), ("opened", "if")), closed.replace("Mail", "Mails"))
    assert not done.closed(done.plan.by_id["back"])
    back = _revised(_revised(done, MADE), closed)
    assert not back.closed(back.plan.by_id["back"])


def test_a_step_that_becomes_a_group_follows_its_sub_steps() -> None:
    """Its own tick counts no more, and is there again when it gets its box back."""
    done = _after(_start(), ("ticked", "drain"))
    group = _revised(done, MADE.replace("{#drain}", "{#drain .group}\n  - [ ] web {#web}"))
    assert (group.of("drain").status, group.of("drain").by) == ("open", None)
    assert _revised(group, MADE).of("drain").by == done.of("drain").by


def test_a_step_that_its_when_leaves_out_is_not_counted() -> None:
    """What was done stays known, and nobody has to confirm it."""
    done = _revised(_after(_start(), ("ticked", "board")), MADE.replace("{#board}", 'all {#board when="1 > 2"}'))
    state = done.of("board")
    assert (state.status, state.reworded, state.by and state.by.kind) == ("not-applicable", None, "ticked")
    assert done.total == 2


def test_what_comes_late_for_a_removed_step_changes_nothing() -> None:
    """An event on a step that is gone is not taken for one about the whole runbook."""
    done = _revised(_start(), "- [ ] Mail {#mail}")
    after = _after(done, ("skipped", "board"), ("noted", "board"), ("ticked", "board"))
    assert (after.state, [*after.notes], after.steps) == ("open", [], done.steps)


def test_only_an_open_runbook_is_revised() -> None:
    """Once it is signed off a revision changes nothing, and one is refused."""
    done = _after(_start("- [ ] A {#a .optional}"), ("signed_off", ""))
    assert _revised(done, MADE).plan == done.plan
    assert "signed off" in str(rules.revise_refusal(done, plan_of(MADE), done.plan))


@settings(max_examples=60)
@given(before=FACTS, after=FACTS)
def test_there_and_back_again_leaves_every_step_as_it_was(
    before: list[tuple[Kind, str]], after: list[tuple[Kind, str]]
) -> None:
    """A revision to the same steps changes nothing, nor do two of which the second undoes the first."""
    done = _after(_start(MARKDOWN), *before)
    back = _revised(_revised(done, OTHER), MARKDOWN)
    for other in (_revised(done, MARKDOWN), back):
        assert {step.id: other.of(step.id) for step in other.plan.steps} == {
            step.id: done.of(step.id) for step in done.plan.steps
        }
        assert [*other.added] == [*done.added]
    end, same = _after(done, *after), _after(back, *after)
    assert {step: state.status for step, state in end.steps.items()} == {
        step: state.status for step, state in same.steps.items()
    }
