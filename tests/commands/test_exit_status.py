"""The command line: exit status, help, and what starting it loads."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import click
import pytest

from nbrunbook import commands
from nbrunbook.commands import VERBS
from tests.conftest import Workplace
from tests.making import registered

SHARED = {
    *("here", "about-journal", "batches", "board", "choosing", "completion", "looking", "moving", "options", "program"),
    *("running", "terminal", "wrapping"),
}
"""Modules of `commands` that are no verbs."""


def _failing(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    @click.command(name="status")
    def command() -> None:
        raise error

    monkeypatch.setattr("nbrunbook.commands.status.command", command)


def test_a_bug_of_ours_is_logged(work: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bug exits 3 in one line that says where the log is; the traceback stands there."""
    _failing(monkeypatch, ZeroDivisionError("no \x1b[31mred"))
    assert work.run("status") == 3
    (line,) = work.err.splitlines()
    assert line.startswith("bug in nbrunbook: ZeroDivisionError: no ␛[31mred; log: ")
    log = Path(line.partition("log: ")[2])
    assert "Traceback" in log.read_text(encoding="utf-8")
    log.unlink()


@pytest.mark.parametrize("error", [KeyboardInterrupt(), click.Abort()])
def test_an_interruption_is_130(work: Workplace, monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    """Ctrl-C exits 130."""
    _failing(monkeypatch, error)
    assert work.run("status") == 130
    assert work.err.strip() == "interrupted"


@pytest.mark.parametrize(
    "arguments", [["stauts"], ["status", "--jsn"], ["tick"], ["tick", "staging/1.0"], ["skip", "k"]]
)
def test_usage_is_2(work: Workplace, arguments: list[str]) -> None:
    """A mistyped verb or option, and a missing argument, exit 2 and say how it is used."""
    assert work.run(*arguments) == 2
    assert "Usage: nbrunbook" in work.err


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_an_example(work: Workplace, verb: str) -> None:
    """Every verb's --help fits a terminal, and has an example on a line of its own, to copy."""
    assert work.run(verb, "--help") == 0
    lines = work.out.splitlines()
    assert lines[lines.index("  Example:") + 1].startswith(f"    nbrunbook {verb}")
    assert max(map(len, lines)) <= 80


def test_verbs_are_files() -> None:
    """Every verb is one file, and every file but the shared ones is a verb."""
    folder = Path(str(commands.__file__)).parent
    files = {path.stem.rstrip("_").replace("_", "-") for path in folder.glob("*.py")}
    assert files - {"--init", *SHARED} == set(VERBS)


def test_help_lists_all_verbs(work: Workplace) -> None:
    """Each once, by who needs it; the four of the main way come first."""
    assert work.run("--help") == 0
    listed = [line.split()[0] for line in work.out.partition("The main way:")[2].splitlines() if line.startswith("  ")]
    found = [name for name in listed if name in VERBS]
    assert (found[:4], sorted(found)) == (["new", "instantiate", "work", "archive"], sorted(VERBS))


@pytest.mark.parametrize("verb", ["status", "tick", "journal"])
def test_starting_loads_no_jupyter(verb: str) -> None:
    """What operators call all day starts without any of Jupyter."""
    code = (
        f"import sys; from nbrunbook.commands import run; run([{verb!r}, '--help'])\n"
        "heavy = ('jupyter', 'nbformat', 'nbconvert', 'papermill', 'ipykernel', 'IPython', 'anywidget', 'traitlets')\n"
        "sys.exit(str([name for name in sys.modules if name.startswith(heavy)] or 0).strip('0') or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_closed_pipe_is_no_bug(work: Workplace) -> None:
    """Where the reader of the output goes away, nobody sees a traceback."""
    command = "import sys; from nbrunbook.commands import main; main()"
    with subprocess.Popen(
        [sys.executable, "-c", command, "--help"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        assert process.stderr
        process.stdout.close()
        assert "Traceback" not in process.stderr.read()


@pytest.mark.on("sqlite")
@pytest.mark.parametrize("encoding", ["cp1252", "ascii", "latin-1"])
def test_what_a_terminal_cannot_show_is_replaced(work: Workplace, encoding: str) -> None:
    """A tick was recorded, and then it was a bug: an arrow is no reason for that, wherever the journal is."""
    key = registered("- [ ] Ändere die Zone → eu ☃ {#a}")
    script = "from nbrunbook.commands import main; main()"
    for verb in (["status", key], ["tick", key, "a"], ["note", key, "→"], ["journal", key], ["status"]):
        ran = subprocess.run(
            [sys.executable, "-c", script, *verb],
            env={**os.environ, "PYTHONIOENCODING": encoding},
            capture_output=True,
        )
        assert ran.returncode == 0, ran.stderr
