"""Boards: what a browser fetches of them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace

from nbrunbook.jupyter.boards import Board
from nbrunbook.runbook.board import DatabaseStatus
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
