"""How a batch's run ended in each of its databases, as its end in the journal says. Pure; no client is trusted."""

from __future__ import annotations

import json
from typing import Any

from nbrunbook.runbook.board import DatabaseStatus, status_from_json
from nbrunbook.runbook.events import Event

MOST = 10_000
"""Databases that are read of one end."""


def board_of(end: Event | None) -> tuple[DatabaseStatus, ...]:
    """Return where each database stood; empty where an end says nothing of them, or nothing that can be read."""
    said = end.data.get("board", "") if end is not None and not end.redacted else ""
    try:
        facts = json.loads(said) if said else []
    except (ValueError, RecursionError):
        return ()
    return tuple(found for each in facts[:MOST] if (found := _status(each))) if isinstance(facts, list) else ()


def refused_rows(end: Event | None) -> int:
    """Return how many rows were refused in all databases together, and are left out."""
    return sum(each.quarantined for each in board_of(end))


def _status(facts: Any) -> DatabaseStatus | None:
    try:
        return status_from_json(facts)
    except (ValueError, TypeError):
        return None
