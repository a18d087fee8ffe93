"""What moves while something takes long."""

from __future__ import annotations

import io
import time

import pytest

from nbrunbook.commands.moving import SIGNS, Moving


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_something_moves_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """The sign turns while a stage lasts, its number is told, and in the end the line is empty again."""
    terminal = _Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    monkeypatch.setenv("COLUMNS", "40")
    with Moving() as moving:
        for stage, detail in (("starting JupyterLab", ""), ("running 3 cells", "cell 2")):
            moving.say(stage, detail)
            said, until = f"{stage}… {detail}", time.monotonic() + 30
            while not all(f"\r\x1b[2K{sign} {said}" in terminal.getvalue() for sign in SIGNS):
                assert time.monotonic() < until, terminal.getvalue()
        moving.tell("told meanwhile")
        moving.say("a stage with a very long name, \x1b[2J and\nmore than a line of it")
        while "␛" not in terminal.getvalue():
            assert time.monotonic() < until, terminal.getvalue()
    assert "\r\x1b[2Ktold meanwhile\n" in terminal.getvalue()
    assert terminal.getvalue().endswith("\r\x1b[2K")
    assert max(len(line.rpartition("\x1b[2K")[2]) for line in terminal.getvalue().split("\r")) < 40
    assert not moving.thread.is_alive()


def test_elsewhere_each_stage_is_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    """In a log nothing moves: a stage is told when it begins, and not how far it is."""
    with Moving() as moving:
        moving.say("running 3 cells", "cell 1")
        moving.say("running 3 cells", "cell 2")
        moving.tell("told")
        moving.say("opening it")
    assert capsys.readouterr() == ("", "running 3 cells…\ntold\nopening it…\n")


def test_it_ends_with_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """What goes wrong meanwhile is told on a line of its own, and nothing moves any more."""
    terminal = _Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    moving = Moving()

    def start() -> None:
        with moving:
            moving.say("starting")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        start()
    assert not moving.thread.is_alive()
    assert terminal.getvalue().endswith("\r\x1b[2K")
