"""Runs as the command line shows them."""

from __future__ import annotations

import pytest

from nbrunbook.automation import beginning
from tests.conftest import Workplace
from tests.making import session_on
from tests.running import KEY, runs_of


def test_the_json_of_a_run(made: Workplace) -> None:
    """Each run with its outcome; the exit status is 1 unless all passed."""
    (made.root / "red").touch()
    assert made.run("run", KEY, "green", "--json") == 1
    (found,) = runs_of(made)
    assert set(found) == {"runbook", "step", "run", "outcome", "value", "message", "seconds", "at"}
    assert (found["runbook"], found["step"], found["outcome"]) == (KEY, "green", "failed")
    assert (found["value"], found["message"]) == (None, "health is red")
    assert found["seconds"] > 0


def test_ctrl_c_leaves_it_running(made: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    """And says how to stop it."""
    (made.root / "slow").touch()

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(beginning.time, "sleep", interrupted)
        assert made.run("run", KEY, "purge", "--yes") == 130
    assert f"it goes on; 'nbrunbook run {KEY} purge --stop' ends it" in made.err
    assert session_on().progress.of("purge").run
