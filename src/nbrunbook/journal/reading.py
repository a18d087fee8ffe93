"""Reading a journal: runbooks, plans, blobs and events, as their rows say."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa

from nbrunbook.errors import JournalBrokenError, JournalError, UnknownRunbookError
from nbrunbook.journal import queries, tables
from nbrunbook.journal.chain import Fault, Stored, check_chain, read_row
from nbrunbook.journal.database import COMMAND_WAIT_SECONDS, Database
from nbrunbook.journal.entries import RunbookRow, row_fault, stored_event, stored_row
from nbrunbook.runbook import events, redactions
from nbrunbook.runbook.events import Event, Kind

LISTED = 500
"""How many values one query lists at most."""
LISTED_PAIRS = 200
"""The same for pairs of them: SQLite takes no expression that is nested more than 1,000 times."""


class Reader(Database):
    """A journal as it is read; each call is one transaction."""

    def __init__(self, url: str, *, wait_seconds: float = COMMAND_WAIT_SECONDS) -> None:
        super().__init__(url, wait_seconds=wait_seconds)
        self.unreadable: dict[str, str] = {}
        """By key, what is wrong with runbooks that were passed over in a list of many."""
        self.edited: dict[str, RunbookRow] = {}
        """By key, those of them of which the row itself does not hold: what it says of its place is not believed."""

    @contextmanager
    def passing_over(self, key: str) -> Iterator[None]:
        """Remember, of one runbook among many, that its rows cannot be read, and go on with the others."""
        try:
            yield
        except JournalBrokenError as error:
            self.unreadable[key] = str(error)

    def runbooks(
        self,
        project: str,
        *,
        environments: Collection[str] | None = None,
        releases: Collection[str] | None = None,
        open_only: bool = False,
    ) -> list[RunbookRow]:
        """Return a project's runbooks in the order in which they were made.

        On request only those of some environments or releases, or those that are open. See `passing_over`.
        """
        of = tables.runbooks.c
        query = sa.select(tables.runbooks).where(of.project == project)
        if environments is not None:
            query = query.where(of.environment.in_(list(environments)))
        if releases is not None:
            query = query.where(of.release.in_(list(releases)))
        with self.reading() as connection:
            if open_only:
                found = [each for each in self._open(connection) if each.project == project]
                found = [each for each in found if environments is None or each.environment in environments]
                found = [each for each in found if releases is None or each.release in releases]
            else:
                found = [stored_row(each) for each in connection.execute(query)]
        made: dict[str, tuple[str, str]] = {}
        for each in found:
            try:
                made[each.digest] = (str(each.facts.get("created_at")), each.key)
            except JournalBrokenError as error:
                self.unreadable[each.key], self.edited[each.key] = str(error), each
        return sorted((each for each in found if each.digest in made), key=lambda each: made[each.digest])

    def projects(self) -> list[str]:
        """Return the names of the projects that have a runbook here."""
        with self.reading() as connection:
            return sorted(connection.scalars(sa.select(tables.runbooks.c.project).distinct()))

    def environments(self, project: str) -> list[str]:
        """Return the names of the environments that a project has runbooks in, in alphabetical order."""
        of = tables.runbooks.c
        query = sa.select(of.environment).where(of.project == project).distinct().order_by(of.environment)
        with self.reading() as connection:
            return list(connection.scalars(query))

    def _open(self, connection: sa.Connection) -> Iterator[RunbookRow]:
        """The open runbooks of all projects, in two steps: no engine should begin with the many that are closed."""
        of, listed = tables.runbooks.c, connection.scalars(sa.select(tables.open_runbooks.c.runbook)).all()
        for start in range(0, len(listed), LISTED):
            query = sa.select(tables.runbooks).where(of.digest.in_(listed[start : start + LISTED]))
            yield from (stored_row(each) for each in connection.execute(query))

    def closed(self, runbooks: Sequence[RunbookRow]) -> dict[str, Event]:
        """Return, by digest, the event that closed each runbook that is closed now: signed off, abandoned, skipped.

        One of which such an event cannot be read is not said to be closed. See `passing_over`.
        """
        found: dict[str, Event] = {}
        for digest, event in self._whole(queries.CLOSING, runbooks):
            if event.kind == "reopened":
                found.pop(digest, None)
            else:
                found[digest] = event
        readable = {each.digest for each in runbooks if each.key not in self.unreadable}
        return {digest: event for digest, event in found.items() if digest in readable}

    def life(self, runbooks: Sequence[RunbookRow]) -> list[Event]:
        """Return what happened to runbooks as a whole: made, closed, opened again, archived; by runbook, in order."""
        return [event for _, event in self._whole(queries.LIFE, runbooks)]

    def _whole(self, statement: sa.Select[Any], runbooks: Sequence[RunbookRow]) -> Iterator[tuple[str, Event]]:
        """The events of some kinds about runbooks as a whole, each with the digest of its runbook, in order."""
        keys = {each.digest: each.key for each in runbooks}
        digests = list(keys)
        with self.reading() as connection:
            for start in range(0, len(digests), LISTED):
                for each in connection.execute(statement, {"runbooks": digests[start : start + LISTED]}):
                    with self.passing_over(keys[each.runbook]):
                        event = self.read_event(keys[each.runbook], each)
                        if not event.step:
                            yield each.runbook, event

    def ends_since(self, closed: Mapping[str, tuple[RunbookRow, Event]]) -> dict[str, list[Event]]:
        """Return, by digest, what came out of checks of runbooks since the events that closed them, in order.

        See `passing_over`.
        """
        found: dict[str, list[Event]] = {}
        digests = list(closed)
        with self.reading() as connection:
            for start in range(0, len(digests), LISTED_PAIRS):
                listed = [(digest, closed[digest][1].seq) for digest in digests[start : start + LISTED_PAIRS]]
                for each in connection.execute(queries.ends_after(listed)):
                    key = closed[each.runbook][0].key
                    with self.passing_over(key):
                        found.setdefault(each.runbook, []).append(self.read_event(key, each))
        return found

    def runbook(self, project: str, key: str) -> RunbookRow:
        """Return one runbook; UnknownRunbookError where the journal has none of that key."""
        found = self.find(project, key)
        if found is None:
            query = sa.select(tables.runbooks.c.key).where(tables.runbooks.c.project == project)
            with self.reading() as connection:
                raise UnknownRunbookError(key, map(str, connection.scalars(query)), self.where)
        return found

    def find(self, project: str, key: str) -> RunbookRow | None:
        """Return one runbook, or None."""
        if not _can_be_stored(key):
            return None
        query = sa.select(tables.runbooks).where(tables.runbooks.c.project == project, tables.runbooks.c.key == key)
        with self.reading() as connection:
            found = connection.execute(query).first()
        return None if found is None else stored_row(found)

    def plan_body(self, digest: str) -> str:
        """Return a plan's canonical text; JournalBrokenError where it is missing or was edited."""
        body = self.plan_text(digest)
        if body is None or events.digest(body) != digest:
            found = "is missing" if body is None else "was edited"
            raise JournalBrokenError("", 0, f"the plan {digest[:12]}… {found} in {self.where}")
        return body

    def plan_text(self, digest: str) -> str | None:
        """Return what stands in a plan's row, whether it is that plan or not; None where there is none."""
        with self.reading() as connection:
            body = connection.scalar(sa.select(tables.plans.c.body).where(tables.plans.c.digest == digest))
        return None if body is None else str(body)

    def blob(self, digest: str) -> bytes | None:
        """Return a blob by its sha256, or None."""
        with self.reading() as connection:
            content = connection.scalar(sa.select(tables.blobs.c.content).where(tables.blobs.c.sha256 == digest))
        if content is not None and not isinstance(content, bytes):  # somebody put it there behind the triggers
            return str(content).encode()
        return content

    def events(self, runbook: RunbookRow, *, after: int = 0, last_id: str = "") -> list[Event]:
        """Return a runbook's events after a seq, without checking their chain.

        `last_id` is the id of the event `after`: JournalError where it is not there any more.
        """
        with self.reading() as connection:
            return self._events(connection, runbook, after, last_id)

    def of_kinds(self, runbook: RunbookRow, *kinds: Kind) -> list[Event]:
        """Return a runbook's events of some kinds, in order, without checking their chain."""
        with self.reading() as connection:
            found = connection.execute(queries.OF_KINDS, {"runbook": runbook.digest, "kinds": kinds}).all()
        return [self.read_event(runbook.key, each) for each in found]

    def _events(self, connection: sa.Connection, runbook: RunbookRow, after: int, last_id: str) -> list[Event]:
        first = after - 1 if last_id else after
        found = connection.execute(queries.AFTER, {"runbook": runbook.digest, "after": first}).all()
        return self.continuing(runbook, found, after, last_id)

    def continuing(self, runbook: RunbookRow, found: Sequence[Any], after: int, last_id: str) -> list[Event]:
        """Return the events of rows, the first of which is the one that is known where there is a `last_id`."""
        if last_id and (not found or found[0].id != last_id):
            raise JournalError(
                f"the journal {self.where} no longer holds what it held: event {after} of {runbook.key} is gone",
                "",
                "restart the kernel to see what it holds now",
            )
        return [self.read_event(runbook.key, each) for each in (found[1:] if last_id else found)]

    def read_event(self, key: str, found: Any) -> Event:
        """Return the event of a row; JournalBrokenError for one that cannot be read."""
        try:
            return events.from_body(found.body, data=found.data, salt=found.salt)
        except (ValueError, TypeError, RecursionError) as error:
            raise JournalBrokenError(key, found.seq, str(error)) from None

    def event(self, event_id: str) -> Event | None:
        """Return one event by its id, or None: what to ask when an answer was lost."""
        with self.reading() as connection:
            return self._by_id(connection, event_id)

    def check_indexes(self) -> None:
        """Raise JournalError where an index says otherwise than the rows: what is read by it would be wrong.

        With SQLite that takes a moment for each ten megabytes; of PostgreSQL's `verify --all` asks, where it may.
        """
        with self.reading() as connection:
            faults = self.door.index_faults(connection)
        if faults:
            raise JournalError(f"the journal {self.where}: {faults[0]}", "", "'nbrunbook verify --all' says all of it")

    def _by_id(self, connection: sa.Connection, event_id: str) -> Event | None:
        found = connection.execute(queries.BY_ID, {"id": event_id}).first()
        return events.from_body(found.body, data=found.data, salt=found.salt) if found else None

    def users(self, name: str) -> list[Event]:
        """Return the events, of whatever runbook, whose data names a blob, a plan or another event.

        It looks through all data. An event that cannot be read is left out: `verify` names it.
        """
        return [event for event in self._naming(name) if event.kind != "redacted"]

    def redactions_of(self, name: str) -> list[Event]:
        """Return each `redacted`, of whatever runbook, that blanked a blob. It looks through all data."""
        found = [event for event in self._naming(name) if event.kind == "redacted"]
        return [event for event in found if name in redactions.blanked([event])]

    def _naming(self, name: str) -> list[Event]:
        query = sa.select(*queries.COLUMNS).select_from(queries.JOINED).where(tables.event_data.c.data.contains(name))
        with self.reading() as connection:
            found = [read_row(stored_event(each))[0] for each in connection.execute(query)]
        return [event for event in found if event is not None]

    def stored(self, runbook: RunbookRow) -> tuple[list[Stored], bool]:
        """Return a runbook's rows as they stand there, and whether the index lists it as open.

        Both in one statement, since somebody may close it just now.
        """
        with self.reading() as connection:
            found = connection.execute(queries.STORED, {"runbook": runbook.digest}).all()
            if not found:
                listed = sa.select(tables.open_runbooks).where(tables.open_runbooks.c.runbook == runbook.digest)
                return [], connection.execute(listed).first() is not None
        return [stored_event(each) for each in found], found[0].listed is not None

    def faults(self, runbook: RunbookRow) -> list[str]:
        """Return what does not hold about a runbook's rows: an empty list for a sound chain."""
        words = row_fault(runbook)
        own = [Fault(runbook=runbook.key, words=words)] if words else []
        rows, _ = self.stored(runbook)
        return [str(fault) for fault in (*own, *check_chain(runbook.key, runbook.digest, rows).faults)]


def _can_be_stored(text: str) -> bool:
    """Tell whether a text from the command line has only whole characters."""
    return text.isprintable()
