"""Writing: what one event puts into the tables. Each function works within a transaction of the caller's."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from nbrunbook.journal import queries, tables
from nbrunbook.journal.entries import Draft, RunbookRow, sha256
from nbrunbook.runbook import events
from nbrunbook.runbook.events import Event


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
    connection: sa.Connection, runbook: RunbookRow, draft: Draft, *, event_id: str, after: End, at: datetime
) -> Event:
    """Write one event behind the end of its chain, with all that goes in with it; return it."""
    for content in draft.contents:
        keep_blob(connection, content)
    for plan_body in draft.plans:
        keep_plan(connection, plan_body)
    _blank(connection, draft)
    event = _event(runbook, draft, event_id=event_id, after=after, at=at)
    body = event.body()
    row = {"id": event.id, "runbook": runbook.digest, "seq": event.seq, "kind": event.kind, "body": body}
    connection.execute(queries.INSERT, {**row, "hash": events.digest(body)})
    if event.data:
        data = events.canonical(dict(event.data))
        connection.execute(queries.INSERT_DATA, {"event": event.id, "salt": event.salt, "data": data})
    return event


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
    """Write a runbook's own row."""
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


def keep_blob(connection: sa.Connection, content: bytes) -> None:
    """Write a blob unless it is there. Repeating is safe."""
    name = sha256(content)
    if not connection.scalar(sa.select(tables.blobs.c.sha256).where(tables.blobs.c.sha256 == name)):
        connection.execute(queries.KEEP, {"name": name, "content": content})


def keep_plan(connection: sa.Connection, body: str) -> None:
    """Write a plan unless it is there. Repeating is safe."""
    name = events.digest(body)
    if not connection.scalar(sa.select(tables.plans.c.digest).where(tables.plans.c.digest == name)):
        connection.execute(queries.KEEP_PLAN, {"name": name, "body": body})


def _blank(connection: sa.Connection, draft: Draft) -> None:
    if draft.redacts:
        of = tables.event_data
        connection.execute(sa.update(of).where(of.c.event == draft.redacts).values(salt=None, data=None))
    for name in draft.redacts_blobs:
        connection.execute(sa.update(tables.blobs).where(tables.blobs.c.sha256 == name).values(content=b""))
