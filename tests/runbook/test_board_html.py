"""The board where nothing is live."""

from __future__ import annotations

from nbrunbook.runbook import events
from nbrunbook.runbook.board import DatabaseStatus
from nbrunbook.runbook.board_html import board_html
from nbrunbook.runbook.times import utc
from tests.making import AT


def test_one_table_the_broken_first() -> None:
    """Each database with its rows and why it stands still, as text."""
    given = [
        DatabaseStatus(name="eu", state="done", done=1200),
        DatabaseStatus(name="us", state="stopped", error="<b>no slug</b>", done=3, left=7, since=events.instant(AT)),
    ]
    drawn = board_html(given, utc(AT))
    assert drawn.index(">us<") < drawn.index(">eu<")
    assert f"stopped since {utc(AT)(AT)}: &lt;b&gt;no slug&lt;/b&gt;" in drawn
    assert "<td>3 of 10</td><td>30 %</td>" in drawn
    assert "<b>" not in drawn
    assert board_html([], utc(AT)) == ""


def test_three_hundred_are_folded() -> None:
    """The first are seen, the rest unfold; a few more than those are all shown."""
    given = [DatabaseStatus(name=f"db{number:03}") for number in range(300)]
    drawn = board_html(given, utc(AT))
    assert drawn.partition("<details")[0].count("<tr data-state") == 12
    assert "288 more databases" in drawn
    assert "<details" not in board_html(given[:15], utc(AT))
