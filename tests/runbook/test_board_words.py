"""What is said of a batch's databases."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from nbrunbook.runbook import board_words
from nbrunbook.runbook.board import DatabaseStatus
from nbrunbook.runbook.times import local, utc

NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)


def _status(name: str, **facts: object) -> DatabaseStatus:
    return DatabaseStatus(name=name, **facts)  # type: ignore[arg-type]


def test_the_broken_and_the_slowest_come_first() -> None:
    """Stopped, holding, then what takes longest, then who waits with most rows; the done come last."""
    given = [
        _status("done", state="done"),
        _status("waits", left=5),
        _status("waits-more", left=50),
        _status("quick", state="running", left=10, rate=10.0),
        _status("slow", state="running", left=10, rate=0.1),
        _status("unknown", state="running"),
        _status("paused", state="paused", left=1),
        _status("holds", state="holding"),
        _status("broken", state="stopped"),
    ]
    names = [each.name for each in board_words.ordered(given)]
    assert names == ["broken", "holds", "unknown", "slow", "quick", "paused", "waits-more", "waits", "done"]


def test_numbers_are_told_as_far_as_they_are_known() -> None:
    """Rows, rate, time left and size; nothing is made up where nobody counts."""
    known = _status("eu", state="running", done=1200, left=38_800, rate=97.0, batch_size=1500)
    assert board_words.rows(known) == "1,200 of 40,000"
    told = (board_words.rate, board_words.time_left, board_words.size)
    assert [each(known) for each in told] == ["97/s", "7 min", "1,500"]
    assert board_words.percent(board_words.share(known)) == "3 %"
    bare = _status("eu", state="running", done=1200)
    assert board_words.rows(bare) == "1,200"
    assert [each(bare) for each in told] == ["", "", ""]
    assert board_words.share(bare) is None
    assert board_words.share(_status("eu", done=999_999, left=1)) == 0.999
    assert board_words.rate(_status("eu", state="running", rate=0.01)) == "0.1/s"


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"state": "running"}, ""),
        ({"state": "holding", "hold": "replica lag\n12 s"}, "holds for 3 min: replica lag ⏎ 12 s"),
        ({"state": "paused", "hold": "paused by ana"}, "paused by ana for 3 min"),
        ({"state": "stopped", "error": "no slug"}, "stopped for 3 min: no slug"),
        ({"state": "waiting", "hold": "its runner is gone"}, "its runner is gone"),
        ({"state": "running", "error": "deadlock"}, "last error: deadlock"),
        ({"state": "running", "quarantined": 1}, "1 row is refused"),
        ({"state": "running", "at_least_once": True}, "a chunk may be done twice here"),
    ],
)
def test_why_it_stands_still_is_told(facts: dict[str, object], said: str) -> None:
    """A hold says why and since when, an error what went wrong, on one line."""
    found = board_words.about(_status("eu", since="2026-11-30T11:57:00.000Z", **facts), local(NOON))
    assert found == said


def test_what_is_long_ago_is_told_by_its_instant() -> None:
    """More than an hour is told as a time of day; what is no instant as nothing."""
    old = _status("eu", state="holding", hold="window", since="2026-11-29T22:00:00.000Z")
    assert board_words.about(old, utc(NOON)) == "holds since 29 Nov 2026 22:00 UTC: window"
    assert board_words.about(_status("eu", state="holding", hold="window", since="?"), utc(NOON)) == "holds: window"


def test_one_line_tells_all() -> None:
    """How many databases are done, rows, rate and time left of all, and what wants an operator's eye."""
    given = [
        _status("a", state="done", done=10, left=0),
        _status("b", state="running", done=10, left=80, rate=8.0),
        _status("c", state="stopped", done=0, left=0, quarantined=2),
    ]
    said = "1 of 3 databases done, 20 of 102 rows (19 %), 8.0/s, 10 s left, 1 stopped, 2 rows refused"
    assert board_words.summary(given) == said
    assert board_words.summary(given[:1]) == "1 of 1 database done, 10 rows"
    assert board_words.summary([_status("a", done=3)]) == "0 of 1 database done, 3 rows"


@pytest.mark.parametrize(
    ("states", "whole"),
    [
        (["done", "done"], "done"),
        (["done", "running", "stopped"], "running"),
        (["holding", "stopped", "waiting"], "holding"),
        (["paused", "waiting"], "paused"),
        (["stopped", "waiting", "done"], "stopped"),
        (["waiting", "done"], "waiting"),
        ([], "waiting"),
    ],
)
def test_a_batch_stands_where_its_databases_do(states: list[str], whole: str) -> None:
    """It runs while one of them does, and is done only where every one is."""
    assert board_words.state([_status(str(at), state=each) for at, each in enumerate(states)]) == whole
