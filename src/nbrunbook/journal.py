"""The journal: the door to SQLAlchemy, and the only truth about what was done.

Rows are only ever added. Triggers refuse everything else, on the one exception of
`redact`, which blanks an event's salt and data, and a file that came with it
(the chain of hashes still holds).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from nbrunbook import chains, engines, queries, schema, tables
from nbrunbook.chains import Fault, Stored
from nbrunbook.errors import JournalBrokenError, JournalError, RunbookExistsError, UnknownRunbookError
from nbrunbook.project.operator import Known
from nbrunbook.runbook import events
from nbrunbook.runbook.events import Event, Kind

COMMAND_WAIT_SECONDS = 30.0
"""How long a command waits for the lock."""
SESSION_WAIT_SECONDS = 4.0
"""How long a session waits for it: less than the browser waits for the session (8 s)."""
NOT_KNOWN = "whether it was recorded is not known: look before you do it again"
LISTED = 500
"""How many values one query lists at most."""


@dataclass(frozen=True, kw_only=True)
class Runbook:
    """A runbook's row: facts that never change."""

    digest: str
    """sha256 of `body`; the first event's prev_hash."""
    project: str
    key: str
    release: str
    environment: str
    plan_digest: str
    body: str
    """Canonical JSON of all its facts."""

    @property
    def facts(self) -> dict[str, Any]:
        """What `metadata.nbrunbook` says of it, but for the plan; JournalError where the row was edited."""
        if events.digest(self.body) != self.digest:
            raise JournalError(
                f"the runbook's row of {self.key} was edited", "", f"'nbrunbook verify {self.key}' says what"
            )
        facts: dict[str, Any] = json.loads(self.body)
        return facts


@dataclass(frozen=True, kw_only=True)
class Draft:
    """An event that is about to be written: what the caller decides."""

    kind: Kind
    step: str = ""
    operator: str
    known: Known
    known_by: str
    data: Mapping[str, str] = field(default_factory=dict)
    contents: Sequence[bytes] = ()
    """Blobs that go in with it."""
    plans: Sequence[str] = ()
    """Bodies of plans that go in with it."""
    redacts: str = ""
    """The id of an event whose data is blanked with it; empty for none."""
    redacts_blobs: Sequence[str] = ()
    """Names of blobs whose content is blanked with it."""


Decide = Callable[[Sequence[Event]], Draft]


def sha256(content: bytes) -> str:
    """Return the name under which a blob is kept."""
    return hashlib.sha256(content).hexdigest()


def row(facts: Mapping[str, Any]) -> Runbook:
    """Return the row for a runbook's facts."""
    body = events.canonical(dict(facts))
    return Runbook(
        digest=events.digest(body),
        project=facts["project"],
        key=facts["key"],
        release=facts["release"],
        environment=facts["environment"],
        plan_digest=facts["plan_digest"],
        body=body,
    )


class Journal:
    """One database. Safe to use from several threads; each call is one transaction."""

    def __init__(self, url: str, *, wait_seconds: float = COMMAND_WAIT_SECONDS) -> None:
        self.url, self.wait_seconds = url, wait_seconds
        self.is_new = False
        """Whether this call made the schema."""
        self.door = engines.door(url, wait_seconds)

    @property
    def where(self) -> str:
        """What to call it in messages."""
        return self.door.where

    @property
    def shared(self) -> bool:
        """Whether other computers reach it."""
        return self.door.shared

    def exists(self) -> bool:
        """Tell whether there is something to open: a file, or a server to ask."""
        return self.door.exists()

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
            with journal._writing(schema.LOCK) as connection:
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
            return cls.open(url), tables.SCHEMA
        with journal._writing(schema.LOCK) as connection:
            found = schema.upgrade(connection, journal.door)
        return journal, found

    def close(self) -> None:
        """Give the connection back. Repeating is safe; a closed journal opens again when used."""
        self.door.engine.dispose()

    def _version(self) -> int | None:
        """The schema's version; None where the tables are not there."""
        with self.reading() as connection:
            try:
                return schema.version(connection)
            except self.door.errors as error:
                if self.door.lacks_tables(error):
                    return None
                raise

    # Transactions

    def reading(self) -> AbstractContextManager[sa.Connection]:
        """Return a transaction that only reads."""
        return self._transaction(None)

    def _writing(self, lock: str) -> AbstractContextManager[sa.Connection]:
        """A transaction that holds a lock; on SQLite there is one for all."""
        return self._transaction(lock)

    @contextmanager
    def _transaction(self, lock: str | None) -> Iterator[sa.Connection]:
        """Yield a connection within a transaction; the database's errors become ours, in words.

        Nothing was recorded unless the answer to COMMIT was lost: then nobody knows.
        """
        recorded = "nothing was recorded" if lock is not None else ""
        try:
            self.door.start()
            with self._begun(lock) as connection:
                yield connection
                if lock is not None:
                    recorded = NOT_KNOWN
                    connection.commit()
        except self.door.errors as error:
            if recorded == NOT_KNOWN and not self.door.is_lost(error):
                recorded = "nothing was recorded"
            raise self.door.told(error, recorded=recorded) from (None if recorded else error)

    def _begun(self, lock: str | None) -> sa.Connection:
        """Return a connection that answers: one that broke while nobody used it is replaced, once."""
        for attempt in (1, 2):
            connection = self.door.engine.connect()
            try:
                self.door.begin(connection, lock=lock)
            except BaseException as error:
                connection.close()
                if attempt == 2 or not (isinstance(error, self.door.errors) and self.door.is_lost(error)):
                    raise
            else:
                break
        return connection

    # Reading

    def runbooks(
        self,
        project: str,
        *,
        environments: Collection[str] | None = None,
        releases: Collection[str] | None = None,
        open_only: bool = False,
    ) -> list[Runbook]:
        """Return a project's runbooks in the order in which they were made.

        On request only those of some environments or releases, or those that are open.
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
                found = [runbook_of(each) for each in connection.execute(query)]
        return sorted(found, key=lambda each: (each.facts["created_at"], each.key))

    def environments(self, project: str) -> list[str]:
        """Return the names of the environments that a project has runbooks in, in alphabetical order."""
        of = tables.runbooks.c
        query = sa.select(of.environment).where(of.project == project).distinct().order_by(of.environment)
        with self.reading() as connection:
            return list(connection.scalars(query))

    def _open(self, connection: sa.Connection) -> Iterator[Runbook]:
        """The open runbooks of all projects, in two steps: no engine should begin with the many that are closed."""
        of, listed = tables.runbooks.c, connection.scalars(sa.select(tables.open_runbooks.c.runbook)).all()
        for start in range(0, len(listed), LISTED):
            query = sa.select(tables.runbooks).where(of.digest.in_(listed[start : start + LISTED]))
            yield from (runbook_of(each) for each in connection.execute(query))

    def closed(self, runbooks: Sequence[Runbook]) -> dict[str, Event]:
        """Return, by digest, the event that closed each runbook that is closed now: signed off, abandoned, skipped."""
        found: dict[str, Event] = {}
        for digest, event in self._whole(queries.CLOSING, runbooks):
            if event.kind == "reopened":
                found.pop(digest, None)
            else:
                found[digest] = event
        return found

    def life(self, runbooks: Sequence[Runbook]) -> list[Event]:
        """Return what happened to runbooks as a whole: made, closed, opened again, archived; by runbook, in order."""
        return [event for _, event in self._whole(queries.LIFE, runbooks)]

    def _whole(self, statement: sa.Select[Any], runbooks: Sequence[Runbook]) -> Iterator[tuple[str, Event]]:
        """The events of some kinds about runbooks as a whole, each with the digest of its runbook, in order."""
        keys = {each.digest: each.key for each in runbooks}
        digests = list(keys)
        with self.reading() as connection:
            for start in range(0, len(digests), LISTED):
                for each in connection.execute(statement, {"runbooks": digests[start : start + LISTED]}):
                    event = self._event(keys[each.runbook], each)
                    if not event.step:
                        yield each.runbook, event

    def runbook(self, project: str, key: str) -> Runbook:
        """Return one runbook; UnknownRunbookError where the journal has none of that key."""
        found = self.find(project, key)
        if found is None:
            query = sa.select(tables.runbooks.c.key).where(tables.runbooks.c.project == project)
            with self.reading() as connection:
                raise UnknownRunbookError(key, map(str, connection.scalars(query)), self.where)
        return found

    def find(self, project: str, key: str) -> Runbook | None:
        """Return one runbook, or None."""
        if not _can_be_stored(key):
            return None
        query = sa.select(tables.runbooks).where(tables.runbooks.c.project == project, tables.runbooks.c.key == key)
        with self.reading() as connection:
            found = connection.execute(query).first()
        return None if found is None else runbook_of(found)

    def plan_body(self, digest: str) -> str:
        """Return a plan's canonical text; JournalError where it is missing or was edited."""
        body = self.plan_text(digest)
        if body is None or events.digest(body) != digest:
            found = "is missing" if body is None else "was edited"
            raise JournalError(f"the plan {digest[:12]}… {found} in {self.where}")
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

    def events(self, runbook: Runbook, *, after: int = 0, last_id: str = "") -> list[Event]:
        """Return a runbook's events after a seq, without checking their chain.

        `last_id` is the id of the event `after`: JournalError where it is not there any more.
        """
        with self.reading() as connection:
            return self._events(connection, runbook, after, last_id)

    def _events(self, connection: sa.Connection, runbook: Runbook, after: int, last_id: str) -> list[Event]:
        first = after - 1 if last_id else after
        found = connection.execute(queries.AFTER, {"runbook": runbook.digest, "after": first}).all()
        return self._continuing(runbook, found, after, last_id)

    def _continuing(self, runbook: Runbook, found: Sequence[Any], after: int, last_id: str) -> list[Event]:
        """Make events of rows, the first of which is the one that is known where there is a `last_id`."""
        if last_id and (not found or found[0].id != last_id):
            raise JournalError(
                f"the journal {self.where} no longer holds what it held: event {after} of {runbook.key} is gone",
                "",
                "restart the kernel to see what it holds now",
            )
        return [self._event(runbook.key, each) for each in (found[1:] if last_id else found)]

    def _event(self, key: str, found: Any) -> Event:
        try:
            return events.from_body(found.body, data=found.data, salt=found.salt)
        except (ValueError, TypeError, RecursionError) as error:
            raise JournalBrokenError(key, found.seq, str(error)) from None

    def event(self, event_id: str) -> Event | None:
        """Return one event by its id, or None: what to ask when an answer was lost."""
        with self.reading() as connection:
            return self._by_id(connection, event_id)

    def _by_id(self, connection: sa.Connection, event_id: str) -> Event | None:
        found = connection.execute(queries.BY_ID, {"id": event_id}).first()
        return events.from_body(found.body, data=found.data, salt=found.salt) if found else None

    def users(self, name: str) -> list[Event]:
        """Return the events, of whatever runbook, whose data names a blob, a plan or another event.

        It looks through all data. An event that cannot be read is left out: `verify` names it.
        """
        query = sa.select(*queries.COLUMNS).select_from(queries.JOINED).where(tables.event_data.c.data.contains(name))
        with self.reading() as connection:
            found = [chains.read(_stored(each))[0] for each in connection.execute(query)]
        return [event for event in found if event is not None and event.kind != "redacted"]

    def stored(self, runbook: Runbook) -> tuple[list[Stored], bool]:
        """Return a runbook's rows as they stand there, and whether the index lists it as open.

        Both in one statement, since somebody may close it just now.
        """
        with self.reading() as connection:
            found = connection.execute(queries.STORED, {"runbook": runbook.digest}).all()
            if not found:
                listed = sa.select(tables.open_runbooks).where(tables.open_runbooks.c.runbook == runbook.digest)
                return [], connection.execute(listed).first() is not None
        return [_stored(each) for each in found], found[0].listed is not None

    def faults(self, runbook: Runbook) -> list[str]:
        """Return what does not hold about a runbook's rows: an empty list for a sound chain."""
        words = row_fault(runbook)
        own = [Fault(runbook=runbook.key, words=words)] if words else []
        rows, _ = self.stored(runbook)
        return [str(fault) for fault in (*own, *chains.check(runbook.key, runbook.digest, rows).faults)]

    # Writing

    def register(
        self,
        runbook: Runbook,
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
        with self._writing(f"{runbook.project}/{runbook.key}") as connection:
            taken = sa.select(tables.runbooks.c.key).where(
                tables.runbooks.c.project == runbook.project, tables.runbooks.c.key == runbook.key
            )
            if connection.scalar(taken):
                raise RunbookExistsError(runbook.key, "in the journal")
            self._keep_plan(connection, plan_body)
            connection.execute(
                sa.insert(tables.runbooks).values(
                    digest=runbook.digest,
                    project=runbook.project,
                    key=runbook.key,
                    release=runbook.release,
                    environment=runbook.environment,
                    plan=runbook.plan_digest,
                    body=runbook.body,
                )
            )
            first = _with_contents(opened, notebook) if notebook is not None else opened
            event = last = self._insert(connection, runbook, events.new_id(), first, 1, runbook.digest, at)
            for seq, draft in enumerate(also, 2):
                last = self._insert(connection, runbook, events.new_id(), draft, seq, last.hash(), at)
            publish()
        return event

    def append(
        self,
        runbook: Runbook,
        *,
        event_id: str,
        after: int,
        decide: Decide,
        last_id: str = "",
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> tuple[list[Event], Event]:
        """Write one event; return the events after `after`, that one last, and the event.

        `last_id` is as in `events`.

        `decide` gets the events that the caller does not know yet, while the lock is held,
        and returns what to write or raises. An id that was sent before gives the first answer
        and writes nothing, so that repeating is safe.
        """
        with self._writing(runbook.digest) as connection:
            asked = {"runbook": runbook.digest, "after": after - 1 if last_id else after, "id": event_id}
            found = connection.execute(queries.AFTER_AND_BY_ID, asked).all()
            stored = [each for each in found if each.runbook == runbook.digest and each.seq > asked["after"]]
            new = self._continuing(runbook, stored, after, last_id)
            existing = next((self._event(runbook.key, each) for each in found if each.id == event_id), None)
            if existing is not None and existing.runbook != runbook.key:
                raise JournalError(f"the event {event_id} belongs to {existing.runbook}", "an id of its own")
            if existing is not None:
                return new, existing
            draft = decide(new)
            last = stored[-1] if stored else connection.execute(queries.LAST, {"runbook": runbook.digest}).first()
            seq, previous = (last.seq, last.hash) if last else (0, runbook.digest)
            event = self._insert(connection, runbook, event_id, draft, seq + 1, previous, now())
        return [*new, event], event

    def _insert(
        self,
        connection: sa.Connection,
        runbook: Runbook,
        event_id: str,
        draft: Draft,
        seq: int,
        previous: str,
        at: datetime,
    ) -> Event:
        for content in draft.contents:
            self._keep(connection, content)
        for plan_body in draft.plans:
            self._keep_plan(connection, plan_body)
        self._blank(connection, draft)
        salt, data_digest = events.salted(draft.data)
        event = Event(
            id=event_id,
            runbook=runbook.key,
            seq=seq,
            kind=draft.kind,
            step=draft.step,
            operator=draft.operator,
            known=draft.known,
            known_by=draft.known_by,
            at=events.from_instant(events.instant(at)),
            prev_hash=previous,
            data=dict(draft.data),
            salt=salt,
            data_digest=data_digest,
        )
        body = event.body()
        connection.execute(
            queries.INSERT,
            {
                "id": event.id,
                "runbook": runbook.digest,
                "seq": seq,
                "kind": event.kind,
                "body": body,
                "hash": events.digest(body),
            },
        )
        if event.data:
            data = events.canonical(dict(event.data))
            connection.execute(queries.INSERT_DATA, {"event": event.id, "salt": salt, "data": data})
        return event

    def _keep(self, connection: sa.Connection, content: bytes) -> None:
        name = sha256(content)
        if not connection.scalar(sa.select(tables.blobs.c.sha256).where(tables.blobs.c.sha256 == name)):
            connection.execute(queries.KEEP, {"name": name, "content": content})

    def _keep_plan(self, connection: sa.Connection, body: str) -> None:
        name = events.digest(body)
        if not connection.scalar(sa.select(tables.plans.c.digest).where(tables.plans.c.digest == name)):
            connection.execute(queries.KEEP_PLAN, {"name": name, "body": body})

    def _blank(self, connection: sa.Connection, draft: Draft) -> None:
        if draft.redacts:
            of = tables.event_data
            connection.execute(sa.update(of).where(of.c.event == draft.redacts).values(salt=None, data=None))
        for name in draft.redacts_blobs:
            connection.execute(sa.update(tables.blobs).where(tables.blobs.c.sha256 == name).values(content=b""))


def row_fault(runbook: Runbook) -> str | None:
    """Return what does not hold about a runbook's own row, or None."""
    try:
        said = row(json.loads(runbook.body))
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        return f"the runbook's row was edited: its body cannot be read ({error})"
    names = ("digest", "project", "key", "release", "environment", "plan_digest", "body")
    wrong = [name for name in names if getattr(said, name) != getattr(runbook, name)]
    return f"the runbook's row was edited: its body and its {', '.join(wrong)} disagree" if wrong else None


def _stored(found: Any) -> Stored:
    """A row as texts: SQLite keeps whatever somebody put there behind the triggers."""
    texts: dict[str, Any] = {
        name: value if value is None or isinstance(value, str) else repr(value)
        for name, value in found._mapping.items()
        if name not in ("seq", "listed")
    }
    return Stored(**texts, seq=found.seq if isinstance(found.seq, int) else 0)


def _can_be_stored(text: str) -> bool:
    """Tell whether a text from the command line has only whole characters."""
    return text.isprintable()


def _with_contents(draft: Draft, content: bytes) -> Draft:
    return Draft(**{**draft.__dict__, "contents": (*draft.contents, content)})


def runbook_of(found: Any) -> Runbook:
    """Return the runbook of a row, of texts: SQLite keeps whatever somebody put there behind the triggers."""
    names = {"plan_digest": "plan", **{name: name for name in ("project", "key", "release", "environment", "body")}}
    texts = {
        name: each if isinstance(each := getattr(found, column), str) else repr(each) for name, column in names.items()
    }
    return Runbook(digest=found.digest, **texts)
