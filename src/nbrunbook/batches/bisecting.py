"""Bisecting: a chunk that fails is halved under savepoints, in one transaction, down to the rows that are refused.

The halves are fetched anew: so each row has a cursor before it and one behind it, by which it is found again.
"""

from __future__ import annotations

import time

from nbrunbook.batches import calling
from nbrunbook.batches.calling import FailedError, Fetched
from nbrunbook.batches.claim import Claim, moved_on
from nbrunbook.batches.cursor import Row
from nbrunbook.batches.ending import stopped
from nbrunbook.batches.quarantine import key_of, note, under_savepoint
from nbrunbook.texts import many, short

MOST_SECONDS = 20.0
"""After so long it commits what it has, and goes on in the next chunk."""


def halved_chunk(claim: Claim, size: int, rate: float | None) -> tuple[Row, int] | None:
    """Go through a chunk that has failed, in a transaction of its own, as `one_chunk` does."""
    row = claim.fence()
    if row is None:
        return None
    halving = Halving(claim, row)
    try:
        halving.go(row.position, size)
        after = halving.row._replace(batch_size=size, rate=rate, hold="")
        claim.move(after)
    except BaseException as error:
        claim.give_up(error)
        raise
    return after, halving.rows


class Halving:
    """One chunk that is halved."""

    def __init__(self, claim: Claim, row: Row) -> None:
        self.claim, self.row, self.rows = claim, row, 0
        self._until = time.monotonic() + MOST_SECONDS

    def go(self, position: str | None, size: int) -> bool:
        """Go through as many rows from a position on; False where it must end here."""
        found = calling.fetched(self.claim.code, self.claim.store.db, position, size)
        if found is None:
            return False
        failed = self._try(found)
        if failed is None:
            return time.monotonic() < self._until
        if size == 1:
            return self._refuse(position, found, failed)
        return self.go(position, (size + 1) // 2) and self.go(self.row.position, size // 2)

    def _try(self, found: Fetched) -> FailedError | None:
        """Process rows; where that fails by a row's fault, nothing was done, and it is returned."""
        changed, failed = under_savepoint(self.claim, found.rows)
        if failed is None:
            self.row = moved_on(self.row, found.position, len(found.rows), changed)
            self.rows += len(found.rows)
        return failed

    def _refuse(self, before: str | None, found: Fetched, failed: FailedError) -> bool:
        """Note a row that was refused, or stop in front of it."""
        why = self.claim.code.mask(str(failed))
        if len(found.rows) > 1:
            words = f"fetch gave {many(len(found.rows), 'row')} where 1 was asked for, so the refused one is not found"
            self.row = stopped(self.row, f"{words}: {why}")
            return False
        key, job = key_of(found.position), self.claim.job
        if job.on_error == "stop":
            self.row = stopped(self.row, f"row {short(key, 80)} is refused: {why}")
            return False
        new = note(self.claim, key, before, why)
        quarantined = self.row.quarantined + new
        self.row = moved_on(self.row, found.position, new, 0)._replace(quarantined=quarantined)
        self.rows += 1
        total = quarantined + self.claim.refused_elsewhere()
        if job.max_errors is not None and total > job.max_errors:
            words = f"{many(total, 'row')} are refused, more than max_errors={job.max_errors}"
            self.row = stopped(self.row, f"{words}: {why}")
            return False
        return True
