"""A rerun: rows that were refused are read again, each by the cursor before it, and tried once more."""

from __future__ import annotations

from nbrunbook.batches import calling
from nbrunbook.batches.claim import Claim
from nbrunbook.batches.cursor import Row
from nbrunbook.batches.quarantine import counted, key_of, let_go, note, tried, under_savepoint


def tried_again(claim: Claim, row: Row, size: int) -> tuple[Row, int]:
    """Try some of the rows that are marked, within a chunk: return the cursor, and how many they were.

    A row that `fetch` does not give any more, since somebody else saw to it or took it away, is let go.
    """
    found = tried(claim, size)
    done = 0
    for key, before in found:
        fetched = calling.fetched(claim.code, claim.store.db, before, 1)
        if fetched is None or key_of(fetched.position) != key or not fetched.rows:
            let_go(claim, key)
            continue
        changed, failed = under_savepoint(claim, fetched.rows)
        if failed is None:
            let_go(claim, key)
            done += changed
        else:
            note(claim, key, before, str(failed))
    refused, again = counted(claim)
    return row._replace(done=row.done + done, quarantined=refused, again=again), len(found)
