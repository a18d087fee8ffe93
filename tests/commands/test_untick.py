"""nbrunbook untick."""

from __future__ import annotations

import pytest

from tests.conftest import Workplace
from tests.making import registered, session_on


@pytest.fixture
def key(work: Workplace) -> str:
    """A runbook with one step done, one skipped, and one that cannot be undone."""
    key = registered("- [ ] A {#a}\n- [ ] B {#b}\n- [ ] C {#c .irreversible}\n- [ ] D {#d}")
    assert work.run("tick", key, "a", "c", "--yes") == work.run("skip", key, "b", "--reason", "no") == 0
    return key


def test_a_tick_and_a_skip_are_taken_back(work: Workplace, key: str) -> None:
    """Ticks and skips are taken back with a reason, and stay in the journal."""
    assert work.run("untick", key, "a", "b", "--reason", "wrong board") == 0
    assert [(event.kind, event.step) for event in session_on().events][-2:] == [("unticked", "a"), ("unskipped", "b")]
    assert "a: unticked by ana (declared)" in work.out
    assert "wrong board" in work.out
    assert session_on().progress.settled == 1


@pytest.mark.parametrize(("step", "said"), [("c", "cannot be undone"), ("d", "cannot untick d")])
def test_what_cannot_be_taken_back_is_refused(work: Workplace, key: str, step: str, said: str) -> None:
    """An irreversible step, and one that is open, cannot be unticked."""
    assert work.run("untick", key, step, "--reason", "x") == 1
    assert said in work.err


@pytest.mark.parametrize("reason", [[], ["--reason", ""], ["--reason", "  "]])
def test_a_reason_is_asked_for(work: Workplace, key: str, reason: list[str]) -> None:
    """Nothing is taken back without a reason."""
    assert work.run("untick", key, "a", *reason) in (1, 2)
    assert "reason" in work.err
    assert session_on().progress.of("a").status == "done"
