"""Copying all rows of a journal into another one, of either engine, as they stand there: one transaction of the other.

What is there already is compared and not written again, so that repeating is safe; what differs is refused.
The one that is copied is only read, a runbook's events, a plan or a file at a time, and may be worked on meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import sqlalchemy as sa

from nbrunbook.errors import JournalError
from nbrunbook.journal import kept_states, queries, tables
from nbrunbook.journal.entries import RunbookRow
from nbrunbook.journal.journal import Journal
from nbrunbook.journal.raw_rows import Rows
from nbrunbook.journal.reading import LISTED
from nbrunbook.journal.writing import insert_runbook, keep_plan
from nbrunbook.runbook import redactions

EVENT = tuple(column.name for column in tables.events.columns)
SAME = tuple(name for name in EVENT if name != "session_user")
"""What an event has to be the same in: PostgreSQL says itself, and in no other words, who wrote into it."""
STORED = (
    sa.select(tables.events, *(tables.event_data.c[name] for name in ("salt", "data")), queries.COLUMNS[-1])
    .select_from(queries.JOINED)
    .where(tables.events.c.runbook == sa.bindparam("runbook"))
    .order_by(tables.events.c.seq)
)


@dataclass(kw_only=True)
class Copied:
    """What was looked at, and how much of it is new in the other journal."""

    looked_at: int = 0
    """Events that the one journal has."""
    runbooks: int = 0
    events: int = 0
    plans: int = 0
    files: int = 0
    redacted: int = 0
    """Texts and files that were there, and are blank now."""


class Copying:
    """One copy, within a transaction of the journal that rows come into."""

    def __init__(
        self,
        source: Journal,
        target: Journal,
        connection: sa.Connection,
        follow: Callable[[Copied], None] = lambda _: None,
    ) -> None:
        self.source, self.connection, self.follow = source, connection, follow
        self.target = target.within(connection)
        self.copied = Copied()
        self._files: set[str] = set()
        """Names of files that the new events name."""

    def all(self) -> Copied:
        """Bring every row; JournalError for the first that stands there otherwise."""
        rows = Rows(self.source)
        for runbook in rows.every_runbook():
            self._runbook(runbook)
            self._events(runbook)
            self.follow(self.copied)
        for names in _pages(rows.every_plan()):
            self._plans(names)
        for names in _pages(rows.every_blob()):
            self._blobs(names)
        return self.copied

    def _other(self, what: str) -> JournalError:
        return JournalError(
            f"{what} in {self.target.where} is not what it is in {self.source.where}",
            "a journal that is empty, or one that holds the same rows and perhaps others",
            "nothing was written",
        )

    def _runbook(self, runbook: RunbookRow) -> None:
        there = self.target.find(runbook.project, runbook.key)
        if there is None:
            self._plans([runbook.plan_digest])
            insert_runbook(self.connection, runbook)
            self.copied.runbooks += 1
        elif there != runbook:
            raise self._other(f"the runbook {runbook.key} of {runbook.project}")

    def _events(self, runbook: RunbookRow) -> None:
        kept = kept_states.text_kept(self.source, runbook)
        here, there = _stored(self.source, runbook), _stored(self.target, runbook)
        self.copied.looked_at += len(here)
        for ours, theirs in zip(here, there, strict=False):
            if any(getattr(ours, name) != getattr(theirs, name) for name in SAME):
                raise self._other(f"event {ours.seq} of {runbook.key}")
            self._said(runbook, ours, theirs)
        for new in _pages(here[len(there) :]):
            self._insert(runbook, new)
        if kept and len(here) > len(there):
            kept_states.keep(self.connection, runbook, kept)

    def _said(self, runbook: RunbookRow, ours: Any, theirs: Any) -> None:
        """Compare what an event says; what was redacted in one of the two is blank in the new one."""
        if _data(ours) == _data(theirs):
            return
        if ours.kept != theirs.kept or not (_is_blank(ours) or _is_blank(theirs)):
            raise self._other(f"what event {ours.seq} of {runbook.key} says")
        if _is_blank(ours):
            of = tables.event_data
            self.connection.execute(sa.update(of).where(of.c.event == ours.id).values(salt=None, data=None))
            self.copied.redacted += 1

    def _insert(self, runbook: RunbookRow, new: Sequence[Any]) -> None:
        self.target.door.go_on(self.connection)
        taken = sa.select(tables.events.c.id).where(tables.events.c.id.in_([each.id for each in new]))
        found = self.connection.scalar(taken)
        if found is not None:
            raise self._other(f"the event {found} of {runbook.key}")
        self.connection.execute(queries.INSERT, [{name: getattr(each, name) for name in EVENT} for each in new])
        kept = [{"event": each.id, "salt": each.salt, "data": each.data} for each in new if each.kept is not None]
        if kept:
            self.connection.execute(queries.INSERT_DATA, kept)
        self._files |= {redactions.blob_of(self.source.read_event(runbook.key, each)) for each in new}
        self.copied.events += len(new)

    def _plans(self, names: Sequence[str]) -> None:
        for name in sorted(Rows(self.target).missing_plans(names)):
            self.target.door.go_on(self.connection)
            keep_plan(self.connection, self.source.plan_body(name))
            self.copied.plans += 1

    def _blobs(self, names: Sequence[str]) -> None:
        here, there = _sizes(self.source, names), _sizes(self.target, names)
        for name, size in here.items():
            if name not in there:
                content = self.source.blob(name)
                self.target.door.go_on(self.connection)
                self.connection.execute(queries.KEEP, {"name": name, "content": content})
                self.copied.files += 1
                self.follow(self.copied)
            elif there[name] and not size:
                self._blank(name)
            elif size and not there[name] and name in self._files:
                raise self._other(f"the file {name[:12]}… (it was redacted)")

    def _blank(self, name: str) -> None:
        """Blank a file that was redacted, as `redact` does: not while another event there names it.

        The notebook of a runbook is named by its `opened` all the same, and goes with its code.
        """
        users = self.target.users(name)
        if not users or (all(each.kind == "opened" for each in users) and self.target.redactions_of(name)):
            of = tables.blobs
            self.connection.execute(sa.update(of).where(of.c.sha256 == name).values(content=b""))
            self.copied.redacted += 1


def count_events(journal: Journal) -> int:
    """Return how many events a journal holds now."""
    with journal.reading() as connection:
        return int(connection.scalar(sa.select(sa.func.count()).select_from(tables.events)) or 0)


def _stored(journal: Journal, runbook: RunbookRow) -> Sequence[Any]:
    with journal.reading() as connection:
        return connection.execute(STORED, {"runbook": runbook.digest}).all()


def _sizes(journal: Journal, names: Sequence[str]) -> dict[str, int]:
    """The sizes of files, by name, without reading them."""
    of = tables.blobs.c
    with journal.reading() as connection:
        query = sa.select(of.sha256, sa.func.length(of.content)).where(of.sha256.in_(names))
        return {each[0]: each[1] for each in connection.execute(query)}


def _data(row: Any) -> tuple[Any, ...]:
    return row.kept, row.salt, row.data


def _is_blank(row: Any) -> bool:
    return row.salt is None and row.data is None


def _pages(each: Iterable[Any]) -> Iterator[list[Any]]:
    """Yield as many at a time as one query lists."""
    rest = iter(each)
    while page := list(islice(rest, LISTED)):
        yield page
