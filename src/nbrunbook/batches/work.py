"""The work on a batch in one process: threads that go through its databases until all of them are at their end."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence

from nbrunbook.batches.course import Course
from nbrunbook.batches.definition import Batch
from nbrunbook.batches.job import Job
from nbrunbook.batches.orders import Orders
from nbrunbook.runbook.board import DatabaseStatus

TURN_SECONDS = 5.0
"""How long a worker stays with one database while another one waits that was begun."""
NAP_SECONDS = 0.1


def work(job: Job, code: Batch, orders: Orders, tell: Callable[[DatabaseStatus], None], *, workers: int = 1) -> None:
    """Go through all databases; return when each is done or stopped, by whomever, or when it is to stop.

    `tell` is called by any worker's thread, with each change, and twice a second while rows are done.
    """
    crew = Crew([Course(job, code, each, orders, tell) for each in job.databases], orders)
    threads = [threading.Thread(target=crew.work, daemon=True, name=f"worker-{at}") for at in range(max(1, workers))]
    for each in threads:
        each.start()
    try:
        for each in threads:
            while each.is_alive():
                each.join(NAP_SECONDS)
    except BaseException:
        orders.stopping = True
        raise
    if crew.bug is not None:
        raise crew.bug


class Crew:
    """The workers of one process, and whose turn each course is."""

    def __init__(self, courses: Sequence[Course], orders: Orders) -> None:
        self.courses, self.orders = courses, orders
        self.bug: BaseException | None = None
        self._busy: set[int] = set()
        self._lock = threading.Lock()
        self._seen = self._wanted()
        for each in courses:
            each.refused_elsewhere = lambda me=each: sum(o.row.quarantined for o in courses if o is not me and o.row)  # type: ignore[misc]

    def work(self) -> None:
        """Be one worker."""
        try:
            while self.bug is None and not self.orders.stopping:
                at = self._next()
                if at is not None:
                    self._go(at)
                elif all(each.is_over for each in self.courses):
                    break
                else:
                    time.sleep(NAP_SECONDS / 2)
        except BaseException as error:
            self.bug = error
        finally:
            self._leave()

    def _next(self) -> int | None:
        """Take the course that has waited longest among those begun, else one that was not; None where all wait."""
        with self._lock:
            moment = time.monotonic()
            if self._seen != self._wanted():  # nobody waits for a hold to be over, or a look, to follow
                self._seen = self._wanted()
                for each in self.courses:
                    each.next_at = 0.0
            ready = [
                at
                for at, each in enumerate(self.courses)
                if at not in self._busy and not each.is_over and each.next_at <= moment
            ]
            at = min(ready, key=lambda at: (not self.courses[at].is_ours, self.courses[at].next_at), default=None)
            if at is not None:
                self._wake()
                self._busy.add(at)
            return at

    def _wake(self) -> None:
        """Say of those that nobody is at that nothing holds them any more; it may be long until it is their turn."""
        for at, each in enumerate(self.courses):
            if at not in self._busy:
                each.wake()

    def _go(self, at: int) -> None:
        course, until = self.courses[at], time.monotonic() + TURN_SECONDS
        try:
            while True:
                course.step()
                if course.is_over or course.next_at or self.orders.stopping:
                    break
                if time.monotonic() > until and self._is_waited_for():
                    break
        finally:
            if self.orders.stopping:
                course.leave()
            with self._lock:
                self._busy.discard(at)

    def _wanted(self) -> tuple[bool, str, int | None]:
        return self.orders.paused, self.orders.hold, self.orders.size

    def _is_waited_for(self) -> bool:
        moment = time.monotonic()
        return any(
            each.is_ours and 0 < each.next_at <= moment and at not in self._busy for at, each in enumerate(self.courses)
        )

    def _leave(self) -> None:
        """Give back what nobody works on."""
        with self._lock:
            free = [each for at, each in enumerate(self.courses) if at not in self._busy]
        for each in free:
            each.leave()
