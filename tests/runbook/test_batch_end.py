"""How a batch's run ended, as its end says."""

from __future__ import annotations

import json

import pytest

from nbrunbook.runbook.batch_end import board_of, refused_rows
from nbrunbook.runbook.board import DatabaseStatus
from tests.making import event


def test_what_was_written_is_read() -> None:
    """Each database as it stood; the rows that were refused are counted over all of them."""
    board = [DatabaseStatus(name="eu", state="done", done=3), DatabaseStatus(name="us", state="stopped", quarantined=2)]
    end = event("failed", "fill", board=json.dumps([each.to_json() for each in board]))
    assert board_of(end) == tuple(board)
    assert refused_rows(end) == 2


@pytest.mark.parametrize("said", ["", "{", "{}", "[" * 100_000, "3", '"x"', "null"])
def test_what_cannot_be_read_is_nothing(said: str) -> None:
    """Somebody else's client may have written it."""
    assert board_of(event("failed", "fill", board=said)) == ()
    assert board_of(None) == ()


@pytest.mark.parametrize("each", [3, None, {}, {"name": 1}, {"name": "eu", "state": "x"}, {"name": "eu", "rate": []}])
def test_a_database_that_cannot_be_read_is_left_out(each: object) -> None:
    """The others stay."""
    assert [one.name for one in board_of(event("failed", "fill", board=json.dumps([each, {"name": "us"}])))] == ["us"]
