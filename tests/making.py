"""What several tests make: plans, events, sessions, and raw connections to a journal."""

from __future__ import annotations

import contextlib
import json
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import psycopg

from nbrunbook.documents import notebook
from nbrunbook.journal import tables
from nbrunbook.journal.journal import Journal
from nbrunbook.journal.postgres import locking
from nbrunbook.project.local_state import local_state
from nbrunbook.project.operator import declared
from nbrunbook.project.settings import find_project
from nbrunbook.record import verify
from nbrunbook.runbook import events, replay, rules
from nbrunbook.runbook.attempt import Attempt
from nbrunbook.runbook.events import Event, Kind
from nbrunbook.runbook.metadata import Built
from nbrunbook.runbook.parameters import Parameter, bind_values
from nbrunbook.runbook.plan import Plan
from nbrunbook.runbook.progress import Progress
from nbrunbook.runbook.times import Clock
from nbrunbook.template import declarations, planning
from nbrunbook.template.template import read_template
from nbrunbook.work.opening import open_session, register
from nbrunbook.work.session import Session
from tests.conftest import PARAMETERS, Workplace, template_bytes

notebook.skip_iri_checks()

AT = datetime(2026, 11, 22, 14, 2, tzinfo=UTC)
KIND_AND_X = f'{PARAMETERS}\nkind: str = "minor"\nx: str = "word"'
TELL_PEOPLE = "# Notes\nFor everybody.\n\n## Tell people\n- [ ] Mail {#mail}\n- [ ] Board {#board evidence=proof}\n"
HOSTILE = {
    "script": "<script>alert(1)</script>",
    "onerror": '"><img src=x onerror="alert(1)">',
    "link": "[press](javascript:alert(1)) javascript:alert(1)",
    "element": "</pre></section><h1>forged</h1><!--",
    "ansi": "\x1b[2J\x1b[31mred\x1b[0m",
    "override": "abc\u202edef\u2066ghi",
    "emoji": "👩\u200d🚀 🏴\u200d☠️ ünï — ‘quoted’",
    "entities": "&lt;b&gt; &amp; &#x27;",
    "braces": "{{release}} {{ x }} {#id .flag} {% raw %}",
}


@cache
def plan_of(*markdown: str, declare: str = PARAMETERS, code: str = "", **given: str) -> Plan:
    """Return the plan of a template of Markdown cells, for staging unless another one is given."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "1.0.ipynb"
        path.write_bytes(template_bytes(*markdown, parameters=declare, code=code))
        read = read_template(path)
    assert not read.stopping, read.stopping
    values = bind_values(list(read.parameters), {}, {"environment": "staging", **given})
    return planning.make(read, values)


def event(kind: Kind, step: str = "", *, seq: int = 1, operator: str = "ana", **more: Any) -> Event:
    """Return an event as the journal would give it."""
    at, prev_hash = more.pop("at", AT), more.pop("prev_hash", "0" * 64)
    salt, data_digest = events.salted(more)
    return Event(
        id=events.new_id(),
        runbook="staging/1.0",
        seq=seq,
        kind=kind,
        step=step,
        operator=operator,
        known="declared",
        known_by="env",
        at=at,
        prev_hash=prev_hash,
        data=more,
        salt=salt,
        data_digest=data_digest,
    )


def session_on(key: str = "staging/1.0", operator: str = "ana", *, wait_seconds: float = 10) -> Session:
    """Return a session on a runbook of the project that we stand in."""
    return open_session(find_project(), key, declared(operator, "env"), wait_seconds=wait_seconds)


def registered(*markdown: str, key: str = "staging/1.0", **more: str) -> str:
    """Register a runbook without a file, which needs no papermill, and return its key; `more` is as for `plan_of`."""
    environment, _, release = key.partition("@")[0].partition("/")
    found, made = find_project(), plan_of(*markdown, environment=environment, release=release, **more)
    facts = {
        "key": key,
        "project": found.name,
        "release": made.release,
        "environment": made.environment,
        "template": {"name": "1.0", "parts": []},
        "parameters": made.texts(),
        "plan_digest": made.digest,
        "deployment": {},
        "created_at": events.instant(events.now()),
        "created_by": "ana",
        "version": "0",
    }
    built = Built(content=b"no notebook", facts=facts, plan=made)
    with contextlib.closing(Journal.open(found.journal, create=True)) as journal:
        register(journal, built, declared("ana", "env"))
    return key


class Raw:
    """A connection that goes around nbrunbook, on either engine."""

    def __init__(self, url: str) -> None:
        self.is_sqlite = url.startswith("sqlite:///")
        if self.is_sqlite:
            self.connection: Any = sqlite3.connect(url.removeprefix("sqlite:///"))
        else:
            self.connection = psycopg.connect(url.replace("+psycopg", ""), connect_timeout=5)

    def execute(self, statement: str, values: Sequence[Any] = ()) -> Any:
        """Run one statement whose values stand as question marks."""
        if self.is_sqlite:
            return self.connection.execute(statement, values)
        return self.connection.execute(statement.replace("?", "%s") if values else statement, values or None)

    def without_triggers(self, table: str) -> None:
        """Take a table's triggers away."""
        if not self.is_sqlite:
            self.execute(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
            return
        names = self.execute("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = ?", (table,))
        for (name,) in names.fetchall():
            self.execute(f"DROP TRIGGER {name}")

    def lock(self, key: str = "staging/1.0") -> None:
        """Lock a runbook as somebody who writes does, until the connection is closed."""
        if self.is_sqlite:
            self.connection.rollback()
            self.execute("BEGIN IMMEDIATE")
        else:
            (digest,) = self.execute("SELECT digest FROM runbook WHERE key = ?", (key,)).fetchone()
            self.execute(locking(digest))


REFUSED = (sqlite3.IntegrityError, psycopg.errors.RestrictViolation, psycopg.errors.UniqueViolation)
"""What the engines raise where a trigger or a key says no."""


@contextlib.contextmanager
def raw_journal(*, without: str = "", url: str = "") -> Iterator[Raw]:
    """Yield a connection that goes around nbrunbook, with the triggers of one table dropped."""
    raw = Raw(url or find_project().journal)
    with contextlib.closing(raw.connection):
        if without:
            raw.without_triggers(without)
        yield raw
        raw.connection.commit()


def forget(work: Workplace) -> None:
    """Lose the journal: the file, or all that its database holds."""
    shutil.rmtree(local_state(work.root).journal.parent, ignore_errors=True)
    if find_project().journal.startswith("sqlite"):
        return
    with raw_journal() as raw:
        for name in [each for each in tables.metadata.tables if each != "schema_version"]:
            raw.without_triggers(name)
            raw.execute(f"DELETE FROM {name}")
            raw.execute(f"ALTER TABLE {name} ENABLE TRIGGER ALL")


def rows() -> dict[str, list[Any]]:
    """Return all that the journal holds, to compare before and after."""
    with raw_journal() as raw:
        return {name: sorted(raw.execute(f"SELECT * FROM {name}").fetchall()) for name in tables.metadata.tables}


def listing(root: Path) -> dict[str, bytes]:
    """Return every file below a folder with its bytes, to compare before and after."""
    return {
        path.relative_to(root).as_posix(): path.read_bytes() if path.is_file() else b"a folder"
        for path in sorted(root.rglob("*"))
    }


def with_event(done: Progress, each: Event) -> Progress:
    """Return the progress after one more event."""
    return replay.apply_all(done, [each])


def run_git(root: Path, *arguments: str) -> str:
    """Run git in a folder, as ana whose branches begin at main, and return what it prints."""
    settings = ["-c", "user.name=ana", "-c", "user.email=ana@example.org", "-c", "init.defaultBranch=main"]
    command = ["git", *settings, *arguments]
    return subprocess.run(command, cwd=root, check=True, capture_output=True, encoding="utf-8").stdout


def put(root: Path, **parts: str) -> None:
    """Write Markdown parts: folder__name="text"."""
    for name, text in parts.items():
        path = root / f"{name.replace('__', '/')}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def progress_of(*markdown: str, **more: str) -> Progress:
    """Make a runbook's progress from Markdown, before anything was done but opening it."""
    return with_event(replay.start(plan_of(*markdown, **more)), event("opened"))


def then(done: Progress, *facts: tuple[Kind, str], **more: object) -> Progress:
    """Return the progress after some more events, each a kind and a step."""
    made = [event(kind, step, seq=done.seq + number, **more) for number, (kind, step) in enumerate(facts, 1)]
    return replay.apply_all(done, made)


def clock(now: datetime = AT) -> Clock:
    """Return a clock in UTC, whatever the machine's zone, which leaves out the present year as a terminal's does."""
    return Clock(now=now, zone=UTC)


def why_not(
    done: Progress, kind: Kind, step: str = "", *, operator: str = "ana", now: datetime = AT, given: str = ""
) -> str | None:
    """Return why an event may not follow now; None where it may."""
    found, who = done.plan.by_id[step] if step else None, declared(operator, "env")
    return rules.refusal(done, Attempt(kind=kind, step=found, operator=who, clock=clock(now), evidence=given))


def kinds(*markdown: str, **given_: str) -> Plan:
    """Return the plan of a template with the parameters `kind` and `x`."""
    return plan_of(*markdown, declare=KIND_AND_X, **given_)


def parameter_of(source: str) -> Parameter:
    """Return the only parameter that a source declares."""
    found, faults = declarations.read(source)
    assert not faults
    return found[0]


def all_ticked(key: str) -> Session:
    """Return ana's session on a runbook of TELL_PEOPLE in which she ticked everything."""
    session = session_on(key)
    session.append("ticked", "mail", data={"note": "sent at noon"})
    session.append("ticked", "board", data={"evidence": "https://board.example.com"})
    return session


def fault_of(path: Path) -> str:
    """Return what is wrong with a record; nothing where it holds."""
    return verify.verify(path).fault or ""


def runbook_file(work: Workplace, key: str = "staging/1.0") -> dict[str, Any]:
    """Return a runbook's file, as JSON."""
    found: dict[str, Any] = json.loads((work.root / "runbooks" / f"{key}.ipynb").read_text(encoding="utf-8"))
    return found
