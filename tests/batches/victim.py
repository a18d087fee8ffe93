"""A runner of its own process that stands still at a named point, to be killed, frozen or cut off there."""

from __future__ import annotations

import contextlib
import multiprocessing
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from multiprocessing.connection import Connection
from typing import Any

from nbrunbook.batches import cursor
from nbrunbook.batches.course import Course
from nbrunbook.batches.job import Job, job_from_json
from nbrunbook.batches.orders import Orders
from nbrunbook.batches.postgres import Postgres
from nbrunbook.batches.sqlite import Sqlite
from nbrunbook.batches.work import work
from tests.batches.filling import filling

POINTS = (
    *("before the claim", "after the fence", "after the read", "in process", "before the move", "at COMMIT"),
    *("between chunks", "in a hold", "in bisecting", "in a rerun"),
)
REFUSED = 9
"""The row that is refused where a chunk is to be halved."""
processes = multiprocessing.get_context("forkserver")
processes.set_forkserver_preload(["tests.batches.victim"])


def main(parent: Connection, job: str, point: str) -> None:
    """Work, and stand still once at the point until the parent says go on."""
    reached: list[int] = []

    def here(at: str, times: int = 1) -> None:
        if at == point:
            reached.append(1)
            if len(reached) == times:
                parent.send("here")
                parent.recv()

    run(job_from_json(job), here)
    parent.send("over")


def run(job: Job, here: Callable[..., None]) -> None:
    """Work with a hook at each point."""

    def each(_: Any, number: int) -> None:
        if number == 8:
            here("in process")
        if number == REFUSED:
            here("in bisecting", 2)
            here("in a rerun")

    refuses = [REFUSED] if job.on_error == "quarantine" and not job.rerun else []
    code = filling(each=each, refuses=refuses)
    code.throttles = (lambda db: here("in a hold", 2),)
    fetch = code.fetch_function
    assert fetch

    def read(*arguments: Any) -> Any:
        found = fetch(*arguments)
        here("after the read", 2)
        return found

    code.fetch_function = read
    cursor.claim = hooked(cursor.claim, before=lambda: here("before the claim"))
    for store in (Postgres, Sqlite):
        store.fence = hooked(store.fence, after=lambda: here("after the fence", 2))  # type: ignore[method-assign]
        store.move = hooked(  # type: ignore[method-assign]
            store.move, before=lambda: here("before the move", 2), after=lambda: here("at COMMIT", 2)
        )
    Course.step = hooked(Course.step, after=lambda: here("between chunks", 2))  # type: ignore[method-assign]
    work(job, code, Orders(size=job.batch_size), lambda _: None, workers=len(job.databases))


def hooked(function: Any, *, before: Any = None, after: Any = None) -> Any:
    """Return a function that calls another one before itself, or after."""

    @wraps(function)
    def calling(*arguments: Any, **more: Any) -> Any:
        if before:
            before()
        found = function(*arguments, **more)
        if after:
            after()
        return found

    return calling


@contextmanager
def victim(job: Job, point: str) -> Iterator[tuple[int, Connection]]:
    """Yield the process id of a runner and the pipe to it; it is ended in any case."""
    ours, theirs = processes.Pipe()
    child = processes.Process(target=main, args=(theirs, job.to_json(), point), daemon=True)
    child.start()
    theirs.close()
    try:
        assert child.pid
        yield child.pid, ours
    finally:
        with contextlib.suppress(ProcessLookupError):
            child.kill()
        child.join()
        ours.close()
