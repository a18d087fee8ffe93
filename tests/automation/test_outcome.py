"""Outcomes: what a child said, what is concluded where it did not, and the file."""

from __future__ import annotations

import json
import re
import signal
from pathlib import Path
from typing import Any

import pytest

from nbrunbook.automation import child, outcome
from nbrunbook.automation.outcome import Outcome
from nbrunbook.errors import NbrunbookError

PASSED = Outcome(kind="passed", value='{"shards": 5}', seconds=1.25, output="5 shards\n")


def test_an_outcome_is_read_as_it_was_written(tmp_path: Path) -> None:
    """For this user alone, and again where it was there."""
    for found in (Outcome(kind="failed", message="red"), PASSED):
        outcome.write(tmp_path, "run-1", found)
        assert outcome.read(tmp_path, "run-1") == found
    assert (tmp_path / outcome.PLACE).stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == [outcome.PLACE]


def test_no_file_says_nothing(tmp_path: Path) -> None:
    """Whoever looks for what came out learns that nothing is known."""
    assert outcome.read(tmp_path, "run-1") is None


GOOD: dict[str, Any] = {
    "schema": 1, "run": "run-1", "kind": "passed", "value": None, "message": None, "traceback": None, "seconds": 1,
    "attempts": 1, "output": "",
}  # fmt: skip
DAMAGED = {
    "nothing": b"",
    "half of it": json.dumps(GOOD).encode()[:30],
    "bytes": b"\xff\xfe",
    "a list": b"[]",
    "deep": b"[" * 100_000,
    "another format": json.dumps({**GOOD, "schema": 2}).encode(),
    "another run": json.dumps({**GOOD, "run": "run-2"}).encode(),
    "an unknown kind": json.dumps({**GOOD, "kind": "done"}).encode(),
    "a kind that is none": json.dumps({**GOOD, "kind": []}).encode(),
    "a number for a text": json.dumps({**GOOD, "value": 1}).encode(),
    "a text for a number": json.dumps({**GOOD, "seconds": "1"}).encode(),
    "more": json.dumps({**GOOD, "more": 1}).encode(),
    "less": json.dumps({name: GOOD[name] for name in GOOD if name != "output"}).encode(),
    "too much": json.dumps({**GOOD, "output": "x" * outcome.LARGEST}).encode(),
}


@pytest.mark.parametrize("name", DAMAGED)
def test_a_file_that_says_else_is_an_error_in_words(tmp_path: Path, name: str) -> None:
    """What is no outcome of this run is never taken for one."""
    (tmp_path / outcome.PLACE).write_bytes(json.dumps(GOOD).encode())
    assert outcome.read(tmp_path, "run-1")
    (tmp_path / outcome.PLACE).write_bytes(DAMAGED[name])
    with pytest.raises(NbrunbookError, match="is damaged"):
        outcome.read(tmp_path, "run-1")


def test_a_file_that_cannot_be_read_is_an_error_in_words(tmp_path: Path) -> None:
    """A folder in its place, such as a backup program leaves."""
    (tmp_path / outcome.PLACE).mkdir()
    with pytest.raises(NbrunbookError, match="cannot be read"):
        outcome.read(tmp_path, "run-1")


def test_what_a_child_said_counts() -> None:
    """Whatever status its process ended with then."""
    found = outcome.said(b'{"kind": "passed", "value": "5 shards", "message": null}\n', -signal.SIGSEGV)
    assert found == Outcome(kind="passed", value="5 shards")


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (0, "ended with status 0, and did not say"),
        (3, "ended with status 3"),
        (-signal.SIGKILL, r"SIGKILL \(by somebody, or because memory ran out\)"),
        (-signal.SIGSEGV, r"SIGSEGV \(a crash in native code\)"),
        (-40, "signal 40|SIGRT"),
    ],
)
@pytest.mark.parametrize("line", [b"", b'{"kind": "passed"}'])
def test_a_child_that_did_not_say_has_not_passed(line: bytes, status: int, words: str) -> None:
    """Neither status 0 nor half a line says that it did."""
    found = outcome.said(line, status)
    assert found.kind == "undecided"
    assert re.search(words, found.message or "")


@pytest.mark.parametrize("line", [b"yes\n", b"[]\n", b'{"kind": "stopped"}\n', b'{"kind": []}\n', b"\xff\n"])
def test_what_nobody_understands_is_undecided(line: bytes) -> None:
    """Stopped is nothing that a child may say."""
    assert outcome.said(line, 0).kind == "undecided"


def test_each_text_of_an_outcome_is_masked() -> None:
    """Return values, exceptions and tracebacks hold secrets as much as output does."""
    found = outcome.masked(
        Outcome(kind="failed", value="a hunter-2", message="b hunter-2", traceback="hunter-2"), ["hunter-2"]
    )
    assert (found.value, found.message, found.traceback) == ("a ***", "b ***", "***")
    assert outcome.masked(PASSED, ["hunter-2"]) == PASSED


def test_a_value_that_was_cut_through_shows_neither_half() -> None:
    """A child cuts before anybody masks, and a text of secrets alone is short once they are masked."""
    secret = "".join(f"{number:05}" for number in range(1000))
    found = outcome.masked(Outcome(kind="passed", value=child.cut(secret * 50)), [secret])
    assert found.value == f"***{child.CUT}"


def test_a_board_is_in_it_only_where_there_is_one(tmp_path: Path) -> None:
    """So what other runs leave is read by an earlier version, too."""
    outcome.write(tmp_path, "r", outcome.Outcome(kind="passed"))
    assert "board" not in (tmp_path / outcome.PLACE).read_text(encoding="utf-8")
    said = outcome.Outcome(kind="passed", board='[{"name": "eu"}]')
    outcome.write(tmp_path, "r", said)
    assert outcome.read(tmp_path, "r") == said
    assert outcome.run_in(tmp_path) == "r"


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"run": 3}', "{" * 100_000])
def test_a_file_that_names_no_run_is_about_none(tmp_path: Path, content: str) -> None:
    """Somebody else may have written it."""
    assert outcome.run_in(tmp_path) is None
    (tmp_path / outcome.PLACE).write_text(content, encoding="utf-8")
    assert outcome.run_in(tmp_path) is None


def test_nothing_is_written_where_the_folder_was_taken_away(tmp_path: Path) -> None:
    """It is not made again: whoever took the project away wants none of it."""
    with pytest.raises(FileNotFoundError):
        outcome.write(tmp_path / "gone", "r", outcome.Outcome(kind="passed"))
    assert not (tmp_path / "gone").exists()
