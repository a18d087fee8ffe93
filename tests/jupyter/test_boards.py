"""Boards: what a browser fetches of them."""

from __future__ import annotations

import json
import socket
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from nbrunbook.jupyter.boards import Board
from nbrunbook.jupyter.live import Live
from nbrunbook.project.settings import find_project
from nbrunbook.runbook.board import DatabaseStatus
from tests.conftest import Workplace
from tests.jupyter.batches import FILL, batch_session, begun, ended, heard
from tests.making import clock

MANY = [DatabaseStatus(name=f"db{number:03}", state="running", done=5, left=number) for number in range(300)]


def names(said: dict[str, Sequence[dict[str, str]]]) -> list[str]:
    """Return of which databases a browser is told."""
    return [each["name"] for each in said["rows"]]


def test_only_what_changed_is_told() -> None:
    """At three hundred databases a beat is light: it brings the few lines that changed, and the order where it did."""
    board = Board()
    assert board.learn(MANY, clock())
    first = board.since("")
    assert len(first["rows"]) == len(first["order"]) == 300
    assert not board.learn(MANY, clock())
    assert board.since(first["seen"]) == {"seen": first["seen"], "rows": []}
    board.learn([replace(MANY[0], done=6), *MANY[1:]], clock())
    said = board.since(first["seen"])
    assert names(said) == ["db000"]
    assert "order" not in said
    assert len(json.dumps(said)) < 500


def test_who_missed_some_versions_is_told_all_of_them() -> None:
    """Two browsers may be at different ones."""
    board = Board()
    board.learn(MANY, clock())
    seen = board.seen
    board.learn([replace(MANY[0], done=6), *MANY[1:]], clock())
    board.learn([replace(MANY[0], done=6), replace(MANY[1], state="done"), *MANY[2:]], clock())
    said = board.since(seen)
    assert sorted(names(said)) == ["db000", "db001"]
    assert said["order"][-1] == "db001"
    assert len(board.since("another 7")["rows"]) == 300
    assert len(board.since(f"{seen.split()[0]} ²")["rows"]) == 300


def test_a_board_with_fewer_databases_is_another_one() -> None:
    """What is gone does not stay on a screen."""
    board = Board()
    board.learn(MANY, clock())
    seen = board.seen
    board.learn(MANY[:2], clock())
    assert len(board.since(seen)["rows"]) == 2
    assert sorted(board.since(seen)["order"]) == ["db000", "db001"]


def _asks(live: Live) -> list[str]:
    return [each["ask"] for each in live.view("checklist", "steps")["steps"][FILL]["offers"]]


def test_a_batch_is_followed_from_its_start_to_its_end(work: Workplace) -> None:
    """Its row shows where its databases stand and what can be asked of it, as its runners say; then as its end does."""
    session = batch_session(work)
    live = Live(session, find_project())
    live.stop()

    def run() -> dict[str, Any]:
        live.views.boards.look(clock())
        live.refresh()
        found: dict[str, Any] = live.view("checklist", "steps")["steps"][FILL]["run"]
        return found

    assert run()["is"] == "ready"
    assert _asks(live)[:1] == ["run"]
    going = begun(session)
    assert run()["board"]["words"] == f"0 of 2 databases done, 0 rows, 1 runner on {socket.gethostname()}"
    heard(session, going, [DatabaseStatus(name="eu", state="running", done=5, left=5), DatabaseStatus(name="us")])
    assert run()["is"] == "running"
    assert _asks(live)[:3] == ["stop", "pause", "resize"]
    session.append("paused", FILL)
    assert run()["is"] == "paused"
    assert "paused by ana" in live.view("checklist", "steps")["steps"][FILL]["line"]
    assert _asks(live)[:3] == ["stop", "resume", "resize"]
    session.append("resumed", FILL)
    lag = DatabaseStatus(name="eu", state="holding", hold="lag")
    heard(session, going, [lag])
    assert run()["is"] == "holding"
    refused = DatabaseStatus(name="us", state="stopped", quarantined=2, left=0)
    ended(session, going, [DatabaseStatus(name="eu", state="done", done=10, left=0), refused])
    shown = run()
    assert (shown["is"], shown["board"]["words"]) == (
        "failed",
        "1 of 2 databases done, 10 of 12 rows (83 %), 1 stopped, 2 rows refused",
    )
    assert "run" not in _asks(live)
    assert _asks(live)[0] == "rerun"
    html, _ = live.static("checklist", "steps", live.drawn("steps"))
    assert '<th scope="row">us</th><td>stopped</td>' in html
