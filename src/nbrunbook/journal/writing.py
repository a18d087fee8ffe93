"""Writing: what one event puts into the tables. Each function works within a transaction of the caller's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from nbrunbook.errors import JournalError
from nbrunbook.journal import queries, runners, runs, tables
from nbrunbook.journal.entries import Draft, RunbookRow, sha256
from nbrunbook.runbook import events
from nbrunbook.runbook.events import Event


class NotKeptError(JournalError):
    """What was written was not there when it was read back: something in the database took it away or changed it."""

    def __init__(self, what: str) -> None:
        found = f"the journal did not keep {what}: something in the database that is not nbrunbook's took it away"
        super().__init__(found, "", "nothing was recorded; 'nbrunbook verify --all' says what it is")


@dataclass(frozen=True, kw_only=True)
class End:
    """Where a runbook's chain of events ends."""

    seq: int
    """0 before its first event."""
    hash: str
    """That of its last event; before the first one the digest of the runbook's row."""


def end_before(runbook: RunbookRow) -> End:
    """Return where the chain of a runbook without events ends."""
    return End(seq=0, hash=runbook.digest)


def insert_event(
    connection: sa.Connection,
    runbook: RunbookRow,
    draft: Draft,
    *,
    event_id: str,
    after: End,
    at: datetime,
    clock: str = "",
) -> Event:
    """Write one event behind the end of its chain, with all that goes in with it; return it. `clock` is the door's."""
    for content in draft.contents:
        keep_blob(connection, content)
    for plan_body in draft.plans:
        keep_plan(connection, plan_body)
    _blank(connection, draft)
    event = _event(runbook, draft, event_id=event_id, after=after, at=at)
    body = event.body()
    row = {"id": event.id, "seq": event.seq, "kind": event.kind, "body": body, "hash": events.digest(body)}
    connection.execute(queries.INSERT, {**row, "runbook": runbook.digest})
    texts: dict[str, str | None] = {"salt": None, "data": None}
    if event.data:
        texts = {"salt": event.salt, "data": events.canonical(dict(event.data))}
        connection.execute(queries.INSERT_DATA, {"event": event.id, **texts})
    _require_kept(connection, {**row, **texts})
    if draft.begins:
        runs.begin(connection, clock, runbook, event.id, host=draft.begins.host, folder=draft.begins.folder)
    if draft.ends:
        runs.end(connection, draft.ends)
        runners.end(connection, draft.ends, clock=clock, alone=draft.alone)
    return event


def _require_kept(connection: sa.Connection, written: Mapping[str, Any]) -> None:
    """Read an event back, while the lock is held: a trigger or a rule of somebody else's may have eaten it."""
    found = connection.execute(queries.BY_ID, {"id": written["id"]}).first()
    if found is None or any(found._mapping[name] != value for name, value in written.items()):
        raise NotKeptError(f"the event {written['kind']}")


def _event(runbook: RunbookRow, draft: Draft, *, event_id: str, after: End, at: datetime) -> Event:
    salt, data_digest = events.salted(draft.data)
    return Event(
        id=event_id,
        runbook=runbook.key,
        seq=after.seq + 1,
        kind=draft.kind,
        step=draft.step,
        operator=draft.operator,
        known=draft.known,
        known_by=draft.known_by,
        at=events.from_instant(events.instant(at)),
        prev_hash=after.hash,
        data=dict(draft.data),
        salt=salt,
        data_digest=data_digest,
    )


def insert_runbook(connection: sa.Connection, runbook: RunbookRow) -> None:
    """Write a runbook's own row; NotKeptError where the journal did not keep it."""
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
    of = tables.runbooks.c
    if connection.scalar(sa.select(of.body).where(of.digest == runbook.digest)) != runbook.body:
        raise NotKeptError(f"the runbook {runbook.key}")


def keep_blob(connection: sa.Connection, content: bytes) -> None:
    """Write a blob unless it is there; NotKeptError where the journal did not keep it. Repeating is safe."""
    name, of = sha256(content), tables.blobs.c
    if not connection.scalar(sa.select(of.sha256).where(of.sha256 == name)):
        connection.execute(queries.KEEP, {"name": name, "content": content})
        if connection.scalar(sa.select(sa.func.length(of.content)).where(of.sha256 == name)) != len(content):
            raise NotKeptError(f"the file {name[:12]}…")


def keep_plan(connection: sa.Connection, body: str) -> None:
    """Write a plan unless it is there; NotKeptError where the journal did not keep it. Repeating is safe."""
    name, of = events.digest(body), tables.plans.c
    if not connection.scalar(sa.select(of.digest).where(of.digest == name)):
        connection.execute(queries.KEEP_PLAN, {"name": name, "body": body})
        if connection.scalar(sa.select(of.body).where(of.digest == name)) != body:
            raise NotKeptError(f"the plan {name[:12]}…")


def _blank(connection: sa.Connection, draft: Draft) -> None:
    of, kept = tables.event_data, tables.blobs
    if draft.redacts:
        connection.execute(sa.update(of).where(of.c.event == draft.redacts).values(salt=None, data=None))
        if connection.scalar(sa.select(of.c.data).where(of.c.event == draft.redacts)) is not None:
            raise NotKeptError("a redaction")
    for name in draft.redacts_blobs:
        connection.execute(sa.update(kept).where(kept.c.sha256 == name).values(content=b""))
        if connection.scalar(sa.select(sa.func.length(kept.c.content)).where(kept.c.sha256 == name)):
            raise NotKeptError("a redaction")
