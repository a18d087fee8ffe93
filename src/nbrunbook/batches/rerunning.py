"""A rerun: rows that were refused are read again, each by the cursor before it, and tried once more."""

from __future__ import annotations

from typing import Any

from nbrunbook.batches import calling
from nbrunbook.batches.claim import Claim
from nbrunbook.batches.cursor import Row
from nbrunbook.batches.quarantine import counted, key_of, let_go, note, tried, under_savepoint

MOST_NEWER = 10
"""How many rows are looked at for one that was refused: others may have come before it meanwhile."""


def tried_again(claim: Claim, row: Row, size: int) -> tuple[Row, int]:
    """Try some of the rows that are marked, within a chunk: return the cursor, and how many they were.

    A row that `fetch` does not give any more, since somebody else saw to it or took it away, is let go.
    """
    found = tried(claim, size)
    done = 0
    for key, before in found:
        rows = _read_again(claim, key, before)
        if not rows:
            let_go(claim, key)
            continue
        changed, failed = under_savepoint(claim, rows)
        if failed is None:
            let_go(claim, key)
            done += changed
        else:
            note(claim, key, before, str(failed))
    refused, again = counted(claim)
    return row._replace(done=row.done + done, quarantined=refused, again=again), len(found)


def _read_again(claim: Claim, key: str, before: str | None) -> list[Any]:
    """Return the row that a key names, as a list, also where newer ones have come before it; empty where it is gone."""
    position = before
    for _ in range(MOST_NEWER):
        fetched = calling.fetched(claim.code, claim.store.db, position, 1)
        if fetched is None:
            break
        if key_of(fetched.position) == key:
            return fetched.rows
        position = fetched.position
    return []
