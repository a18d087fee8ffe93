"""nbrunbook abandon."""

from __future__ import annotations

import json

import pytest

from tests.conftest import Workplace
from tests.making import registered, session_on


@pytest.fixture
def key(work: Workplace) -> str:
    """A runbook that is open."""
    return registered("- [ ] A {#a}\n- [ ] B {#b}")


def test_an_open_runbook_is_abandoned(work: Workplace, key: str) -> None:
    """Nobody works on an abandoned runbook any more, and status says who gave it up, and why."""
    assert work.run("abandon", key, "--reason", "rolled back") == 0
    assert work.out.startswith("staging/1.0: abandoned by ana (declared), ")
    assert work.run("tick", key, "a") == 1
    assert "the runbook is abandoned; reopen it first" in work.err
    assert work.run("status", key) == 0
    assert "abandoned by ana (declared)" in work.out
    assert "— rolled back" in work.out
    assert work.run("status", key, "--check") == 0


def test_an_abandoned_runbook_is_opened_again(work: Workplace, key: str) -> None:
    """What was done before stays done when it is reopened."""
    assert work.run("tick", key, "a") == work.run("abandon", key, "--reason", "rolled back") == 0
    assert work.run("reopen", key, "--reason", "rolled forward") == 0
    assert work.out == "staging/1.0: open again, 1 of 2 done\n"
    assert work.run("tick", key, "b") == work.run("sign-off", key) == 0


def test_both_ways_on_are_told(work: Workplace, key: str) -> None:
    """Who wants to make a runbook where one was abandoned hears how to go on with it, and how to make another."""
    assert work.run("abandon", key, "--reason", "rolled back") == 0
    assert work.run("instantiate", work.template("- [ ] A {#a}"), "-e", "staging") == 1
    assert f"'nbrunbook reopen {key} --reason …' goes on with it, 'instantiate … --again' starts a second" in work.err


def test_a_signed_off_runbook_is_not_abandoned(work: Workplace, key: str) -> None:
    """What is complete has to be reopened before it can be abandoned, and twice is refused."""
    assert work.run("tick", key, "a", "b") == work.run("sign-off", key) == 0
    assert work.run("abandon", key, "--reason", "x") == 1
    assert "reopen it first" in work.err
    assert work.run("reopen", key, "--reason", "x") == work.run("abandon", key, "--reason", "x") == 0
    assert work.run("abandon", key, "--reason", "x") == 1


@pytest.mark.parametrize("reason", [[], ["--reason", " "]])
def test_a_reason_is_asked_for(work: Workplace, key: str, reason: list[str]) -> None:
    """Nothing is abandoned without a reason."""
    assert work.run("abandon", key, *reason) in (1, 2)
    assert session_on().progress.state == "open"


def test_what_a_runbook_was_abandoned_for_is_no_step(work: Workplace, key: str) -> None:
    """The event is about the whole runbook, and its reason stands in the journal."""
    assert work.run("abandon", key, "--reason", "made by mistake") == work.run("journal", key, "--json") == 0
    last = json.loads(work.out.splitlines()[-1])
    assert (last["kind"], last["step"], last["data"]) == ("abandoned", "", {"reason": "made by mistake"})
