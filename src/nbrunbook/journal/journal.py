"""The journal: the door to SQLAlchemy, and the only truth about what was done.

Rows are only ever added. Triggers refuse everything else, on the one exception of
`redact`, which blanks an event's salt and data, and a file that came with it
(the chain of hashes still holds).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime

import sqlalchemy as sa

from nbrunbook.errors import JournalError, RunbookExistsError
from nbrunbook.journal import kept_states, queries, schema, tables
from nbrunbook.journal.database import COMMAND_WAIT_SECONDS
from nbrunbook.journal.entries import Decide, Draft, RunbookRow
from nbrunbook.journal.reading import Reader
from nbrunbook.journal.writing import End, end_before, insert_event, insert_runbook, keep_plan
from nbrunbook.runbook import events
from nbrunbook.runbook.events import Event

Keep = Callable[[Reader, Sequence[Event]], str]


class Journal(Reader):
    """One journal. Safe to use from several threads; each call is one transaction."""

    is_new = False
    """Whether this call made the schema."""

    @classmethod
    def open(cls, url: str, *, create: bool = False, wait_seconds: float = COMMAND_WAIT_SECONDS) -> Journal:
        """Return a journal that is there and of our schema; `create` makes a missing one.

        Raises JournalError for one that is missing, cannot be reached or is of another schema.
        """
        journal = cls(url, wait_seconds=wait_seconds)
        if not journal.exists():
            if not create:
                raise journal.door.missing()
            journal.door.make()
        journal.door.check_place()
        found = journal._version()
        if found is None and create:
            with journal.writing(schema.LOCK) as connection:
                journal.is_new = schema.create(connection, journal.door)
            found = journal._version()
        schema.require(found, journal.door)
        return journal

    @classmethod
    def if_any(cls, url: str) -> Journal | None:
        """Return the journal, or None where no file was made yet; raises as `open` does."""
        return cls.open(url) if cls(url).exists() else None

    @classmethod
    def upgrade(cls, url: str) -> tuple[Journal, int]:
        """Bring an older schema up to date, in one transaction; return the journal and the version that was there."""
        journal = cls(url)
        if not journal.exists() or journal._version() is None:
            return cls.open(url), journal.door.schema
        with journal.writing(schema.LOCK) as connection:
            found = schema.upgrade(connection, journal.door)
        return journal, found

    @contextmanager
    def filling(self) -> Iterator[sa.Connection]:
        """Return a transaction in which rows of another journal come in; one that is missing is made in it.

        Raises JournalError as `open` does. What goes wrong leaves nothing behind.
        """
        if self.exists():
            with self._filled() as connection:
                yield connection
            return
        try:
            self.door.make()
            with self._filled() as connection:
                yield connection
        except BaseException:
            # What came in is rolled back by now. Whoever waits for the lock sees that the file is gone.
            with suppress(JournalError), self.writing(schema.LOCK):
                self.door.unmake()
            raise

    @contextmanager
    def _filled(self) -> Iterator[sa.Connection]:
        self.door.check_place()
        found, named = self._version(), "with NBRUNBOOK_JOURNAL set to it "
        with self.writing(schema.LOCK) as connection:
            if found is None:
                self.is_new = schema.create(connection, self.door)
                # Whoever held the lock before may have made it.
                found = schema.Version(self.door.schema) if self.is_new else self.within(connection)._version()
            schema.require(found, self.door, named=named)
            yield connection

    def _version(self) -> schema.Version | None:
        """The schema's version; None where the tables are not there."""
        with self.reading() as connection:
            try:
                return schema.version(connection)
            except self.door.errors as error:
                if self.door.lacks_tables(error):
                    return None
                raise

    # Writing

    def register(
        self,
        runbook: RunbookRow,
        *,
        plan_body: str,
        notebook: bytes | None,
        opened: Draft,
        at: datetime,
        also: Sequence[Draft] = (),
        publish: Callable[[], None] = lambda: None,
    ) -> Event:
        """Write a new runbook with its plan, its notebook and its `opened`; return that event.

        `notebook` is None for a runbook without one. `also` follows at once.
        `publish` runs last inside the transaction: if it fails, nothing was registered.
        Raises RunbookExistsError for a key that is taken.
        """
        with self.writing(f"{runbook.project}/{runbook.key}") as connection:
            taken = sa.select(tables.runbooks.c.key).where(
                tables.runbooks.c.project == runbook.project, tables.runbooks.c.key == runbook.key
            )
            if connection.scalar(taken):
                raise RunbookExistsError(runbook.key, "in the journal")
            keep_plan(connection, plan_body)
            insert_runbook(connection, runbook)
            contents = opened.contents if notebook is None else (*opened.contents, notebook)
            drafts = [replace(opened, contents=contents), *also]
            end, written = end_before(runbook), []
            for draft in drafts:
                event = insert_event(connection, runbook, draft, event_id=events.new_id(), after=end, at=at)
                end = End(seq=event.seq, hash=event.hash())
                written.append(event)
            publish()
        return written[0]

    def event_for_good(self, runbook: RunbookRow, event_id: str) -> Event | None:
        """Return one event by its id, or None where none of that id can come any more from what was sent before.

        It waits for the runbook's lock, which a COMMIT that nobody heard of holds until it is over.
        """
        with self.looking(runbook.digest) as connection:
            return self._by_id(connection, event_id)

    def append(
        self,
        runbook: RunbookRow,
        *,
        event_id: str,
        after: int,
        decide: Decide,
        last_id: str = "",
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        keep: Keep = lambda *_: "",
    ) -> tuple[list[Event], Event]:
        """Write one event; return the events after `after`, that one last, and the event.

        `last_id` is as in `events`.

        `decide` gets the events that the caller does not know yet, while the lock is held,
        and returns what to write or raises. An id that was sent before gives the first answer
        and writes nothing, so that repeating is safe.

        `keep` gets the journal as it is then, and the same events with the new one last;
        it returns the state to keep with it, or an empty text.
        """
        with self.writing(runbook.digest) as connection:
            asked = {"runbook": runbook.digest, "after": after - 1 if last_id else after, "id": event_id}
            found = connection.execute(queries.AFTER_AND_BY_ID, asked).all()
            stored = [each for each in found if each.runbook == runbook.digest and each.seq > asked["after"]]
            new = self.continuing(runbook, stored, after, last_id)
            same = next((each for each in found if each.id == event_id), None)
            if same is not None:
                existing = self.read_event(runbook.key, same)
                if same.runbook != runbook.digest:
                    raise JournalError(f"the event {event_id} belongs to {existing.runbook}", "an id of its own")
                return new, existing
            draft = decide(new)
            last = stored[-1] if stored else connection.execute(queries.LAST, {"runbook": runbook.digest}).first()
            end = End(seq=last.seq, hash=last.hash) if last else end_before(runbook)
            event = insert_event(
                connection, runbook, draft, event_id=event_id, after=end, at=now(), clock=self.door.clock
            )
            state = keep(self.within(connection), [*new, event])
            if state:
                kept_states.keep(connection, runbook, state)
        return [*new, event], event
