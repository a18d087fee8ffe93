"""The end of a round: whether a database is done, is gone through once more, or stops, and why. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from nbrunbook.batches.cursor import Row
from nbrunbook.texts import many, short

LONGEST_KEY = 40


def at_the_end(row: Row, left: int | None, keys: Sequence[str] = ()) -> Row:
    """Return a cursor after `fetch` gave nothing more; `left` is what the author's function says then.

    `keys` name the first of the rows that are left out.
    """
    if left is None or left <= row.quarantined:
        ended = row._replace(left_rows=0)
        return stopped(ended, refused(row.quarantined, keys)) if row.quarantined else ended._replace(state="done")
    if row.changed == 0 or (row.left_before is not None and left >= row.left_before):
        words = "changed nothing" if row.changed == 0 else "left no fewer"
        return stopped(
            _again(row, left)._replace(left_before=None),  # who mended it begins at the start
            f"fetch gives nothing more, left says {many(left, 'row')}, and a whole round {words}: "
            "fetch and left do not agree on which rows are to be changed",
        )
    return _again(row, left)


def _again(row: Row, left: int) -> Row:
    """Return a cursor at the start of another round: what is left out is left, and counted by itself."""
    counted = max(0, left - row.quarantined)
    return row._replace(position=None, round=row.round + 1, changed=0, left_rows=counted, left_before=left)


def refused(count: int, keys: Sequence[str] = ()) -> str:
    """Return what is said of rows that are left out, the first of them by their keys."""
    first = [*(short(each, LONGEST_KEY) for each in keys), *(["…"] if count > len(keys) else [])]
    which = f" ({', '.join(first)})" if keys else ""
    verb = "is" if count == 1 else "are"
    return f"{many(count, 'row')} {verb} refused{which}"


def stopped(row: Row, error: str) -> Row:
    """Return a cursor that stops here."""
    return row._replace(state="stopped", error=error, since=now())


def now() -> str:
    """Return this instant: ISO 8601, UTC."""
    return datetime.now(UTC).isoformat(timespec="seconds")
