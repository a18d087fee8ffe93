"""Refused rows, as the quarantines of a batch have them: who mends them has to know which, and why."""

from __future__ import annotations

from dataclasses import dataclass

from nbrunbook.batches import cursor
from nbrunbook.batches.cursor import NAMED, QUARANTINE
from nbrunbook.batches.data import opened
from nbrunbook.batches.job import Job

ROWS = f"SELECT row_key, error, since FROM {QUARANTINE} WHERE {NAMED} ORDER BY since, row_key LIMIT :most"  # noqa: S608


@dataclass(frozen=True, kw_only=True)
class RefusedRow:
    """One row that was left out."""

    database: str
    row: str
    """What names it: the cursor behind it, as JSON, or a digest of that where it is long."""
    error: str
    since: str
    """When it was refused last: an instant, ISO 8601 in UTC."""


def rows_of(job: Job, database: str, most: int) -> list[RefusedRow]:
    """Return the first rows that were refused in a database; the database's own errors where it cannot be asked."""
    store = opened(job.named(database), repeatable=job.repeatable)
    try:
        if not store.has_table(QUARANTINE):
            return []
        found = store.rows(ROWS, {**cursor.mark_of(job, database).values, "most": most})
    finally:
        store.db.close()
    return [RefusedRow(database=database, row=row, error=error, since=since) for row, error, since in found]
