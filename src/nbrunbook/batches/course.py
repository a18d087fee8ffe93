"""A course: this process's way through one database, with its connection, its claim, its holds and its end."""

from __future__ import annotations

import time
from collections.abc import Callable

from nbrunbook.batches import calling
from nbrunbook.batches import size as sizes
from nbrunbook.batches.bisecting import halved_chunk
from nbrunbook.batches.calling import FailedError
from nbrunbook.batches.chunk import one_chunk
from nbrunbook.batches.claim import Claim
from nbrunbook.batches.cursor import Row
from nbrunbook.batches.data import is_fenced
from nbrunbook.batches.definition import Batch
from nbrunbook.batches.ending import now
from nbrunbook.batches.faults import HOLDS, Fault, fault_of, told
from nbrunbook.batches.grip import Grip
from nbrunbook.batches.job import Job
from nbrunbook.batches.orders import Orders
from nbrunbook.batches.rate import Rate
from nbrunbook.batches.store import Store
from nbrunbook.errors import NbrunbookError
from nbrunbook.project.databases import Database
from nbrunbook.runbook.board import DatabaseState, DatabaseStatus
from nbrunbook.texts import many

TELL_SECONDS = 0.5
"""How often it is told that rows were done; what changes otherwise is told at once."""
LOOK_SECONDS = 1.0
"""How often one that another runner has is looked at."""
LOOKS_A_SECOND = 30
"""How often that is, at most, for all of them together."""
HOLD_SECONDS = (0.2, 15.0)
"""The first and the longest wait before a held database is tried again."""
BREATHE_SECONDS = 4.0
"""How often others are let in: less than sqlite3's busy timeout."""
THROTTLED_SECONDS = 1.0
"""How often a throttle that holds is asked again."""
REST_SECONDS = 1.0
"""How often one that rests is looked at; whoever gives another order is followed before that."""
Tell = Callable[[DatabaseStatus], None]


class Course:
    """Used by one worker at a time."""

    def __init__(self, job: Job, code: Batch, database: Database, orders: Orders, tell: Tell) -> None:
        self.job, self.code, self.database, self.orders, self._tell = job, code, database, orders, tell
        self.grip = Grip(job, database)
        self.is_over = False
        self.next_at = 0.0
        """When to come again, by the monotonic clock."""
        self.row: Row | None = None
        """The cursor as it was seen last."""
        self.refused_elsewhere: Callable[[], int] = lambda: 0
        self._size = job.batch_size
        self._throttles = {
            wants: [each for each in code.throttles if calling.wants_db(each) == wants] for wants in (False, True)
        }
        self._rate = Rate()
        self._failures = 0
        self._rests = False
        self._since = ""
        self._touched_at = self._told_at = 0.0
        self._breathed_at = time.monotonic()
        self._at_least_once = job.repeatable and not is_fenced(database)
        self.status = DatabaseStatus(name=database.name, batch_size=self._size, at_least_once=self._at_least_once)

    @property
    def is_ours(self) -> bool:
        """Whether it is claimed by this process, as far as is known."""
        return self.grip.generation is not None

    def step(self) -> None:
        """Go through a chunk, or say why not; `next_at` and `is_over` say what comes then."""
        orders = self.orders
        self.next_at = 0.0
        if orders.paused or orders.hold or orders.stopping:
            self._rest("paused" if orders.paused else "holding" if orders.hold else "waiting")
            return
        try:
            if self._is_held(None):
                return
            store = self.grip.open()
            if not self.is_ours and not self._take():
                return
            if not self._has_too_many() and not self._is_held(store):
                self._chunk(store)
        except FailedError as failed:
            self._went_wrong(failed, failed.fault)
        except NbrunbookError as error:  # what an operator can mend meanwhile, such as a table that is not there
            self._went_wrong(error, "code" if fault_of(error) == "code" else "permission")
        except Exception as error:
            self._went_wrong(error, fault_of(error))

    def leave(self) -> None:
        """Give the claim and the connection back. Repeating is safe."""
        self.grip.let_go()

    def wake(self) -> None:
        """Say that it waits, where an order had it rest and does so no more."""
        if self._rests and not (self.orders.paused or self.orders.hold):
            self._rests, self._since = False, ""
            self._say("waiting")

    def _rest(self, state: DatabaseState) -> None:
        self.leave()
        self._rate.forget()
        self.next_at = time.monotonic() + REST_SECONDS
        if self.status.state != state:
            self._since = now()
        self._rests = state != "waiting"
        words = self.orders.pause_words if state == "paused" else self.orders.hold
        self._say(state, hold=words)

    def _take(self) -> bool:
        """Claim it; or see who has it, and whether it is at its end."""
        self.row = self.grip.take()
        if self.row is not None:
            self._size = sizes.within(self.row.batch_size or self.job.batch_size)
            self._say("running")
            return True
        self.row = self.grip.read()
        stopped = self.row is not None and self.row.state == "stopped" and self.job.run in ("", self.row.run)
        if stopped or (self.row is not None and self.row.state == "done"):
            self._end()
        else:
            self.grip.close()
            self.next_at = time.monotonic() + max(LOOK_SECONDS, len(self.job.databases) / LOOKS_A_SECOND)
        return False

    def _has_too_many(self) -> bool:
        """Stop where more rows are refused than may be, in all databases together."""
        most, row = self.job.max_errors, self.row or Row()
        total = 0 if most is None else row.quarantined - row.again + self.refused_elsewhere()
        if not self.job.rerun:  # where those count that are to be tried again
            total = max(total, self.orders.refused)
        if most is None or total <= most:
            return False
        self._stop(f"{many(total, 'row')} are refused, more than max_errors={most}")
        return True

    def _is_held(self, store: Store | None) -> bool:
        """Ask the throttles whether one holds: those that look into the database, or, without a store, the others."""
        for throttle in self._throttles[store is not None]:
            why = calling.asked(throttle, store.db if store else None)
            if why:
                self._hold(why, wait=THROTTLED_SECONDS)
                return True
        return False

    def _chunk(self, store: Store) -> None:
        claim = Claim(
            store=store, mark=self.grip.mark, generation=self.grip.generation or 0, job=self.job, code=self.code,
            refused_elsewhere=self.refused_elsewhere,
        )  # fmt: skip
        wanted = self.orders.size or self._size
        size = min(wanted, self._size) if self._failures else wanted
        begun = time.monotonic()
        try:
            found = one_chunk(claim, size, self._rate.value)
        except FailedError as failed:
            if failed.fault != "row" or failed.name != "process":
                raise
            found = halved_chunk(claim, size, self._rate.value)
            begun = 0.0  # says nothing of how long a chunk takes
        if found is None:
            self.grip.generation = None
            return
        self.row, rows = found
        ended = time.monotonic()
        self._failures, self._since = 0, ""
        if begun and rows:
            self._size = sizes.next_size(size, rows, ended - begun, self.job.target_seconds)
        self._rate.note(ended, self.row.done)
        if store.breath_seconds and ended - self._breathed_at > BREATHE_SECONDS:
            self._breathed_at, self.next_at = ended, ended + store.breath_seconds
        if self.row.state != "open":
            self._end()
        elif ended - self._told_at >= TELL_SECONDS or self.status.state != "running":
            self._say("running")

    def _end(self) -> None:
        """It is done, or stopped, by whomever."""
        assert self.row is not None  # noqa: S101
        self.leave()
        self.is_over = True
        self._say("done" if self.row.state == "done" else "stopped")

    def _went_wrong(self, error: BaseException, fault: Fault) -> None:
        words = self.code.mask(str(error) if isinstance(error, FailedError | NbrunbookError) else told(error))
        if fault == "connection":
            self.grip.throw_away(error.error if isinstance(error, FailedError) else error)
        if fault in HOLDS or fault == "transient":
            if fault == "transient":
                self._size = sizes.halved(self._size)
            self._hold(f"{words}{self.grip.rival()}" if fault == "transient" else words)
            return
        self._stop(words)

    def _stop(self, words: str) -> None:
        """Write down that it stops, and why."""
        try:
            row = self.grip.stop(words, self.row)
        except Exception as error:  # said as soon as it can be: the chunk fails again
            self.grip.throw_away()
            self._hold(f"{words}; and {told(error)}")
            return
        if row is not None:
            self.row = row
            self._end()

    def _hold(self, words: str, *, wait: float | None = None) -> None:
        """Wait, say why and since when, and stay the one who has it; the connection goes back for so long."""
        words = self.code.mask(words)
        self._since = self._since or now()
        if wait is None:
            self._failures += 1
            first, longest = HOLD_SECONDS
            wait = min(longest, first * 2 ** min(self._failures - 1, 10))
        self._rate.forget()
        self.next_at = time.monotonic() + wait
        is_news = self.status.state != "holding"
        self._say("holding", hold=words)
        if is_news or time.monotonic() - self._touched_at > self.job.lease_seconds / 3:
            self._touched_at = time.monotonic()
            self.grip.touch(words, self._since)
        self.grip.close()

    def _say(self, state: DatabaseState, *, hold: str = "") -> None:
        row = self.row or Row()
        is_at_end = state in ("done", "stopped")
        new = DatabaseStatus(
            name=self.database.name,
            state=state,
            done=row.done,
            left=row.left_rows,
            rate=self._rate.value if state == "running" else None,
            batch_size=self.orders.size or self._size,
            hold=hold,
            since=row.since if is_at_end else self._since if hold else "",
            error=row.error,
            quarantined=row.quarantined,
            runner="" if is_at_end or not self.is_ours else self.job.runner,
            at_least_once=self._at_least_once,
        )
        if new != self.status:
            self.status = new
            self._told_at = time.monotonic()
            self._tell(new)
