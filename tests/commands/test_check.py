"""nbrunbook check: checks that look again."""

from __future__ import annotations

from tests.conftest import Workplace
from tests.running import KEY, runs_of, step_of


def test_a_check_opens_its_step_again(made: Workplace) -> None:
    """What passed and fails now is open, and says why, in words, too."""
    assert made.run("check", KEY) == 0, made.err
    (made.root / "red").touch()
    assert made.run("check", KEY, "green") == 1
    assert step_of(made, "green")["status"] == "open"
    assert made.run("status", KEY) == 0
    assert "failed, run by " in made.out
    assert ": health is red" in made.out
    assert "run 2 times, 1 of them without passing" in made.out


def test_all_checks_of_what_is_open(made: Workplace) -> None:
    """Made for cron: all open runbooks, or those of an environment, as JSON; actions are never run."""
    assert made.run("check", "--all", "--json") == 0, made.err
    assert [each["step"] for each in runs_of(made)] == ["green"]
    assert made.run("check", "--all", "-e", "staging") == 0
    assert made.run("check", KEY, "purge") == 1
    assert "it is no check" in made.err
    assert made.run("check") == made.run("check", KEY, "--all") == 2
    assert not (made.root / "keys").exists()
