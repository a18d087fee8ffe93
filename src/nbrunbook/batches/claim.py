"""A claim: a cursor that is ours, as long as nobody has a newer generation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from nbrunbook.batches import calling
from nbrunbook.batches.calling import FailedError
from nbrunbook.batches.cursor import Mark, Row
from nbrunbook.batches.definition import Batch
from nbrunbook.batches.faults import HOLDS, fault_of
from nbrunbook.batches.job import Job
from nbrunbook.batches.store import EndedError, Store
from nbrunbook.errors import NbrunbookError


@dataclass(frozen=True, kw_only=True)
class Claim:
    """A cursor that is ours, as long as nobody has a newer generation."""

    store: Store
    mark: Mark
    generation: int
    job: Job
    code: Batch
    refused_elsewhere: Callable[[], int] = int
    """Rows that are quarantined in the other databases, as far as is known."""

    def fence(self) -> Row | None:
        """Begin a chunk's transaction; None where the cursor is somebody else's."""
        try:
            return self.store.fence(self.mark, self.generation, self.job.lease_seconds)
        except BaseException:
            self.store.abort()
            raise

    def process(self, rows: list[Any]) -> int:
        """Change rows, and return how many were changed."""
        if not rows:
            return 0
        try:
            changed = calling.processed(self.code, self.store.db, rows)
        except FailedError as failed:
            if failed.fault == "row" and self.store.has_ended():  # halving it would change again what is committed
                raise FailedError("process", EndedError(), "code") from failed
            raise
        if self.store.has_ended():
            raise FailedError("process", EndedError(), "code")
        if self.store.is_failed():
            error = NbrunbookError("an error of the database was passed over, and its transaction takes nothing more")
            raise FailedError("process", error, "row")
        return changed

    def give_up(self, error: BaseException) -> None:
        """Roll back after an error; FailedError where a part was committed before: it would be changed again."""
        is_another = self.store.abort()
        if is_another and isinstance(error, FailedError) and error.fault not in HOLDS:
            raise FailedError(error.name, EndedError(), "code") from error

    def move(self, row: Row) -> None:
        """End it."""
        if self.store.db.in_nested_transaction():
            error = NbrunbookError("process left a savepoint open", "begin_nested() in a with")
            raise FailedError("process", error, "code")
        try:
            self.store.move(self.mark, self.generation, row, self.job.lease_seconds)
        except self.store.errors as error:
            if fault_of(error) == "row":  # a constraint that is looked at only at COMMIT
                raise FailedError("process", error) from error
            raise


def moved_on(row: Row, position: str, rows: int, changed: int) -> Row:
    """Return a cursor behind some rows."""
    return row._replace(
        position=position,
        done=row.done + changed,
        changed=row.changed + changed,
        left_rows=None if row.left_rows is None else max(0, row.left_rows - rows),
    )
