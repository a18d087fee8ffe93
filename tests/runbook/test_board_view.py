"""What a row shows of a batch's databases."""

from __future__ import annotations

from datetime import UTC, datetime

from nbrunbook.runbook import board_view
from nbrunbook.runbook.board import DatabaseStatus
from nbrunbook.runbook.times import marked

NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)


def test_a_database_that_runs() -> None:
    """Its bar, its numbers in words, and how long it takes still; what is empty is left out."""
    status = DatabaseStatus(name="eu", state="running", done=1200, left=38_800, rate=97.0, batch_size=1500)
    shown = board_view.line(status, marked(NOON))
    words = {"words": "a runner goes through it", "share": 0.03, "percent": "3 %", "rows": "1,200 of 40,000"}
    assert shown == {"name": "eu", "state": "running", **words, "rate": "97/s", "left": "7 min", "size": "1,500"}


def test_what_stands_still_says_in_which_state_and_why() -> None:
    """In place of the time left; since when is an instant that the browser tells in its own zone."""
    since = "2026-11-30T11:57:00.000Z"
    shown = board_view.line(DatabaseStatus(name="eu", state="holding", hold="lag", since=since), marked(NOON))
    assert (shown["left"], shown["why"]) == ("holding", f"holds since \0{since}\0: lag")
    assert "bad" not in shown
    assert board_view.line(DatabaseStatus(name="eu", state="running", quarantined=1), marked(NOON))["bad"]


def test_what_turns_a_text_around_is_shown_as_a_code() -> None:
    """A database's error is somebody else's text."""
    shown = board_view.line(DatabaseStatus(name="e\u202eu", state="stopped", error="a\u202eb"), marked(NOON))
    assert shown["name"] == "e⟨U+202E⟩u"
    assert shown["why"] == "stopped: a⟨U+202E⟩b"


def test_all_together() -> None:
    """One line, and how far they all are; no bar where that is not known."""
    assert board_view.summary([DatabaseStatus(name="eu", left=3)]) == {
        "words": "0 of 1 database done, 0 of 3 rows (0 %)",
        "share": 0.0,
    }
    assert "share" not in board_view.summary([DatabaseStatus(name="eu")])


def test_a_bar_goes_by_databases_where_nobody_has_counted_all_rows() -> None:
    """Of what was not begun no rows are known, and no bar at all would say less."""
    done = DatabaseStatus(name="eu", state="done", done=3)
    assert board_view.summary([done, DatabaseStatus(name="us")])["share"] == 0.5


def test_runners_are_counted_by_their_hosts() -> None:
    """Each host once; nothing where nobody works."""
    assert board_view.runners_words(["b", "a", "b"]) == "3 runners on a, b"
    assert board_view.runners_words([]) == ""
