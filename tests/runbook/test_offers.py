"""Offers: what can be clicked is what the rules allow, no more and no less."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from nbrunbook.project.operator import declared
from nbrunbook.project.settings import Project, find_project
from nbrunbook.runbook import offers, rules
from nbrunbook.runbook.attempt import NEEDS_REASON, Attempt
from nbrunbook.runbook.events import Kind
from nbrunbook.runbook.progress import Progress
from nbrunbook.runbook.replay import apply_all, start
from nbrunbook.runbook.status import CONFIRMATIONS, TRANSITIONS
from tests.conftest import Workplace
from tests.making import AT, clock, event, plan_of

STEPS = """\
## Steps
- [ ] Mail {#mail owner=ops}
- [ ] Ask {#ask evidence="who agreed"}
- [ ] Drop {#drop .irreversible .optional}
- [ ] Promote {#promote .approval}
- [ ] Write {#write}
  - [ ] Read {#read}
- [ ] All: {#all .group}
  - [ ] One {#one}
## Behind {.gate}
- [ ] After {#after}
## Way back {.if-needed #back}
- [ ] Return {#return}
"""


def _done(*said: tuple[Kind, str], by: str = "ana", **more: Any) -> Progress:
    events = [
        event("opened", seq=1),
        *(event(kind, step, seq=seq, operator=by, **more) for seq, (kind, step) in enumerate(said, 2)),
    ]
    return apply_all(start(plan_of(STEPS)), events)


def _asks(done: Progress, step: str) -> list[str]:
    return [offer.ask for offer in offers.of_step(done, done.plan.by_id[step], clock())]


def _view(done: Progress, step: str) -> dict[str, Any]:
    return offers.step_view(done, done.plan.by_id[step], clock())


@pytest.mark.parametrize(
    ("said", "step", "asks"),
    [
        ([], "mail", ["tick", "take", "skip", "note"]),
        ([("ticked", "mail")], "mail", ["untick", "note"]),
        ([("skipped", "mail")], "mail", ["unskip", "note"]),
        ([("ticked", "drop")], "drop", ["note"]),
        ([], "promote", ["approve", "take", "skip", "note"]),
        ([("approved", "promote")], "promote", ["tick", "take", "skip", "note"]),
        ([("taken", "mail")], "mail", ["tick", "release", "take", "skip", "note"]),
        ([], "write", ["take", "skip", "note"]),
        ([("ticked", "read"), ("ticked", "write")], "read", ["note"]),
        ([], "all", []),
        ([], "after", ["take", "skip", "note"]),
        ([], "return", []),
        ([("opened", "back")], "return", ["tick", "take", "skip", "note"]),
    ],
)
def test_what_is_offered(said: list[tuple[Kind, str]], step: str, asks: list[str]) -> None:
    """In each state, in the order of the buttons: nothing of a group, nor in a section that is not open yet."""
    assert _asks(_done(*said), step) == asks


def test_after_the_sign_off_only_notes() -> None:
    """A signed-off runbook takes remarks, a given-up one nothing at all."""
    over = _done(("signed_off", ""))
    assert over.state == "signed_off"
    assert {step: _asks(over, step) for step in ("mail", "drop", "all")} == {
        "mail": ["note"],
        "drop": ["note"],
        "all": [],
    }
    assert _asks(_done(("abandoned", "")), "mail") == []
    assert offers.may_note(over, clock())
    assert not offers.may_note(_done(("abandoned", "")), clock())


@pytest.mark.parametrize(
    "said", [[], [("ticked", "mail"), ("skipped", "ask"), ("approved", "promote")], [("signed_off", "")]]
)
def test_no_offer_is_refused(said: list[tuple[Kind, str]]) -> None:
    """Whoever gives what is asked for is not refused what is offered, and whatever a box does not offer is refused."""
    done, told = _done(*said), 0
    for step in done.plan.steps:
        for ask in _asks(done, step.id):
            eve = declared("eve", "typed")
            attempt = Attempt(kind=offers.CLICKS[ask], step=step, operator=eve, clock=clock(), evidence="Kim")
            why = rules.refusal(done, attempt)
            assert why is None, (step.id, ask)
            told += 1
        box = offers.BOX.get(done.of(step.id).status)
        if box and not _view(done, step.id)["box"] and not done.closed(step):
            assert rules.hindrance(done, offers.CLICKS[box], step, clock())
    assert told > 5


def test_every_click_is_one_of_the_rules() -> None:
    """What can be asked for of a step are the kinds of events that the tables of transitions know."""
    assert set(offers.CLICKS.values()) == {kind for _, kind in {**TRANSITIONS, **CONFIRMATIONS}}


def test_a_reason_is_asked_for_where_one_is_needed() -> None:
    """The questions are those of the kinds that are refused without a reason."""
    every = [each for each in vars(offers).values() if isinstance(each, offers.Offer)]
    asking = {offers.CLICKS[each.ask] for each in every if each.question}
    assert asking == set(NEEDS_REASON) & set(offers.CLICKS.values())


def test_the_box_asks_for_one_thing() -> None:
    """To tick or to take that back; a box that cannot be clicked any more says why."""
    done = _done(("ticked", "mail"), ("skipped", "ask"), ("ticked", "drop"))
    assert [_view(done, step)["box"] for step in ("mail", "ask", "drop", "promote", "after")] == [
        "untick",
        "unskip",
        "",
        "",
        "",
    ]
    assert _view(done, "drop")["held"] == "it cannot be undone; write a note on what happens next"
    assert _view(done, "mail")["held"] == ""


def test_a_tick_asks_for_what_is_missing() -> None:
    """Evidence while none that fits was given, and a second click where it cannot be undone."""
    done = _done()
    assert (_view(done, "ask")["asks"], _view(done, "mail")["asks"]) == ("who agreed", "")
    assert (_view(done, "drop")["sure"], _view(done, "mail")["sure"]) == ("This cannot be undone.", "")
    assert _view(_done(("ticked", "drop")), "drop")["sure"] == ""


@pytest.mark.parametrize(
    ("now_asks", "asks"), [("", ""), (' evidence="who else"', ""), (' evidence="link to it"', "link to it")]
)
def test_a_reworded_step_is_confirmed(now_asks: str, asks: str) -> None:
    """*Still done* asks for evidence only where what was given is not what is asked for now."""
    before, after = plan_of('## S\n- [ ] A {#a evidence="who"}'), plan_of(f"## S\n- [ ] B {{#a{now_asks}}}")
    said = [
        event("opened", seq=1),
        event("ticked", "a", seq=2, evidence="Kim"),
        event("revised", seq=3, plan=after.digest, template="{}"),
    ]
    done = apply_all(start(before), said, {after.digest: after})
    assert [offer.words for offer in offers.of_step(done, after.by_id["a"], clock())] == [
        "Still done",
        "Undo…",
        "Note…",
    ]
    assert _view(done, "a")["asks"] == asks
    skipped = apply_all(
        start(before), [said[0], event("skipped", "a", seq=2, reason="no"), said[2]], {after.digest: after}
    )
    first = offers.of_step(skipped, after.by_id["a"], clock())[0]
    assert first.as_json() == {"ask": "skip", "words": "Still skipped…", "question": "Why is it still skipped?"}


def test_who_is_on_it_lets_go_and_others_take_over() -> None:
    """The two buttons say for whom they are: one operator's page shows one of them."""
    shown = {each["ask"]: each for each in _view(_done(("taken", "mail"), by="ben"), "mail")["offers"]}
    assert shown["release"] == {"ask": "release", "words": "Not on it any more", "only_for": "ben"}
    assert shown["take"] == {"ask": "take", "words": "I am on it", "not_for": "ben"}


def test_a_wait_that_ends_is_offered(work: Workplace) -> None:
    """What only time hinders is offered as soon as it is over."""
    plan = plan_of("## S\n- [ ] A {#a}\n- [ ] B {#b wait=1h}")
    done = apply_all(start(plan), [event("opened", seq=1), event("ticked", "a", seq=2)])
    found = [
        [each.ask for each in offers.of_step(done, plan.by_id["b"], clock(AT + timedelta(minutes=minutes)))]
        for minutes in (59, 60)
    ]
    assert found == [["take", "skip", "note"], ["tick", "take", "skip", "note"]]


def test_to_whom_a_step_belongs(work: Workplace) -> None:
    """Its owner, those who act for that under the names they are known by, and who is on it; in small letters."""
    settings = '[tool.nbrunbook.owners]\nOps = ["ana@example.org", "Ben"]\n'
    names = '[tool.nbrunbook.operators]\n"ana@example.org" = "Ana"\n'
    (work.root / "pyproject.toml").write_text(f'[project]\nname = "shop"\n{settings}{names}', encoding="utf-8")
    assert _belongs(find_project(), _done(("taken", "mail"), by="Kim"), "mail") == ["ana", "ben", "kim", "ops"]
    assert _belongs(find_project(), _done(), "ask") == []


def _belongs(found: Project, done: Progress, step: str) -> list[str]:
    return offers.belongs_to(done.plan.by_id[step], done.of(step), found)


def test_where_a_step_may_be_added() -> None:
    """Behind every step but those below one that is done, and nowhere in a section that has to be opened first."""
    done = _done(("ticked", "read"), ("ticked", "write"))
    assert offers.add_after(done, done.plan.steps) == ["mail", "ask", "drop", "promote", "write", "all", "one", "after"]
    assert offers.add_after(_done(("signed_off", "")), done.plan.steps) == []


def test_a_section_is_opened_once() -> None:
    """One that may be needed, while the runbook is open; then it is, and others never were closed."""
    done = _done()
    assert [offers.opens(done, section, clock()) for section in ("back", "steps")] == ["back", ""]
    assert offers.opens(_done(("opened", "back")), "back", clock()) == ""
    assert offers.opens(_done(("signed_off", "")), "back", clock()) == ""


def _at_the_end(*said: tuple[str, str]) -> list[offers.Offer]:
    return offers.of_sign_off(_done(*said), clock(), key="staging/1.0")


def test_a_section_is_closed_while_nothing_in_it_was_done() -> None:
    """One that was opened; what was done or skipped in it comes first, and what was taken or noted is nothing done."""
    opened = ("opened", "back")
    assert [offers.closes(_done(*facts), "back") for facts in ([], [opened], [opened, ("closed", "back")])] == [
        "", "back", "",
    ]  # fmt: skip
    assert offers.closes(_done(opened, ("taken", "return"), ("noted", "return")), "back") == "back"
    for kind, undone in (("ticked", "unticked"), ("skipped", "unskipped")):
        assert offers.closes(_done(opened, (kind, "return")), "back") == ""
        assert offers.closes(_done(opened, (kind, "return"), (undone, "return")), "back") == "back"
    assert offers.closes(_done(opened, ("abandoned", "")), "back") == ""


def test_the_end_of_a_runbook() -> None:
    """The sign-off waits for what is missing and says so; then the record is written, once."""
    left = ("mail", "ask", "promote", "read", "write", "one", "after")
    (sign_off,) = _at_the_end()
    assert (sign_off.ask, sign_off.held.startswith("7 required open: “Mail”")) == ("sign-off", True)
    settled = [("skipped", step) for step in left]
    (sign_off,) = _at_the_end(*settled)
    assert (sign_off.words, sign_off.held) == ("Sign off…", "")
    assert sign_off.question.startswith("This closes staging/1.0: ")
    signed = [*settled, ("signed_off", "")]
    assert [each.ask for each in _at_the_end(*signed)] == ["archive"]
    assert _at_the_end(*signed, ("archived", "")) == []
    assert _at_the_end(("abandoned", "")) == []


def test_the_next_step_is_one_that_can_be_done() -> None:
    """One that waits is passed over while another can be done; where all wait it is said, but of an optional one."""
    steps = "- [ ] A {#a after=b}\n- [ ] B {#b}\n- [ ] C {#c after=b wait=1h}\n- [ ] D {#d .approval}"
    steps += "\n- [ ] E {#e after=b wait=1h .optional}"
    opened = [event("opened", seq=1)]

    def following(*done: str) -> tuple[str, bool]:
        events = [*opened, *(event("ticked", step, seq=seq, at=AT) for seq, step in enumerate(done, 2))]
        step, waits = offers.next_step(apply_all(start(plan_of(steps)), events), clock())
        return step.id if step else "", waits

    assert [following(), following("b"), following("b", "a"), following("b", "a", "d")] == [
        ("b", False), ("a", False), ("d", False), ("c", True),
    ]  # fmt: skip
    assert following("b", "a", "d", "c") == ("", False)
