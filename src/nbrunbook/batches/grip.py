"""A grip: this process's hold of one database, its connection and its claim. Each may be there without the other."""

from __future__ import annotations

from nbrunbook.batches import cursor
from nbrunbook.batches.cursor import Row
from nbrunbook.batches.data import opened
from nbrunbook.batches.ending import stopped
from nbrunbook.batches.job import Job
from nbrunbook.batches.store import Store
from nbrunbook.project.databases import Database


class Grip:
    """Used by one worker at a time."""

    def __init__(self, job: Job, database: Database) -> None:
        self.job, self.database = job, database
        self.mark = cursor.mark_of(job, database.name)
        self.store: Store | None = None
        """An open connection; None between holds, and where there is none."""
        self.generation: int | None = None
        """Of the claim; None where it is not ours."""
        self._is_lost = False

    def open(self) -> Store:
        """Return the connection; the database's own errors where there is none."""
        if self.store is None:
            self.store = opened(self.database, repeatable=self.job.repeatable)
            self._is_lost = False
        return self.store

    def take(self) -> Row | None:
        """Claim it; None where it is somebody else's, or at its end."""
        row = cursor.claim(self.open(), self.mark, self.job)
        self.generation = row.generation if row else None
        return row

    def read(self) -> Row | None:
        """Return where it stands, whosever it is."""
        return cursor.read(self.open(), self.mark)

    def touch(self, hold: str, since: str) -> None:
        """Say in the cursor that we are alive, and why we hold, where it can be said."""
        if self.generation is None:
            return
        try:
            if not cursor.touch(
                self.open(), self.mark, self.generation, self.job.lease_seconds, hold=hold, since=since
            ):
                self.generation = None
        except Exception:
            self.throw_away()

    def stop(self, words: str, last: Row | None) -> Row | None:
        """Write down that it stops, and return the cursor; None where it is somebody else's by now."""
        if self.store is None or self.generation is None:
            return stopped(last or Row(), words)
        row = self.store.fence(self.mark, self.generation, self.job.lease_seconds)
        if row is None:
            self.generation = None
            return None
        row = stopped(row, words)
        self.store.move(self.mark, self.generation, row, self.job.lease_seconds)
        return row

    def rival(self) -> str:
        """Say who has the database, where that is another runner: on SQLite one that froze keeps everybody out."""
        try:
            row = self.read()
        except Exception:
            return ""
        return f"; {row.place} has it" if row and row.place and row.runner != self.job.runner else ""

    def let_go(self) -> None:
        """Give the claim and the connection back, where that can be done; a lease ends by itself. Repeating is safe."""
        if self.generation is not None and not self._is_lost:
            try:
                cursor.release(self.open(), self.mark, self.generation)
            except Exception:
                self.throw_away()
        self.generation = None
        self.close()

    def close(self) -> None:
        """Give the connection back; the claim stays."""
        if self.store is not None:
            try:
                self.store.db.close()
            except Exception:
                self.throw_away()
        self.store = None

    def throw_away(self, error: BaseException | None = None) -> None:
        """Give up a connection that is broken; the claim is looked at again with the next one."""
        store, self.store, self._is_lost = self.store, None, True
        if store is None:
            return
        store.abort()
        if error is not None:
            store.lost(error)
        try:
            store.db.invalidate()
            store.db.close()
        except Exception:  # there is nothing left to close
            return
