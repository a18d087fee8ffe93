"""A claim: a cursor that is ours, as long as nobody has a newer generation."""

from __future__ import annotations

from dataclasses import dataclass

from nbrunbook.batches.calling import FailedError
from nbrunbook.batches.cursor import Mark, Row
from nbrunbook.batches.definition import Batch
from nbrunbook.batches.job import Job
from nbrunbook.batches.store import Store
from nbrunbook.errors import NbrunbookError


@dataclass(frozen=True, kw_only=True)
class Claim:
    """A cursor that is ours, as long as nobody has a newer generation."""

    store: Store
    mark: Mark
    generation: int
    job: Job
    code: Batch
    others_refused: int = 0
    """Rows that are quarantined in the other databases, as far as is known."""

    def fence(self) -> Row | None:
        """Begin a chunk's transaction; None where the cursor is somebody else's."""
        return self.store.fence(self.mark, self.generation, self.job.lease_seconds)

    def move(self, row: Row) -> None:
        """End it."""
        if self.store.db.in_nested_transaction():
            error = NbrunbookError("process left a savepoint open", "begin_nested() in a with")
            raise FailedError("process", error, "code")
        self.store.move(self.mark, self.generation, row, self.job.lease_seconds)


def moved_on(row: Row, position: str, rows: int, changed: int) -> Row:
    """Return a cursor behind some rows."""
    return row._replace(
        position=position,
        done=row.done + changed,
        changed=row.changed + changed,
        left_rows=None if row.left_rows is None else max(0, row.left_rows - rows),
    )
