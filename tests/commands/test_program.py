"""What the command line is called: nbrunbook, or manage.py runbook."""

from __future__ import annotations

import pytest

from nbrunbook import __version__, commands
from nbrunbook.commands import program
from nbrunbook.commands.program import Program
from tests.conftest import Workplace

MANAGED = Program(name="manage.py runbook", instead={"init": "set NBRUNBOOK"}, environment=lambda: "staging")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("'nbrunbook journal init' makes one", "'manage.py runbook journal init' makes one"),
        ("it needs nbrunbook 0.6.0", "it needs nbrunbook 0.6.0"),
        ("nbrunbook made it", "nbrunbook made it"),
        ("see .git/nbrunbook work", "see .git/nbrunbook work"),
        ("nbrunbook check-up", "nbrunbook check-up"),
    ],
)
def test_commands_are_named_as_this_command_line_is_called(text: str, shown: str) -> None:
    """What is to be copied runs here; other words that begin with our name stay."""
    assert program.as_called(text) == text
    with program.called(MANAGED):
        assert program.as_called(text) == shown


def test_help_names_it_too_and_only_meanwhile(capsys: pytest.CaptureFixture[str]) -> None:
    """Usage and examples of all verbs and of their own commands say how it is called; afterwards as before."""
    with program.called(MANAGED):
        assert commands.run_line(["journal", "init", "--help"]) == 0
        assert commands.run_line(["--help"]) == 0
    managed = capsys.readouterr().out
    assert "Usage: manage.py runbook journal init" in managed
    assert "    manage.py runbook journal init" in managed
    assert "\n  manage.py runbook plan" in managed
    assert "Set a repository up" not in managed
    assert commands.run_line(["journal", "init", "--help"]) == 0
    assert "manage.py" not in capsys.readouterr().out


def test_a_verb_that_makes_no_sense_is_refused_with_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    """Whoever tries it reads what takes its place."""
    with program.called(MANAGED):
        assert commands.run_line(["init"]) == 1
    assert capsys.readouterr().err == "error: manage.py runbook has no 'init'; set NBRUNBOOK\n"


def test_an_environment_that_is_not_given_is_the_one_of_the_program(work: Workplace) -> None:
    """`-e` wins, and a KEY names its environment itself."""
    work.template("- [ ] A {#a}")
    with program.called(MANAGED):
        assert work.run("instantiate", "templates/1.0.ipynb") == 0
        assert work.run("instantiate", "templates/1.0.ipynb", "-e", "production") == 0
        for verb in ("pending", "status", "history"):
            assert work.run(verb) == 0
            assert ("staging" in work.out, "production" in work.out) == (True, False)
        assert work.run("status", "-e", "") == 0
        assert "production/1.0" in work.out
        assert work.run("pending", "-e", "production") == 0
        assert "production" in work.out
        assert work.run("status", "staging/1.0") == 0
        assert work.run("check", "staging/1.0") == 0


def test_a_verb_of_the_same_name_takes_no_function_away(capsys: pytest.CaptureFixture[str]) -> None:
    """The package has a verb `run`, too: once that is loaded a command line is run as before."""
    assert commands.run_line(["run", "--help"]) == 0
    assert commands.run_line(["--version"]) == 0
    assert capsys.readouterr().out.endswith(f"nbrunbook {__version__}\n")
