"""Runbooks with a batch over SQLite databases: what several tests begin, hold, end and look at."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest

from nbrunbook.errors import JournalBrokenError
from nbrunbook.journal import runners
from tests.conftest import PARAMETERS, ROOT, Workplace
from tests.making import session_on
from tests.running import KEY, wait_for

STEPS = "- [ ] Fill {#fill}\n- [ ] Look {#look after=fill}\n- [ ] Manual {#manual after=fill}\n"
DECLARED = f"from nbrunbook import batch, check\n{PARAMETERS}\ndatabases: list[str] = ['eu', 'us']"
CODE = """import pathlib, time
from sqlalchemy import text

fill = batch("fill", databases=databases, batch_size=10, target="200ms", on_error="quarantine")

@fill.fetch
def _(db, cursor, batch_size):
    query = text("SELECT id FROM product WHERE id > :after ORDER BY id LIMIT :size")
    rows = [row.id for row in db.execute(query, {"after": cursor or 0, "size": batch_size})]
    return (rows, rows[-1]) if rows else None

@fill.process
def _(db, rows):
    for row in rows:
        while pathlib.Path("slow").exists() and row > 5:
            time.sleep(0.01)
        if pathlib.Path("odd").exists() and row == 7:
            raise ValueError("row 7 has no title")
        db.execute(text("UPDATE product SET times = times + 1 WHERE id = :row"), {"row": row})

@fill.left
def _(db):
    return db.scalar(text("SELECT count(*) FROM product WHERE times = 0"))

@check("look")
def look():
    return "looked"
"""


@pytest.fixture
def shop(work: Workplace, engine: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workplace]:
    """A runbook with a batch over two databases of 30 rows; what is left of its runs is ended."""
    made(work, monkeypatch, ("eu", "us"))
    yield work
    (work.root / "slow").unlink(missing_ok=True)
    with suppress(JournalBrokenError):
        end_all()


def made(work: Workplace, monkeypatch: pytest.MonkeyPatch, names: tuple[str, ...], rows: int = 30) -> None:
    """Make a project with databases of some rows, and its runbook."""
    monkeypatch.setenv("PYTHONPATH", f"{ROOT / 'src'}:{ROOT}")
    for name in names:
        with closing(sqlite3.connect(work.root / f"{name}.db")) as db, db:
            db.execute("CREATE TABLE product (id INTEGER PRIMARY KEY, times INTEGER NOT NULL DEFAULT 0)")
            db.executemany("INSERT INTO product (id) VALUES (?)", [(at,) for at in range(1, rows + 1)])
    lines = "".join(f'{name} = "sqlite:///{name}.db"\n' for name in names)
    with (work.root / "pyproject.toml").open("a", encoding="utf-8") as file:
        file.write(f"[tool.nbrunbook.databases]\n{lines}")
    declared = DECLARED.replace("['eu', 'us']", repr(list(names)))
    assert work.run("instantiate", work.template(STEPS, parameters=declared, code=CODE), "-e", "staging") == 0, work.err


def times(work: Workplace, name: str) -> list[int]:
    """Return how often each row of a database was changed."""
    with closing(sqlite3.connect(work.root / f"{name}.db")) as db:
        return [each for (each,) in db.execute("SELECT times FROM product ORDER BY id")]


def status_of(work: Workplace) -> dict[str, Any]:
    """Return where the batch stands, as `batch status --json` says."""
    assert work.run("batch", "status", KEY, "fill", "--json") == 0, work.err
    found: dict[str, Any] = json.loads(work.out)
    return found


def begun(work: Workplace, *more: str) -> None:
    """Begin the batch in the background, and wait until it stands in its first chunk."""
    (work.root / "slow").touch()
    assert work.run("run", KEY, "fill", "--background", *more) == 0, work.err
    wait_for(lambda: status_of(work)["state"] == "running")


def end_all() -> None:
    """Kill the runners that are left on this host."""
    session = session_on()
    for rows in runners.of(session.journal, session.runbook).values():
        for each in rows:
            if each.pid and Path(each.folder).exists():
                with suppress(ProcessLookupError):
                    os.kill(each.pid, signal.SIGKILL)
