"""Runbooks with a batch over SQLite databases, with real runners: what several tests begin, end and look at."""

from __future__ import annotations

import os
import signal
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress

import pytest

from nbrunbook.automation import batch_traces, lock
from nbrunbook.journal import runners
from nbrunbook.runbook.board import DatabaseStatus
from tests.conftest import PARAMETERS, ROOT, Workplace
from tests.making import session_on
from tests.running import wait_for

NAMES = ("eu", "us", "ap")
ROWS = 250
DECLARED = f"from nbrunbook import batch\n{PARAMETERS}"
STEPS = "- [ ] Fill {#fill}\n- [ ] Remove the old column {#remove after=fill}\n"
CODE = """import os, pathlib, time
from sqlalchemy import text

fill = batch("fill", databases=[DATABASES], batch_size=20, target="20ms"MORE)

@fill.fetch
def _(db, cursor, batch_size):
    rows = db.execute(text("SELECT id, title FROM item WHERE id > :after ORDER BY id LIMIT :size"),
                      {"after": cursor or 0, "size": batch_size}).all()
    return (rows, rows[-1].id) if rows else None

def waits_at(row):
    try:
        return row > int(pathlib.Path("slow").read_text() or 0)
    except FileNotFoundError:
        return False

@fill.process
def _(db, rows):
    if pathlib.Path("worker").exists():
        with open("worker", "a") as file:
            file.write(f"{os.getpid()}\\n")
    for row in rows:
        if row.title == "bad":
            raise ValueError(f"no slug of {row.title}")
        db.execute(text("UPDATE item SET slug = lower(title), count = count + 1 WHERE id = :id"), {"id": row.id})
    while waits_at(rows[-1].id):
        time.sleep(0.01)

@fill.left
def _(db):
    return db.scalar(text("SELECT count(*) FROM item WHERE count = 0"))
"""


def make_batch(
    work: Workplace, *, names: Sequence[str] = NAMES, rows: int = ROWS, more: str = "", code: str = ""
) -> Workplace:
    """Make databases of some rows, each with a title and no slug, and a runbook whose batch fills it."""
    table = "\n".join(f'{name} = "sqlite:///data/{name}.db"' for name in names)
    (work.root / "pyproject.toml").write_text(
        f'[project]\nname = "shop"\n[tool.nbrunbook]\n[tool.nbrunbook.databases]\n{table}\n', encoding="utf-8"
    )
    (work.root / "data").mkdir()
    for name in names:
        with closing(sqlite3.connect(work.root / "data" / f"{name}.db")) as database, database:
            database.execute("CREATE TABLE item (id INTEGER PRIMARY KEY, title TEXT, slug TEXT, count INTEGER)")
            titles = ((f"Title {number}", None, 0) for number in range(rows))
            database.executemany("INSERT INTO item (title, slug, count) VALUES (?, ?, ?)", titles)
    template = work.template(STEPS, parameters=DECLARED, code=filled(code or CODE, names=names, more=more))
    assert work.run("instantiate", template, "-e", "staging") == 0, work.err
    return work


def filled(code: str, *, names: Sequence[str] = NAMES, more: str = "") -> str:
    """Return the code of a batch over some databases."""
    return code.replace("DATABASES", ", ".join(map(repr, names))).replace("MORE", more)


@pytest.fixture
def batched(work: Workplace, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workplace]:
    """A runbook with a batch over three databases; what is left of its runners is ended."""
    monkeypatch.setenv("PYTHONPATH", f"{ROOT / 'src'}:{ROOT}")
    yield make_batch(work)
    end_runners(work)


def end_runners(work: Workplace) -> None:
    """End what is left of a batch's runners, by their own ids."""
    (work.root / "slow").unlink(missing_ok=True)
    for folder in work.root.rglob("*nbrunbook/runs/*"):
        for pid in lock.holders(folder) if not lock.is_free(folder) else ():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        wait_for(lambda folder=folder: lock.is_free(folder))


def counts(work: Workplace, name: str) -> dict[int, int]:
    """Return how many rows of a database were changed how often."""
    with closing(sqlite3.connect(work.root / "data" / f"{name}.db")) as database:
        found = database.execute("SELECT count, count(*) FROM item GROUP BY count").fetchall()
    return dict(found)


def set_title(work: Workplace, name: str, row: int, title: str) -> None:
    """Let a row be one that is refused, called bad, or mend it."""
    with closing(sqlite3.connect(work.root / "data" / f"{name}.db")) as database, database:
        database.execute("UPDATE item SET title = ? WHERE id = ?", (title, row))


def board_now() -> tuple[DatabaseStatus, ...]:
    """Return the board of the batch's run as the journal has it."""
    session = session_on()
    run = session.progress.of("fill").run
    return runners.board(session.journal, run.id) if run else ()


def runner_rows() -> tuple[runners.RunnerRow, ...]:
    """Return the runners of the batch's run."""
    session = session_on()
    run = session.progress.of("fill").run
    return batch_traces.runners_of(session, run.id) if run else ()
