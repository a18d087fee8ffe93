"""What must hold of the cursor: a test asks it of what we have, and another one of each mutant."""

from __future__ import annotations

import contextlib
import itertools
from typing import Any

from tests.batches.filling import Data, course_of, filling, to_the_end


class KilledError(BaseException):
    """Stands for kill -9: nothing of ours catches it to go on."""


def lease_ends(data: Data) -> None:
    """Let every lease be over."""
    data.run("UPDATE nbrunbook_cursor SET lease_until = 0")


def the_one_who_lost_it_changes_nothing(data: Data) -> None:
    """Frozen between chunks, another one takes over, the first wakes up: it does not go on."""
    first, second = course_of(data, filling(), runner="one"), course_of(data, filling(), runner="two")
    first.step()
    lease_ends(data)
    second.step()
    assert data.counts() == {0: 10, 1: 10}
    first.step()
    assert data.counts() == {0: 10, 1: 10}
    to_the_end(second)
    assert data.counts() == data.once
    second.leave()


def nobody_takes_over_within_a_chunk(data: Data) -> None:
    """Frozen after the position was read and before the first write, beyond the lease: its row is still locked."""
    second = course_of(data, filling(), runner="two")
    seen: list[int] = []

    def meanwhile(_: Any, number: int) -> None:
        if not seen:
            seen.append(number)
            lease_ends_elsewhere(data)
            second.step()

    first = course_of(data, filling(each=meanwhile), runner="one")
    first.step()
    assert seen == [1]
    second.leave()
    lease_ends(data)
    to_the_end(course_of(data, filling(), runner="three"))
    assert data.counts() == data.once


def lease_ends_elsewhere(data: Data) -> None:
    """Let the lease be over where its row is not locked."""
    with data.engine.begin() as db:
        locked = " FOR UPDATE SKIP LOCKED" if db.dialect.name == "postgresql" else ""
        found = db.exec_driver_sql(f"SELECT generation FROM nbrunbook_cursor{locked}").all()
        if found and locked:
            db.exec_driver_sql("UPDATE nbrunbook_cursor SET lease_until = 0")


def a_lost_answer_repeats_nothing(data: Data) -> None:
    """COMMIT went through, and the connection broke before its answer came: the cursor is read again."""
    course = course_of(data, filling())
    course.step()
    store = course.grip.store
    assert store is not None
    move = store.move

    def lost(*arguments: Any) -> None:
        move(*arguments)
        raise ConnectionResetError("the answer was lost")

    store.move = lost  # type: ignore[method-assign]
    course.step()
    assert course.status.state == "holding"
    assert to_the_end(course).done == 20
    assert data.counts() == data.once


def a_long_chunk_keeps_its_lease(data: Data) -> None:
    """A chunk that took longer than a lease is followed by a whole one: by the clock, not by when it began."""
    lease = 0.3

    def slowly(db: Any, number: int) -> None:
        db.exec_driver_sql("SELECT pg_sleep(0.1)")

    first = course_of(data, filling(each=slowly), lease_seconds=lease, runner="one")
    first.step()
    clock = (
        "EXTRACT(EPOCH FROM clock_timestamp())" if "postgres" in data.url else "(julianday('now') - 2440587.5) * 86400"
    )
    assert data.run(f"SELECT lease_until > {clock} FROM nbrunbook_cursor")[0][0]
    first.leave()


def a_commit_within_a_chunk_is_refused(data: Data) -> None:
    """Whatever way an author's code ends the transaction, and begins another one: it stops, in words."""

    def commits(db: Any, number: int) -> None:
        if number == 3:
            db.exec_driver_sql("COMMIT")
            db.exec_driver_sql("BEGIN")

    course = course_of(data, filling(each=commits))
    status = to_the_end(course)
    assert status.state == "stopped"
    assert "transaction was ended within it" in status.error


class Dying:
    """A driver's connection or cursor that is cut before the statement of a number."""

    def __init__(self, driver: Any, numbers: Any, last: int) -> None:
        self._own, self._numbers, self._last = driver, numbers, last

    def __getattr__(self, name: str) -> Any:
        """Be the driver in all else."""
        return getattr(self._own, name)

    @property
    def pgconn(self) -> Any:
        """Cut libpq's, too."""
        return Dying(self._own.pgconn, self._numbers, self._last)

    def exec_(self, *arguments: Any) -> Any:
        """Send a message, or be cut."""
        if next(self._numbers) >= self._last:
            raise KilledError
        return self._own.exec_(*arguments)

    def execute(self, *arguments: Any, **more: Any) -> Any:
        """Run a statement, or be cut."""
        if next(self._numbers) >= self._last:
            raise KilledError
        return self._own.execute(*arguments, **more)


def no_moment_is_bad_for_a_kill(data: Data) -> None:
    """Cut before any statement of ours in a chunk, rows and cursor tell the same: both moved, or neither."""
    for last in range(8):
        course = course_of(data, filling(), runner=f"runner {last}", batch_size=1)
        numbers = itertools.count()
        course.step()
        store: Any = course.grip.store
        if course.is_over or store is None:
            break
        store._driver = Dying(store._driver, numbers, last)
        if hasattr(store, "_cursor"):
            store._cursor = Dying(store._cursor, numbers, last)
        with contextlib.suppress(KilledError):
            course.step()
        store.db.invalidate()
        changed = data.run("SELECT count(*) FROM item WHERE n = 1")[0][0]
        said = data.run("SELECT done, position FROM nbrunbook_cursor")[0]
        assert (changed, str(changed)) == (said[0], said[1])
        lease_ends(data)
    assert data.counts().keys() <= {0, 1}
