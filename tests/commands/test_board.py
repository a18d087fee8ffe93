"""A board that follows, on a terminal and in a pipe."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from nbrunbook.commands import board
from nbrunbook.runbook.board import DatabaseStatus
from tests.terminals import scripted, without_colours

SHOWN = """
import time
from nbrunbook.commands.board import board
from nbrunbook.runbook.board import DatabaseStatus
shown = board()
def at(count):
    names = ["eu", *(f"shard-{number:03}" for number in range(MANY))]
    return [DatabaseStatus(name=name, state="running", done=count, left=100 - count, rate=5.0) for name in names]
shown.show(at(20)); shown.say("hello\\n"); shown.show(at(60)); shown.end()
print("after")
"""


def test_a_terminal_sees_it_in_its_place(tmp_path: Path) -> None:
    """It is drawn again where it stood, what the run writes stands above it, and what comes after below."""
    shown = scripted(tmp_path, SHOWN.replace("MANY", "0"), columns=80)
    assert "\x1b[1A" in shown or "\x1b[2K" in shown
    last = without_colours(shown).rpartition("\x1b[2K")[2]
    assert "60 of 100 rows (60 %)" in last
    assert last.splitlines()[-1] == "after" or "after" in last
    assert shown.index("hello") < shown.rindex("60 of 100")


def test_three_hundred_fit_a_terminal(tmp_path: Path) -> None:
    """No more lines than it has; the rest is counted."""
    shown = scripted(tmp_path, SHOWN.replace("MANY", "300"), columns=60)
    last = without_colours(shown).rpartition("\x1b[2K")[2]
    folded = re.search(r"… and (\d+) running", last)
    assert folded
    assert int(folded[1]) + len(re.findall(r"^(?:eu|shard-\d+) ", last, re.M)) == 301
    assert int(folded[1]) > 200
    assert max(map(len, last.split("\n"))) <= 60


def test_a_pipe_gets_a_line_for_what_changed(capfd: pytest.CaptureFixture[str]) -> None:
    """A database is told when it comes to stand elsewhere, all of them together with it, and nothing twice."""
    shown = board.board()
    eu, us = DatabaseStatus(name="eu", left=10), DatabaseStatus(name="us", left=5)
    running = DatabaseStatus(name="eu", state="running", done=2, left=8)
    done = DatabaseStatus(name="eu", state="done", done=10, left=0)
    for each in (eu, running, running, done):
        shown.show([each, us])
    shown.say("hello\n")
    shown.end()
    assert capfd.readouterr().out.splitlines() == [
        "0 of 2 databases done, 0 of 15 rows (0 %)",
        "eu  running  2 of 10  20 %",
        "0 of 2 databases done, 2 of 15 rows (13 %)",
        "eu  done  10  100 %",
        "1 of 2 databases done, 10 of 15 rows (66 %)",
        "hello",
    ]


def test_a_quiet_one_shows_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    """Where stdout is for JSON."""
    shown = board.board(quiet=True)
    shown.show([DatabaseStatus(name="eu", state="running")])
    shown.say("hello")
    shown.end()
    assert capfd.readouterr() == ("", "")


def test_it_does_without_rich(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where it is not installed, and where stdout is no terminal, there are lines."""
    assert not board.is_live()
    monkeypatch.setattr(board, "width", lambda: 80)
    monkeypatch.setenv("TERM", "xterm")
    assert board.is_live()
    monkeypatch.setitem(sys.modules, "rich", None)
    assert not board.is_live()
    monkeypatch.delitem(sys.modules, "rich")
    monkeypatch.setenv("TERM", "dumb")
    assert not board.is_live()
