"""nbrunbook reopen."""

from __future__ import annotations

import pytest

from tests.conftest import Workplace
from tests.making import registered, session_on


@pytest.fixture
def key(work: Workplace) -> str:
    """A runbook that is signed off."""
    key = registered("- [ ] A {#a}\n- [ ] B {#b .optional}")
    assert work.run("tick", key, "a") == work.run("sign-off", key) == 0
    return key


def test_a_signed_off_runbook_is_opened_again(work: Workplace, key: str) -> None:
    """A reopened runbook can be worked on; its sign-off and the reason stay in the journal."""
    assert work.run("reopen", key, "--reason", "the wrong board") == 0
    assert work.out == "staging/1.0: open again, 1 of 2 done\n"
    assert [event.kind for event in session_on().events][-2:] == ["signed_off", "reopened"]
    assert session_on().events[-1].data == {"reason": "the wrong board"}
    assert work.run("tick", key, "b") == work.run("sign-off", key) == 0


def test_an_open_runbook_cannot_be_reopened(work: Workplace, key: str) -> None:
    """What is open cannot be opened again."""
    assert work.run("reopen", key, "--reason", "x") == 0
    assert work.run("reopen", key, "--reason", "x") == 1
    assert "the runbook is open" in work.err


@pytest.mark.parametrize("reason", [[], ["--reason", " "]])
def test_a_reason_is_asked_for(work: Workplace, key: str, reason: list[str]) -> None:
    """Nothing is reopened without a reason."""
    assert work.run("reopen", key, *reason) in (1, 2)
    assert session_on().progress.state == "signed_off"


def test_a_skipped_runbook_is_opened_again(work: Workplace) -> None:
    """A release that went there after all is worked on as if nobody had said otherwise."""
    registered("- [ ] A {#a}", key="production/1.0")
    session_on("production/1.0").append("skipped", data={"reason": "not for us"})
    assert work.run("reopen", "production/1.0", "--reason", "it went there") == 0
    assert work.run("tick", "production/1.0", "a") == 0


def test_a_runbook_without_steps_is_not_opened_again(work: Workplace) -> None:
    """Where a release was skipped that had no runbook there is nothing to work on, and the error says what to do."""
    registered("Nothing to do.", key="production/1.0")
    session_on("production/1.0").append("skipped", data={"reason": "not for us"})
    assert work.run("reopen", "production/1.0", "--reason", "it went there") == 1
    assert "instantiate TEMPLATE -e ENVIRONMENT --again" in work.err
