"""Results of batches: what the end of a run says of all databases, and how it is read again. Pure."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict

from nbrunbook.runbook.board import DatabaseStatus, status_from_json
from nbrunbook.runbook.events import Event, Kind
from nbrunbook.texts import many, short

LONGEST_ERROR = 500
"""Characters of what went wrong in one database."""
NAMED = 5
"""Databases that a message names, the first ones."""


def is_at_end(board: Sequence[DatabaseStatus]) -> bool:
    """Tell whether nothing is left to do in any database: each is done, or stopped by what it refuses."""
    return bool(board) and all(each.state in ("done", "stopped") for each in board)


def kind(board: Sequence[DatabaseStatus]) -> Kind:
    """Return what comes out of a run of which every database is at its end."""
    is_whole = all(each.state == "done" and not each.quarantined for each in board)
    return "passed" if board and is_whole else "failed"


def value(board: Sequence[DatabaseStatus]) -> str:
    """Return in words what was done in all databases: 1,200 rows in 3 databases."""
    rows = sum(each.done for each in board)
    return f"{many(rows, 'row')} in {many(len(board), 'database')}"


def message(board: Sequence[DatabaseStatus]) -> str:
    """Return in words which databases are not done, and why; empty where all are."""
    missing = [each for each in board if each.state != "done" or each.quarantined]
    said = [f"{each.name}: {_why(each)}" for each in missing[:NAMED]]
    more = [f"and {many(len(missing) - NAMED, 'database')} more"] if len(missing) > NAMED else []
    return "; ".join([*said, *more])


def _why(status: DatabaseStatus) -> str:
    refused = f"{many(status.quarantined, 'row')} refused" if status.quarantined else ""
    return short(status.error, 200) or refused or status.hold or status.state


def text_of(board: Sequence[DatabaseStatus]) -> str:
    """Return a board as an end keeps it: JSON, without what goes without saying, at rest: nobody works on it."""
    return json.dumps([_told(each) for each in board], separators=(",", ":"), ensure_ascii=False)


def _told(status: DatabaseStatus) -> dict[str, object]:
    usual = asdict(DatabaseStatus(name=status.name))
    facts = {**asdict(status), "rate": None, "runner": "", "error": short(status.error, LONGEST_ERROR)}
    if status.state not in ("done", "stopped"):
        facts |= {"state": "waiting", "hold": "", "since": ""}
    return {name: value for name, value in facts.items() if name == "name" or value != usual[name]}


def board_of(event: Event | None) -> tuple[DatabaseStatus, ...]:
    """Return the board that an end kept; empty for one that kept none, or that was blanked or damaged."""
    return board_from(event.data.get("board", "") if event else "")


def board_from(text: str) -> tuple[DatabaseStatus, ...]:
    """Return the board that `text_of` wrote; empty for anything else."""
    try:
        return tuple(status_from_json(each) for each in json.loads(text or "[]"))
    except (ValueError, TypeError, RecursionError):
        return ()
