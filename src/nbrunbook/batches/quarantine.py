"""The quarantine: rows that were refused, each by the cursors before it and behind it, in the data's database."""

from __future__ import annotations

import hashlib
from typing import Any

from nbrunbook.batches.calling import FailedError
from nbrunbook.batches.claim import Claim
from nbrunbook.batches.cursor import NAMED, PLACES, QUARANTINE
from nbrunbook.batches.ending import now

LONGEST_KEY = 200
NAMED_ROWS = 3
OF_ROW = f"WHERE {NAMED} AND row_key = :row_key"


def under_savepoint(claim: Claim, rows: list[Any]) -> tuple[int, FailedError | None]:
    """Process rows: how many were changed, and None; or the fault of a row, after which nothing was done."""
    savepoint = claim.store.db.begin_nested()
    try:
        changed = claim.process(rows)
        _checked(claim)
        savepoint.commit()
    except FailedError as failed:
        if failed.fault != "row":
            raise
        savepoint.rollback()
        return 0, failed
    return changed, None


def _checked(claim: Claim) -> None:
    """Ask what the database would say at COMMIT, where it would be too late to know the row."""
    try:
        claim.store.check()
    except claim.store.errors as error:
        raise FailedError("process", error) from error


def key_of(position: str) -> str:
    """Return what names a row: the cursor behind it, or its digest where that is long."""
    return position if len(position) <= LONGEST_KEY else f"sha256:{hashlib.sha256(position.encode()).hexdigest()}"


def note(claim: Claim, key: str, before: str | None, error: str) -> int:
    """Write a refused row down: 1 where it is new."""
    values = {**claim.mark.values, "row_key": key, "before": before, "error": claim.code.mask(error), "since": now()}
    if claim.store.execute(f"SELECT 1 FROM {QUARANTINE} {OF_ROW}", values):  # noqa: S608
        claim.store.execute(f"UPDATE {QUARANTINE} SET error = :error, since = :since, again = 0 {OF_ROW}", values)  # noqa: S608
        return 0
    claim.store.execute(
        f"INSERT INTO {QUARANTINE} ({PLACES}, row_key, before, error, since) "  # noqa: S608
        "VALUES (:project, :key, :step, :database, :part, :row_key, :before, :error, :since)",
        values,
    )
    return 1


def first_keys(claim: Claim) -> list[str]:
    """Return what names the first rows that are left out."""
    query = f"SELECT row_key FROM {QUARANTINE} WHERE {NAMED} ORDER BY length(row_key), row_key LIMIT {NAMED_ROWS}"  # noqa: S608
    return [claim.code.mask(key) for (key,) in claim.store.rows(query, claim.mark.values)]


def tried(claim: Claim, most: int) -> list[tuple[str, str | None]]:
    """Return the first rows that are to be tried again: what names each, and the cursor before it."""
    query = f"SELECT row_key, before FROM {QUARANTINE} WHERE {NAMED} AND again = 1 ORDER BY row_key LIMIT :most"  # noqa: S608
    return [(key, before) for key, before in claim.store.rows(query, {**claim.mark.values, "most": most})]


def let_go(claim: Claim, key: str) -> None:
    """Take a row out again."""
    claim.store.execute(f"DELETE FROM {QUARANTINE} {OF_ROW}", {**claim.mark.values, "row_key": key})  # noqa: S608


def counted(claim: Claim) -> tuple[int, int]:
    """Return how many rows are refused, and how many of them are to be tried again."""
    query = f"SELECT count(*), COALESCE(sum(again), 0) FROM {QUARANTINE} WHERE {NAMED}"  # noqa: S608
    refused, again = claim.store.execute(query, claim.mark.values) or (0, 0)
    return int(refused), int(again)
