"""One chunk, whole: fetch, process and the cursor's move are one transaction."""

from __future__ import annotations

from nbrunbook.batches import calling
from nbrunbook.batches.claim import Claim, moved_on
from nbrunbook.batches.cursor import Row
from nbrunbook.batches.ending import at_the_end
from nbrunbook.batches.quarantine import first_keys
from nbrunbook.batches.rerunning import tried_again


def one_chunk(claim: Claim, size: int, rate: float | None) -> tuple[Row, int] | None:
    """Go through one chunk: return the cursor as it was committed, and the rows; None where it is somebody else's.

    Whatever is raised, nothing was committed but by a connection that broke at COMMIT: the cursor says it then.
    """
    before = claim.fence()
    if before is None:
        return None
    try:
        after, rows = _gone_through(claim, before, size)
        after = after._replace(batch_size=size, rate=rate, hold="", since=after.since if after.error else "")
        claim.move(after)
    except BaseException as error:
        claim.give_up(error)
        raise
    return after, rows


def _gone_through(claim: Claim, row: Row, size: int) -> tuple[Row, int]:
    """Return where the cursor is to be, and how many rows were gone through."""
    code, db = claim.code, claim.store.db
    if row.again:
        return tried_again(claim, row, size)
    if row.left_rows is None and code.left_function is not None:  # before the first: a transaction of its own
        return row._replace(left_rows=calling.left(code, db)), 0
    found = calling.fetched(code, db, row.position, size)
    if found is None:
        return at_the_end(row, calling.left(code, db), first_keys(claim) if row.quarantined else ()), 0
    changed = claim.process(found.rows)
    return moved_on(row, found.position, len(found.rows), changed), len(found.rows)
