"""Boards as the journal knows them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from nbrunbook.journal import runners
from nbrunbook.runbook import events
from nbrunbook.runbook.board import DatabaseStatus
from nbrunbook.work import batches, boards
from tests.conftest import Workplace
from tests.filling import batched
from tests.making import raw_journal, session_on
from tests.running import KEY, step_of

__all__ = ["batched"]

EU = DatabaseStatus(name="eu", state="stopped", done=10, left=20, error="row 11: no title")


@pytest.mark.on("sqlite")
def test_a_board_is_told_by_status(batched: Workplace) -> None:
    """While it runs as its runners say, then as its end says; of which nothing is heard, nobody works on it."""
    session, run = session_on(), events.new_id()
    step = session.step("fill")
    assert [each.state for each in boards.statuses(session, step)] == ["waiting"] * 3
    batches.begin_or_join(session, "fill", run=run, runner="r", folder=Path("/none"), data={})
    runners.hear(session.journal, run, "r", pid=1, changed={"eu": json.dumps(EU.to_json())})
    board = step_of(batched, "fill")["board"]
    assert (board["step"], board["state"], board["paused_by"]) == ("fill", "stopped", None)
    assert [(each["name"], each["state"], each["done"]) for each in board["databases"]] == [
        ("eu", "stopped", 10),
        ("us", "waiting", 0),
        ("ap", "waiting", 0),
    ]
    assert batched.run("status", KEY) == 0
    assert "    │ eu  stopped  10 of 30  33 %  stopped: row 11: no title" in batched.out
    batches.end_if_last(session, "fill", run, "r", [EU])
    board = step_of(batched, "fill")["board"]
    assert [each["state"] for each in board["databases"]] == ["stopped", "waiting", "waiting"]
    batches.begin_or_join(session, "fill", run=events.new_id(), runner="r", folder=Path("/none"), data={})
    board = step_of(batched, "fill")["board"]
    assert next((each["state"], each["done"], each["error"]) for each in board["databases"]) == ("waiting", 10, "")
    assert "board" not in step_of(batched, "remove")


def test_nothing_moves_where_a_runner_is_quiet(batched: Workplace) -> None:
    """Nobody says how fast a killed one is, and how long it takes still; its next word takes that back."""
    session, run = session_on(), events.new_id()
    batches.begin_or_join(session, "fill", run=run, runner="r", folder=Path("/none"), data={})
    told = DatabaseStatus(name="eu", state="running", done=10, left=20, rate=5.0, runner="r")
    runners.hear(session.journal, run, "r", pid=1, changed={"eu": json.dumps(told.to_json())})
    session.refresh()
    step = session.step("fill")
    assert boards.statuses(session, step)[0].rate == 5.0
    with raw_journal() as raw:
        raw.execute("UPDATE runner SET seen_at = seen_at - 11")
    assert boards.statuses(session, step)[0].rate is None
    runners.hear(session.journal, run, "r", pid=1, changed={})
    assert boards.statuses(session, step)[0].seconds_left == 4.0
