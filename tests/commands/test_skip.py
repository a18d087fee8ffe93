"""nbrunbook skip."""

from __future__ import annotations

import pytest

from tests.conftest import Workplace
from tests.making import registered, session_on


@pytest.fixture
def key(work: Workplace) -> str:
    """A runbook of two steps."""
    return registered("- [ ] A {#a .approval}\n- [ ] B {#b}")


def test_steps_are_skipped_with_a_reason(work: Workplace, key: str) -> None:
    """A skip settles a step, and says who and why."""
    assert work.run("skip", key, "a", "b", "--reason", "nobody uses staging") == 0
    assert "a: skipped by ana (declared), " in work.out
    assert "— nobody uses staging" in work.out
    assert session_on().progress.summary() == "0 of 2 done, 2 skipped"


@pytest.mark.parametrize("reason", [[], ["--reason", ""], ["--reason", " \n"]])
def test_a_reason_is_asked_for(work: Workplace, key: str, reason: list[str]) -> None:
    """Nothing is skipped without a reason."""
    assert work.run("skip", key, "a", *reason) in (1, 2)
    assert "reason" in work.err
    assert len(session_on().events) == 1


def test_what_is_done_is_not_skipped(work: Workplace, key: str) -> None:
    """A step that is done cannot be skipped."""
    assert work.run("tick", key, "b") == 0
    assert work.run("skip", key, "b", "--reason", "x") == 1
    assert "already done by ana" in work.err
