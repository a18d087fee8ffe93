"""Runs as the command line shows them."""

from __future__ import annotations

import pytest

from nbrunbook.automation import beginning
from nbrunbook.commands.running import Shown
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


def test_what_would_steer_a_terminal_is_left_out(capfd: pytest.CaptureFixture[str]) -> None:
    """Also where it comes in pieces; what else controls one is shown as what it is, and a last line ends."""
    output = Shown(err=False)
    for chunk in (
        b"\x1b[32mgre",
        b"en\x1b[",
        b"0m \x1b]0;tit",
        b"le\x07ok\r",
        b"\n10 %\r100 %\r\n",
        b"a\x08b\xe2\x80",
        b"\xaec",
    ):
        output(chunk)
    output.end()
    assert capfd.readouterr().out == "green ok\n10 %\n100 %\na␈b⟨U+202E⟩c\n"
    output(b"\x1b")
    output.end()
    assert capfd.readouterr().out == ""


def test_what_comes_behind_a_failed_step_is_not_run(made: Workplace) -> None:
    """Which is said; what did run is told, also as JSON."""
    (made.root / "red").touch()
    assert made.run("run", KEY, "green", "purge", "--yes", "--json") == 1
    assert [each["step"] for each in runs_of(made)] == ["green"]
    assert "not run, since green did not pass: purge" in made.err
    (made.root / "red").unlink()
    assert made.run("run", KEY, "green", "manual", "--json") == 1
    assert [each["outcome"] for each in runs_of(made)] == ["passed"]
    assert f"'nbrunbook tick {KEY} manual' does it" in made.err
