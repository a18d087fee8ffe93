"""The journal's tables, and the triggers that keep them append-only."""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa

metadata = sa.MetaData()
schema_version = sa.Table(
    "schema_version",
    metadata,
    sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("needs", sa.Text, nullable=True),
)
plans = sa.Table(
    "plan",
    metadata,
    sa.Column("digest", sa.Text, primary_key=True),
    sa.Column("body", sa.Text, nullable=False),
    sqlite_with_rowid=False,
)
blobs = sa.Table(
    "blob",
    metadata,
    sa.Column("sha256", sa.Text, primary_key=True),
    sa.Column("content", sa.LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)
runbooks = sa.Table(
    "runbook",
    metadata,
    sa.Column("digest", sa.Text, primary_key=True),
    sa.Column("project", sa.Text, nullable=False),
    sa.Column("key", sa.Text, nullable=False),
    sa.Column("release", sa.Text, nullable=False),
    sa.Column("environment", sa.Text, nullable=False),
    sa.Column("plan", sa.Text, sa.ForeignKey("plan.digest"), nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.UniqueConstraint("project", "key", name="runbook_key"),
    sqlite_with_rowid=False,
)
events = sa.Table(
    "event",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("runbook", sa.Text, sa.ForeignKey("runbook.digest"), nullable=False),
    sa.Column("seq", sa.Integer, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("hash", sa.Text, nullable=False),
    sa.Column("session_user", sa.Text, nullable=True),
    sa.UniqueConstraint("runbook", "seq", name="event_seq"),
    sa.CheckConstraint("seq > 0", name="event_seq_positive"),
    sqlite_with_rowid=False,
)
event_data = sa.Table(
    "event_data",
    metadata,
    sa.Column("event", sa.Text, sa.ForeignKey("event.id"), primary_key=True),
    sa.Column("salt", sa.Text, nullable=True),
    sa.Column("data", sa.Text, nullable=True),
    sqlite_with_rowid=False,
)
open_runbooks = sa.Table(
    "open_runbook",
    metadata,
    sa.Column("runbook", sa.Text, sa.ForeignKey("runbook.digest"), primary_key=True),
    sqlite_with_rowid=False,
)
"""Which runbooks are open, so that nobody has to look through all of them: an index, kept by
triggers, and no truth. `verify --all` holds it against the events."""

runs = sa.Table(
    "run",
    metadata,
    sa.Column("event", sa.Text, sa.ForeignKey("event.id"), primary_key=True),
    sa.Column("runbook", sa.Text, sa.ForeignKey("runbook.digest"), nullable=False),
    sa.Column("host", sa.Text, nullable=False),
    sa.Column("pid", sa.Integer, nullable=False),
    sa.Column("folder", sa.Text, nullable=False),
    sa.Column("seen_at", sa.Float, nullable=False),
    sa.Column("attempt", sa.Integer, nullable=False),
    sa.Column("lines", sa.Text, nullable=False),
    sa.Column("stopper", sa.Text, nullable=False),
    sqlite_with_rowid=False,
)
"""What is heard of the runs that go on, by their `started`; see runs.py. Changed and taken away: no truth either."""

runners = sa.Table(
    "runner",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("event", sa.Text, sa.ForeignKey("event.id"), nullable=False),
    sa.Column("host", sa.Text, nullable=False),
    sa.Column("pid", sa.Integer, nullable=False),
    sa.Column("folder", sa.Text, nullable=False),
    sa.Column("seen_at", sa.Float, nullable=False),
    sa.Column("lines", sa.Text, nullable=False),
    sqlite_with_rowid=False,
)
"""Who works on the runs of batches, one row a process; see runners.py. No truth, and gone with the run."""

boards = sa.Table(
    "board",
    metadata,
    sa.Column("event", sa.Text, sa.ForeignKey("event.id"), primary_key=True),
    sa.Column("database", sa.Text, primary_key=True),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("seen_at", sa.Float, nullable=False),
    sqlite_with_rowid=False,
)
"""Where the run of a batch stands in each of its databases, as its runners last said. Neither is a truth."""

kept_states = sa.Table(
    "kept_state",
    metadata,
    sa.Column("runbook", sa.Text, sa.ForeignKey("runbook.digest"), primary_key=True),
    sa.Column("digest", sa.Text, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    sqlite_with_rowid=False,
)
"""Which events of a runbook matter still, so that nobody has to replay all of them; see kept_states.py.

No truth either: each newer one takes the place of the one before, and `verify` holds it against the events."""

LIFE_KINDS = ("signed_off", "reopened", "abandoned", "skipped")
"""Kinds that close a runbook or open it again; `skipped` only where it names no step."""
INDEXES = (
    "CREATE INDEX event_life_of ON event (runbook, seq) WHERE kind IN ({})".format(
        ", ".join(f"'{kind}'" for kind in LIFE_KINDS)
    ),
    "CREATE INDEX runbook_deployment ON runbook (project, environment, release)",
)
"""In words, since SQLAlchemy's own partial indexes load every dialect, which costs 50 ms."""

_KEYS = {
    "schema_version": ("version",),
    "plan": ("digest",),
    "blob": ("sha256",),
    "runbook": ("digest", "project, key"),
    "event": ("id", "runbook, seq"),
    "event_data": ("event",),
}


_REDACTABLE = {
    "event_data": "NEW.data IS NOT NULL OR NEW.salt IS NOT NULL OR NEW.event <> OLD.event",
    "blob": "length(NEW.content) > 0 OR NEW.sha256 <> OLD.sha256",
}
"""Rows that `redact` may blank, and what an update is refused for."""


def sqlite_triggers() -> Iterator[str]:
    """Yield the SQL of SQLite's triggers.

    INSERT OR REPLACE passes triggers on UPDATE and DELETE, so an insert over a row is refused too.
    """
    for table, keys in _KEYS.items():
        refuse = f"SELECT RAISE(ABORT, 'nbrunbook: {table} is append-only')"
        updated = f"WHEN {_REDACTABLE[table]}" if table in _REDACTABLE else ""
        yield f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} {updated} BEGIN {refuse}; END"
        yield f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} BEGIN {refuse}; END"
        same = " OR ".join(
            "(" + " AND ".join(f"{column} = NEW.{column}" for column in key.split(", ")) + ")" for key in keys
        )
        yield (
            f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} "  # noqa: S608
            f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {same}) BEGIN {refuse}; END"
        )
    yield from _SQLITE_OPEN


_SQLITE_OPEN = (
    "CREATE TRIGGER open_runbook_made AFTER INSERT ON runbook "
    "BEGIN INSERT INTO open_runbook (runbook) VALUES (NEW.digest); END",
    "CREATE TRIGGER open_runbook_closed AFTER INSERT ON event WHEN NEW.kind IN ('signed_off', 'abandoned') "
    "OR NEW.kind = 'skipped' AND json_extract(NEW.body, '$.step') = '' "
    "BEGIN DELETE FROM open_runbook WHERE runbook = NEW.runbook; END",
    "CREATE TRIGGER open_runbook_reopened AFTER INSERT ON event WHEN NEW.kind = 'reopened' "
    "BEGIN INSERT OR IGNORE INTO open_runbook (runbook) VALUES (NEW.runbook); END",
)


def postgres_triggers(schema: str) -> Iterator[str]:
    """Yield the SQL of PostgreSQL's functions and triggers for the tables in a schema (quoted, as SQL names it).

    An insert over a row needs no trigger there: the keys refuse it, and DO UPDATE is an update.
    """
    for function in _POSTGRES_FUNCTIONS:
        yield function.replace("{schema}", schema)
    for table in _KEYS:
        updated = f"FOR EACH ROW WHEN ({_REDACTABLE[table]})" if table in _REDACTABLE else "FOR EACH STATEMENT"
        refused = {"update": updated, "delete": "FOR EACH STATEMENT", "truncate": "FOR EACH STATEMENT"}
        for verb, each in refused.items():
            name = f"{table}_no_{verb}"
            yield f"CREATE TRIGGER {name} BEFORE {verb.upper()} ON {table} {each} EXECUTE FUNCTION nbrunbook_refuse()"
    yield from _POSTGRES_OPEN


_POSTGRES_FUNCTIONS = (
    "CREATE OR REPLACE FUNCTION nbrunbook_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
    "RAISE EXCEPTION 'nbrunbook: % is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation'; END $$",
    "CREATE OR REPLACE FUNCTION nbrunbook_session_user() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
    'NEW."session_user" := session_user; RETURN NEW; END $$',
    "CREATE OR REPLACE FUNCTION nbrunbook_open() RETURNS trigger LANGUAGE plpgsql "
    "SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$ BEGIN "
    "IF TG_RELID <> '{schema}.runbook'::regclass AND TG_RELID <> '{schema}.event'::regclass THEN "
    "RAISE EXCEPTION 'nbrunbook: % is none of its tables', TG_RELID::regclass; END IF; "
    "INSERT INTO {schema}.open_runbook (runbook) VALUES (CASE WHEN TG_RELID = '{schema}.runbook'::regclass "
    "THEN to_jsonb(NEW) ->> 'digest' ELSE to_jsonb(NEW) ->> 'runbook' END) ON CONFLICT DO NOTHING; "
    "RETURN NULL; END $$",
    "CREATE OR REPLACE FUNCTION nbrunbook_close() RETURNS trigger LANGUAGE plpgsql "
    "SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$ BEGIN "
    "IF TG_RELID <> '{schema}.event'::regclass THEN "
    "RAISE EXCEPTION 'nbrunbook: % is none of its tables', TG_RELID::regclass; END IF; "
    "DELETE FROM {schema}.open_runbook WHERE runbook = to_jsonb(NEW) ->> 'runbook'; RETURN NULL; END $$",
)
"""Those that keep `open_runbook` run as its owner, so that whoever may only append needs no DELETE.

They name their tables and refuse any other: whoever could attach them to a table of their own would write as the owner.
"""
POSTGRES_FUNCTIONS = ("nbrunbook_refuse", "nbrunbook_session_user", "nbrunbook_open", "nbrunbook_close")

_POSTGRES_OPEN = (
    "CREATE TRIGGER event_session_user BEFORE INSERT ON event FOR EACH ROW EXECUTE FUNCTION nbrunbook_session_user()",
    "CREATE TRIGGER open_runbook_made AFTER INSERT ON runbook FOR EACH ROW EXECUTE FUNCTION nbrunbook_open()",
    "CREATE TRIGGER open_runbook_closed AFTER INSERT ON event FOR EACH ROW WHEN (NEW.kind IN ('signed_off', "
    "'abandoned') OR NEW.kind = 'skipped' AND NEW.body::jsonb ->> 'step' = '') EXECUTE FUNCTION nbrunbook_close()",
    "CREATE TRIGGER open_runbook_reopened AFTER INSERT ON event FOR EACH ROW WHEN (NEW.kind = 'reopened') "
    "EXECUTE FUNCTION nbrunbook_open()",
)
