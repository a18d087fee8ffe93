"""Runners of a batch, begun and looked at by several tests."""

from __future__ import annotations

import sqlite3
from contextlib import closing

from nbrunbook.automation import beginning, joining, lock
from nbrunbook.automation.beginning import Begun
from nbrunbook.project.settings import find_project
from nbrunbook.runbook.events import Event, new_id
from nbrunbook.work import batches
from tests.conftest import Workplace
from tests.filling import NAMES, runner_rows
from tests.making import raw_journal, session_on
from tests.running import wait_for


def begun(work: Workplace, *, workers: int = 3, behind: int = 0) -> Begun:
    """Begin the batch, and wait until it is heard of: chunks behind a row wait for the file slow to go."""
    (work.root / "slow").write_text(str(behind), encoding="utf-8")
    found = joining.run_batch(session_on(), find_project(), "fill", workers=workers)
    wait_for(lambda: [each.pid for each in runner_rows()] == [found.pid] and claimed(work) == min(workers, len(NAMES)))
    return found


def claimed(work: Workplace) -> int:
    """Return how many databases have a cursor that somebody has."""
    found = 0
    for name in NAMES:
        with closing(sqlite3.connect(work.root / "data" / f"{name}.db")) as database:
            if database.execute("SELECT 1 FROM sqlite_master WHERE name = 'nbrunbook_cursor'").fetchone():
                found += database.execute("SELECT count(*) FROM nbrunbook_cursor WHERE runner <> ''").fetchone()[0]
    return found


def in_cursors(work: Workplace, change: str) -> None:
    """Change the cursors of all databases, once nobody writes there."""
    for name in NAMES:
        with closing(sqlite3.connect(work.root / "data" / f"{name}.db", timeout=60)) as database, database:
            database.execute(f"UPDATE nbrunbook_cursor SET {change}")


def orders_are_heard() -> None:
    """Wait until each runner was heard of twice, so that what was asked before has reached its child."""

    def seen() -> set[tuple[str, float]]:
        with raw_journal() as raw:
            return set(raw.execute("SELECT id, seen_at FROM runner").fetchall())

    for _ in range(2):
        before = seen()
        wait_for(lambda before=before: not before & seen())


def go_on(work: Workplace) -> None:
    """Let it go on."""
    (work.root / "slow").unlink()


def ended(found: Begun) -> Event:
    """Follow a run to its end."""
    end = beginning.follow(session_on(), found)
    assert end is not None
    return end


def killed_before_it_worked(work: Workplace) -> Begun:
    """Return a run whose one runner was killed just after it was listed: its folder is there, and its lock is free."""
    session, run = session_on(), new_id()
    folder = work.root / ".nbrunbook" / "runs" / run
    with lock.held(folder):
        batches.begin_or_join(session, "fill", run=run, runner=run, folder=folder, data={})
    return Begun(step="fill", run=run, folder=folder)
