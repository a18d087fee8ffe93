"""What a person at the terminal sees: results on stdout, talk on stderr, JSON for machines."""

from __future__ import annotations

import json

import pytest

from nbrunbook.commands import terminal
from tests.making import HOSTILE


def test_results_and_talk_go_separate_ways(capsys: pytest.CaptureFixture[str]) -> None:
    """What a pipe takes on is on stdout; what is only for whoever sits there is on stderr."""
    terminal.show("result")
    terminal.show()
    terminal.tell("talk")
    assert capsys.readouterr() == ("result\n\n", "talk\n")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (HOSTILE["ansi"], "␛[2J␛[31mred␛[0m"),
        (HOSTILE["override"], "abc⟨U+202E⟩def⟨U+2066⟩ghi"),
        ("over\rwritten\x9b2J", "over␍written⟨U+009B⟩2J"),
        ("caf\udce9", "caf⟨U+DCE9⟩"),
        ("two\n\tlines, ünï", "two\n\tlines, ünï"),
    ],
)
def test_nothing_steers_the_terminal(capsys: pytest.CaptureFixture[str], text: str, shown: str) -> None:
    """Control and direction characters are shown as what they are; line breaks, tabs and letters stay."""
    terminal.show(text)
    terminal.tell(text)
    assert capsys.readouterr() == (f"{shown}\n", f"{shown}\n")


def test_a_machine_gets_every_character(capsys: pytest.CaptureFixture[str]) -> None:
    """JSON gives back what went in, letters as letters; what would steer a terminal is escaped by JSON itself."""
    terminal.show_json(HOSTILE)
    out, err = capsys.readouterr()
    assert (json.loads(out), err) == (HOSTILE, "")
    assert "ünï" in out
    assert "\x1b" not in out


def test_how_far_it_is_is_said_on_a_terminal_only(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a pipe there is the result alone; on a terminal it takes the place of what was said on the way."""
    terminal.pass_by("1 of 2")
    terminal.end_with("2 of 2")
    assert capsys.readouterr() == ("2 of 2\n", "")
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    terminal.pass_by("1 of 2")
    terminal.end_with("2 of 2")
    assert capsys.readouterr() == ("2 of 2\n", "\r\x1b[2K1 of 2\r\x1b[2K")
