"""The board as plain text."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from nbrunbook.runbook.board import DatabaseStatus
from nbrunbook.runbook.board_text import bar, drawn
from nbrunbook.runbook.times import utc
from nbrunbook.texts import columns_of

CLOCK = utc(datetime(2026, 11, 30, 12, tzinfo=UTC))
SINCE = "2026-11-30T11:57:00.000Z"
THREE = [
    DatabaseStatus(name="eu", state="running", done=1200, left=38_800, rate=97.0, batch_size=1500),
    DatabaseStatus(name="us", state="done", done=400, left=0),
    DatabaseStatus(name="asia", state="stopped", done=7, left=9, batch_size=50, error="row 8: no slug", since=SINCE),
]


def test_a_terminal_gets_a_table() -> None:
    """What wants an eye stands first, numbers in columns, and below a line what went wrong."""
    found = [each.text for each in drawn(THREE, CLOCK, width=100)]
    assert found == [
        "1 of 3 databases done, 1,607 of 40,416 rows (3 %), 97/s, 7 min left, 1 stopped",
        "asia  stopped  █████░░░░░░░   43 %          7 of 16",
        "    stopped for 3 min: row 8: no slug",
        "eu    running  ░░░░░░░░░░░░    3 %  1,200 of 40,000  97/s  7 min left  by 1,500",
        "us    done     ████████████  100 %              400",
    ]


def test_a_pipe_gets_words() -> None:
    """One line a database, without bars."""
    found = [each.text for each in drawn(THREE, CLOCK)]
    assert found[1:] == [
        "asia  stopped  7 of 16  43 %  stopped for 3 min: row 8: no slug",
        "eu  running  1,200 of 40,000  3 %  97/s  7 min left  by 1,500",
        "us  done  400  100 %",
    ]


@pytest.mark.parametrize("width", [20, 40, 60, 80, 200])
def test_a_line_is_no_wider_than_the_terminal(width: int) -> None:
    """A narrow one goes without sizes, bars and rates first; a database's rows are told always."""
    found = drawn([each for each in THREE if not each.error], CLOCK, width=width)[1:]
    assert max(columns_of(each.text) for each in found) <= max(width, 22)
    assert "1,200 of 40,000" in found[0].text


def test_three_hundred_are_folded() -> None:
    """No more lines than there is room for; the last one counts what is not shown."""
    many = [DatabaseStatus(name=f"shard-{at:03}", left=at, state="done" if at < 90 else "waiting") for at in range(300)]
    found = drawn(many, CLOCK, width=80, most=12)
    assert len(found) == 12
    assert found[1].text.startswith("shard-299")
    assert found[-1].text == "… and 200 waiting, 90 done"
    assert [len(drawn(many, CLOCK, width=80)), len(drawn(many, CLOCK)), len(drawn(many, CLOCK, most=9))] == [
        301,
        301,
        9,
    ]
    assert len(drawn(many[:11], CLOCK, width=80, most=12)) == 12


def test_what_holds_many_is_told_once() -> None:
    """Three hundred that are paused say so in one line; what holds one alone stands below it."""
    held = [DatabaseStatus(name=name, state="paused", hold="paused by ana", since=SINCE) for name in ("eu", "us")]
    lag = DatabaseStatus(name="ap", state="holding", hold="replica lag 12 s", since=SINCE)
    assert [each.text.strip() for each in drawn([*held, lag], CLOCK, width=80)][1:] == [
        "2 of them: paused by ana",
        "ap  holding  ░░░░░░░░░░░░  0",
        "holds for 3 min: replica lag 12 s",
        "eu  paused   ░░░░░░░░░░░░  0",
        "us  paused   ░░░░░░░░░░░░  0",
    ]


def test_what_would_steer_a_terminal_is_shown_as_what_it_is() -> None:
    """A name or an error is somebody's text."""
    odd = DatabaseStatus(name="e\x1b[2Ju", state="stopped", error="a\nb\x07")
    for width in (None, 80):
        text = "".join(each.text for each in drawn([odd], CLOCK, width=width))
        assert text.isprintable()


def test_a_bar_is_full_only_where_all_is_done() -> None:
    """And empty where nobody knows."""
    assert (bar(None, 4), bar(0.999, 4), bar(1.0, 4)) == ("░░░░", "███░", "████")
