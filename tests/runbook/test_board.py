"""Where a batch stands in each of its databases."""

from __future__ import annotations

import json

import pytest

from nbrunbook.runbook.board import DatabaseStatus, status_from_json


def test_what_was_written_is_read() -> None:
    """As JSON, with all that is known."""
    status = DatabaseStatus(name="eu", state="holding", done=3, left=4, rate=1.5, hold="lag", quarantined=1)
    assert status_from_json(json.loads(json.dumps(status.to_json()))) == status


@pytest.mark.parametrize(
    "said",
    [
        {"state": "done"},
        {"name": 3},
        {"name": "eu", "more": 1},
        *({"name": "eu", "state": each} for each in ("gone", [], None)),
        *({"name": "eu", "done": each} for each in (-1, 1.5, None, True, [])),
        *({"name": "eu", "left": each} for each in (-1, "3", [])),
        *({"name": "eu", "rate": each} for each in (-1.0, float("nan"), float("inf"), [], "3", True)),
        {"name": "eu", "error": None},
        {"name": "eu", "at_least_once": "no"},
    ],
)
def test_what_is_of_another_kind_is_refused(said: dict[str, object]) -> None:
    """A row that somebody else wrote is none of ours."""
    with pytest.raises(ValueError, match=r"no status|another kind"):
        status_from_json(said)


def test_how_much_and_how_long() -> None:
    """As far as it is known: of one that stands still no time is told."""
    running = DatabaseStatus(name="eu", state="running", done=10, left=30, rate=3.0)
    assert (running.total, running.seconds_left) == (40, 10.0)
    assert DatabaseStatus(name="eu", state="paused", left=30, rate=3.0).seconds_left is None
    assert DatabaseStatus(name="eu", done=10).total is None
    assert DatabaseStatus(name="eu", done=10, left=3, quarantined=2).total == 15, "what is left out is one of them"
