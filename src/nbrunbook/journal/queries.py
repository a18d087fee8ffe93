"""The journal's statements, made once: to make one takes longer than to run it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa

from nbrunbook.journal import tables
from nbrunbook.runbook.events import ENDS

COLUMNS = (
    *(tables.events.c[name] for name in ("id", "seq", "kind", "body", "hash")),
    *(tables.event_data.c[name] for name in ("salt", "data")),
    tables.event_data.c.event.label("kept"),
)
JOINED = tables.events.outerjoin(tables.event_data, tables.event_data.c.event == tables.events.c.id)
AFTER = (
    sa.select(*COLUMNS)
    .select_from(JOINED)
    .where(tables.events.c.runbook == sa.bindparam("runbook"), tables.events.c.seq > sa.bindparam("after"))
    .order_by(tables.events.c.seq)
)
OF_KINDS = (
    sa.select(*COLUMNS)
    .select_from(JOINED)
    .where(
        tables.events.c.runbook == sa.bindparam("runbook"),
        tables.events.c.kind.in_(sa.bindparam("kinds", expanding=True)),
    )
    .order_by(tables.events.c.seq)
)
STORED = (
    sa.select(*COLUMNS, tables.open_runbooks.c.runbook.label("listed"))
    .select_from(JOINED.outerjoin(tables.open_runbooks, tables.open_runbooks.c.runbook == tables.events.c.runbook))
    .where(tables.events.c.runbook == sa.bindparam("runbook"))
    .order_by(tables.events.c.seq)
)
_OF_RUNBOOKS = (
    sa.select(*COLUMNS, tables.events.c.runbook)
    .select_from(JOINED)
    .where(tables.events.c.runbook.in_(sa.bindparam("runbooks", expanding=True)))
    .order_by(tables.events.c.runbook, tables.events.c.seq)
)
CLOSING = _OF_RUNBOOKS.where(tables.events.c.kind.in_([sa.literal_column(f"'{kind}'") for kind in tables.LIFE_KINDS]))
"""With the kinds in words, as the index has them."""
LIFE = _OF_RUNBOOKS.where(tables.events.c.kind.in_(("opened", "archived", *tables.LIFE_KINDS)))


def ends_after(runbooks: Sequence[tuple[str, int]]) -> sa.Select[Any]:
    """Return what reads what came out of runs after an event of each of some runbooks, by the index of the events."""
    of = tables.events.c
    later = sa.or_(*(sa.and_(of.runbook == digest, of.seq > seq) for digest, seq in runbooks))
    return _ENDS.where(later)


_ENDS = (
    sa.select(*COLUMNS, tables.events.c.runbook)
    .select_from(JOINED)
    .where(tables.events.c.kind.in_(ENDS))
    .order_by(tables.events.c.runbook, tables.events.c.seq)
)
AFTER_AND_BY_ID = (
    sa.select(*COLUMNS, tables.events.c.runbook)
    .select_from(JOINED)
    .where(
        sa.or_(
            sa.and_(tables.events.c.runbook == sa.bindparam("runbook"), tables.events.c.seq > sa.bindparam("after")),
            tables.events.c.id == sa.bindparam("id"),
        )
    )
    .order_by(tables.events.c.seq)
)
"""In one round trip, while the lock is held."""
BY_ID = sa.select(*COLUMNS).select_from(JOINED).where(tables.events.c.id == sa.bindparam("id"))
LAST = (
    sa.select(tables.events.c.seq, tables.events.c.hash)
    .where(tables.events.c.runbook == sa.bindparam("runbook"))
    .order_by(tables.events.c.seq.desc())
    .limit(1)
)
INSERT = sa.insert(tables.events)
INSERT_DATA = sa.insert(tables.event_data)
KEEP = sa.text("INSERT INTO blob (sha256, content) VALUES (:name, :content) ON CONFLICT DO NOTHING")
KEEP_PLAN = sa.text("INSERT INTO plan (digest, body) VALUES (:name, :body) ON CONFLICT DO NOTHING")
"""Somebody else may keep the same at the same moment."""
KEPT_STATE = sa.text("SELECT body, digest FROM kept_state WHERE runbook = :runbook")
KEEP_STATE = sa.text(
    "INSERT INTO kept_state (runbook, digest, body) VALUES (:runbook, :digest, :body) "
    "ON CONFLICT (runbook) DO UPDATE SET digest = excluded.digest, body = excluded.body"
)


def named_and_after(seqs: Iterable[int], after: int) -> sa.TextClause:
    """Return the statement for events of some numbers and all after one, in order.

    In words, since each opening has other numbers: they are integers, and nothing else can stand there. Each of the two
    halves goes by the index; asked for with OR, SQLite looks through all events of the runbook.
    """
    each = (
        "SELECT event.id, event.seq, event.body, event.hash, event_data.salt, event_data.data "
        "FROM event LEFT OUTER JOIN event_data ON event_data.event = event.id "
        "WHERE event.runbook = :runbook AND event.seq"
    )
    listed = ", ".join(str(int(seq)) for seq in seqs)
    return sa.text(f"{each} IN ({listed}) UNION ALL {each} > {int(after)} ORDER BY seq")
