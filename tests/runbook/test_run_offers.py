"""What can be clicked of steps that the machine does."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from nbrunbook.project.operator import declared
from nbrunbook.runbook import offers, replay, rules, run_offers
from nbrunbook.runbook.attempt import Attempt
from nbrunbook.runbook.events import Kind
from nbrunbook.runbook.offer import SURE, Offer
from nbrunbook.runbook.progress import Progress
from nbrunbook.runbook.status import Heard
from tests.making import clock, event, plan_of, with_event
from tests.runbook.test_runs import CODE, DECLARED, after

STEPS = "- [ ] Green {#green}\n- [ ] Purge {#purge .irreversible}\n- [ ] Inner {#inner after=purge}\n"


def _after(*facts: tuple[Kind, str], **data: str) -> Progress:
    done = replay.start(plan_of(STEPS, declare=DECLARED, code=CODE))
    for number, (kind, step) in enumerate([("opened", ""), *facts], 1):
        done = with_event(done, event(kind, step, seq=number, **(data if number > 1 else {})))
    return done


def _of(done: Progress, step: str) -> list[Offer]:
    return offers.of_step(done, done.plan.by_id[step], clock())


def _words(done: Progress, step: str) -> list[str]:
    return [offer.words for offer in _of(done, step)]


def _heard(done: Progress, step: str, **heard: Any) -> Progress:
    run = done.of(step).run
    assert run
    return replace(done, heard={run.id: Heard(host="h", **heard)})


REST = ["By hand…", "I am on it", "Skip…", "Note…"]


@pytest.mark.parametrize(
    ("said", "step", "words"),
    [
        ([], "green", ["Check", *REST]),
        ([], "purge", ["Run", *REST]),
        ([("started", "green")], "green", ["Stop", "Note…"]),
        ([("started", "green"), ("failed", "green")], "green", ["Check again", *REST]),
        ([("started", "green"), ("passed", "green")], "green", ["Check again", "Undo…", "Note…"]),
        ([("started", "purge"), ("failed", "purge")], "purge", ["Run again", *REST]),
        ([("started", "purge"), ("passed", "purge")], "purge", ["Run once more…", "Note…"]),
        ([("skipped", "purge")], "purge", ["Undo…", "Note…"]),
        ([("started", "green"), ("passed", "green"), ("signed_off", "")], "green", ["Note…"]),
    ],
)
def test_what_is_offered(said: list[tuple[Kind, str]], step: str, words: list[str]) -> None:
    """The verb first; by hand in place of a tick; what is done is run again from the menu."""
    assert _words(_after(*said), step) == words


def test_a_run_that_is_not_heard_of_is_asked_about() -> None:
    """Neither is it stopped nor begun again; one that was asked to stop is not asked twice."""
    done = _after(("started", "purge"))
    assert _words(_heard(done, "purge", seconds=3), "purge") == ["Stop", "Note…"]
    assert _words(_heard(done, "purge", seconds=3, stopper="ben (declared)"), "purge") == ["Note…"]
    assert _words(_heard(done, "purge", seconds=61), "purge") == ["It ran…", "It did not…", "Note…"]


def test_a_second_click_is_asked_for() -> None:
    """Before what cannot be undone, and before an action that may have been done."""
    assert _of(_after(), "green")[0].sure == ""
    assert _of(_after(), "purge")[0].sure == SURE
    unknown = after(("approved", "purge"), ("started", "purge"), ("undecided", "purge"), key="k")
    assert _of(unknown, "purge")[0].sure == run_offers.MAY_BE_DONE


def test_what_a_step_waits_for_holds_its_button() -> None:
    """It is there, and says why it cannot be pressed; an approval is offered before it."""
    (inner, *_) = _of(_after(), "inner")
    assert inner.words == "Check"
    assert "Purge" in inner.held
    done = after()
    assert [offer.ask for offer in _of(done, "purge")][:2] == ["approve", "run"]
    assert _of(done, "purge")[1].held == "a second operator has to approve it first"


@pytest.mark.parametrize(
    "said",
    [
        [],
        [("started", "purge"), ("passed", "purge")],
        [("started", "green"), ("failed", "green")],
        [("signed_off", "")],
    ],
)
def test_no_offer_is_refused(said: list[tuple[Kind, str]]) -> None:
    """Whoever gives the reason that is asked for may run what is offered, and do by hand what may be ticked."""
    done, told = _after(*said), 0
    for step in done.plan.steps:
        for offer in _of(done, step.id):
            if offer.held or offer.ask not in ("run", "tick"):
                continue
            kind: Kind = "started" if offer.ask == "run" else "ticked"
            reason = "because" if offer.question else ""
            more: dict[str, Any] = {"reason": reason, "forced": bool(reason) and kind == "started"}
            eve = declared("eve", "typed")
            assert rules.refusal(done, Attempt(kind=kind, step=step, operator=eve, clock=clock(), **more)) is None
            told += 1
    assert told > 3 or done.state != "open"


BATCH = """from nbrunbook import batch
fill = batch("fill", databases=["eu", "us"])
@fill.fetch
def _(db, cursor, batch_size): ...
@fill.process
def _(db, rows): ...
"""


def _batch(*said: tuple[Kind, str], heard: Heard | None = None, **facts: str) -> list[str]:
    """What can be clicked of a batch after some events."""
    plan = plan_of("- [ ] Fill {#fill}", declare=DECLARED, code=BATCH)
    step, start = plan.by_id["fill"], replay.start(plan)
    found = [event(kind, of, seq=seq, **facts) for seq, (kind, of) in enumerate(said, 2)]
    done = replay.apply_all(start, found)
    run = done.of("fill").run
    done = replace(done, heard={run.id: heard}) if run and heard else done
    return [each.words for each in run_offers.of_step(done, step, clock())]


def test_a_batch_is_held_and_shared() -> None:
    """While it runs it may be paused, resized and joined; one of which nothing is heard goes on by a click."""
    begun: tuple[Kind, str] = ("started", "fill")
    assert _batch() == ["Start"]
    assert _batch(begun) == ["Stop", "Pause", "Batch size…", "Add a runner"]
    assert _batch(begun, ("paused", "fill")) == ["Stop", "Resume", "Batch size…", "Add a runner"]
    unknown = Heard(host="h", seconds=180)
    assert _batch(begun, heard=unknown) == ["Go on", "It ran…", "It did not…", "Pause", "Batch size…"]
    assert _batch(begun, heard=Heard(host="h", seconds=1, stopper="ben")) == []


def test_what_is_left_of_a_batch_goes_on() -> None:
    """Where it was stopped or paused, and the rows that were refused."""
    begun: tuple[Kind, str] = ("started", "fill")
    assert _batch(begun, ("paused", "fill"), ("stopped", "fill")) == ["Go on", "Resume"]
    board = '[{"name":"eu","state":"stopped","quarantined":3}]'
    assert _batch(begun, ("failed", "fill"), board=board) == ["Go on", "Try 3 refused rows again"]
    board = board.replace("}", ',"left":0}')  # nothing else is left: to go on past them would fail as before
    assert _batch(begun, ("failed", "fill"), board=board) == ["Try 3 refused rows again"]
