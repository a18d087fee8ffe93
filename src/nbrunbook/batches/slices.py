"""Slices: a few seconds of a batch in one database, for executors; and what its cursors say, without a runner."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from nbrunbook.batches import cursor
from nbrunbook.batches.course import Course
from nbrunbook.batches.data import opened
from nbrunbook.batches.definition import Batch
from nbrunbook.batches.faults import told
from nbrunbook.batches.job import Job
from nbrunbook.batches.orders import Orders
from nbrunbook.project.databases import Database
from nbrunbook.runbook.board import DatabaseState, DatabaseStatus

MOST_SECONDS = 5.0
MOST_AT_ONCE = 16
"""How many databases are asked at the same time: one that is away answers after many seconds."""


def run_slice(
    job: Job,
    code: Batch,
    database: str,
    seconds: float = MOST_SECONDS,
    *,
    orders: Orders | None = None,
    refused_elsewhere: int = 0,
) -> DatabaseStatus:
    """Go through one database for some seconds, and give it back; return where it stands.

    It ends early where it is at its end, holds, or is somebody else's. `refused_elsewhere` are the rows that are
    quarantined in the other databases, for `max_errors`.
    """
    course = Course(job, code, job.named(database), orders or Orders(), lambda _: None)
    course.refused_elsewhere = lambda: refused_elsewhere
    until = time.monotonic() + min(seconds, MOST_SECONDS)
    try:
        while not course.is_over and time.monotonic() < until:
            course.step()
            if course.next_at:
                break
    finally:
        course.leave()
    return course.status


def status_of(job: Job) -> list[DatabaseStatus]:
    """Return where each database stands, as its cursor says; one that cannot be reached says so in its `error`."""
    with ThreadPoolExecutor(MOST_AT_ONCE) as pool:
        return list(pool.map(partial(_status, job), job.databases))


def _status(job: Job, database: Database) -> DatabaseStatus:
    try:
        store = opened(database, repeatable=job.repeatable)
        try:
            row = cursor.read(store, cursor.mark_of(job, database.name))
            is_held = row is not None and row.runner != "" and (row.lease_until or 0) > cursor.clock_of(store)
        finally:
            store.db.close()
        at_least_once = not store.is_fenced
    except Exception as error:
        return DatabaseStatus(name=database.name, error=told(error))
    if row is None:
        return DatabaseStatus(name=database.name, batch_size=job.batch_size, at_least_once=at_least_once)
    state: DatabaseState = "done" if row.state == "done" else "stopped" if row.state == "stopped" else "waiting"
    if state == "waiting" and is_held:
        state = "holding" if row.hold else "running"
    return DatabaseStatus(
        name=database.name,
        state=state,
        done=row.done,
        left=row.left_rows,
        rate=row.rate if state == "running" else None,
        batch_size=row.batch_size,
        hold=row.hold if state == "holding" else "",
        since=row.since if state in ("holding", "stopped") else "",
        error=row.error,
        quarantined=row.quarantined,
        runner=row.runner if is_held and state in ("holding", "running") else "",
        at_least_once=at_least_once,
    )
