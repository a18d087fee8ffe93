"""What a person at the terminal sees."""

from __future__ import annotations

import json

import pytest

from nbrunbook.commands import terminal


def test_results_and_talk_are_kept_apart(capsys: pytest.CaptureFixture[str]) -> None:
    """What a pipe takes on goes to stdout, what is only said to stderr; neither steers the terminal."""
    terminal.show("a result \x1b[31m")
    terminal.tell("on the way \x1b[31m")
    out, err = capsys.readouterr()
    assert (out, err) == ("a result ␛[31m\n", "on the way ␛[31m\n")


def test_json_is_for_people_too(capsys: pytest.CaptureFixture[str]) -> None:
    """It is indented, letters of other scripts stay letters, and it reads back."""
    terminal.show_json({"title": "ünï 日本", "steps": [1]})
    out = capsys.readouterr().out
    assert json.loads(out) == {"title": "ünï 日本", "steps": [1]}
    assert '\n  "title": "ünï 日本"' in out
