"""A course: holds, and goes on by itself."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest

from nbrunbook.batches import grip as module
from nbrunbook.batches.orders import Orders
from tests.batches.conftest import Make
from tests.batches.filling import Data, course_of, filling, to_the_end
from tests.batches.guards import lease_ends


def fails_once(error: BaseException) -> Any:
    """Return what raises an error at the eighth row, once."""
    left = [error]

    def each(_: Any, number: int) -> None:
        if number == 8 and left:
            raise left.pop()

    return each


@pytest.mark.parametrize("error", [ConnectionError("gone"), MemoryError(), TimeoutError("slow")])
def test_what_is_no_row_s_fault_holds(error: BaseException, data: Data) -> None:
    """It says why and since when, leaves nothing half-done, and goes on once it is over."""
    course = course_of(data, filling(each=fails_once(error)))
    course.step()
    course.step()
    assert course.status.state == "holding"
    assert type(error).__name__ in course.status.hold
    assert course.status.since
    assert to_the_end(course).state == "done"
    assert data.counts() == data.once


@pytest.mark.database
@pytest.mark.parametrize("make", ["postgresql"], indirect=True)
def test_a_deadlock_halves_the_chunk(make: Make) -> None:
    """A competing writer that holds a later row and wants an earlier one: both are done, once."""
    data = make()
    other = data.engine.connect()
    other.exec_driver_sql("UPDATE item SET n = n WHERE id = 4")
    done = threading.Event()

    def wants() -> None:
        with other:
            other.exec_driver_sql("SET deadlock_timeout = '1min'")
            other.exec_driver_sql("UPDATE item SET n = n WHERE id = 1")
            other.commit()
        done.set()

    rival = threading.Thread(target=wants)

    def meets(db: Any, number: int) -> None:
        if number == 4 and not rival.ident:
            rival.start()
            query = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%%id = 1'"
            while not data.run(query.replace("%%", "%"))[0][0]:
                pass
            db.exec_driver_sql("SET LOCAL deadlock_timeout = '10ms'")

    course = course_of(data, filling(each=meets), orders=Orders(), batch_size=8)
    course.step()
    assert "deadlock" in course.status.hold
    assert course.status.batch_size == 4
    assert done.wait(60)
    rival.join()
    assert to_the_end(course).state == "done"
    assert data.counts() == data.once


def test_a_lock_that_does_not_come_free_is_waited_for(data: Data, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody's open transaction holds; it is never aborted for that."""
    course = course_of(data, filling())
    course.step()
    store: Any = course.grip.store
    if store.kind == "sqlite":
        store._driver.execute("PRAGMA busy_timeout = 20")
    else:
        monkeypatch.setattr("nbrunbook.batches.postgres.LOCK_SECONDS", 0.02)
    with data.engine.begin() as db:
        db.exec_driver_sql("UPDATE item SET n = n WHERE id = 7")
        course.step()
        assert course.status.state == "holding"
        assert "lock" in course.status.hold
    assert to_the_end(course).state == "done"
    assert data.counts() == data.once


@pytest.mark.database
@pytest.mark.parametrize("make", ["postgresql"], indirect=True)
def test_a_primary_that_goes_read_only_holds(make: Make) -> None:
    """And goes on when it may be written to again."""
    data = make()
    course = course_of(data, filling())
    course.step()
    store: Any = course.grip.store
    store.execute("SET default_transaction_read_only = on", {})
    course.step()
    assert "read-only" in course.status.hold
    assert to_the_end(course).state == "done"
    assert data.counts() == data.once


@pytest.mark.database
@pytest.mark.parametrize("make", ["postgresql"], indirect=True)
def test_a_cut_connection_is_made_anew(make: Make) -> None:
    """The cursor says where to go on."""
    data = make()

    def cut(db: Any, number: int) -> None:
        if number == 7:
            pid = db.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
            if data.run("SELECT count(*) FROM item WHERE n = -1") == [(0,)] and not cuts:
                cuts.append(pid)
                data.run(f"SELECT pg_terminate_backend({pid})")

    cuts: list[int] = []
    course = course_of(data, filling(each=cut))
    assert to_the_end(course).state == "done"
    assert len(cuts) == 1
    assert data.counts() == data.once


def test_its_own_errors_are_no_row_s(data: Data, monkeypatch: pytest.MonkeyPatch) -> None:
    """A database that cannot be opened holds, with ever longer waits."""
    monkeypatch.setattr(module, "opened", lambda _, **more: (_ for _ in ()).throw(ConnectionRefusedError("refused")))
    course = course_of(data, filling())
    waits = []
    for _ in range(9):
        course.step()
        waits.append(course.next_at)
    assert waits == sorted(waits)
    assert course.status.hold == "ConnectionRefusedError: refused"


def test_one_that_an_earlier_run_has_stopped_is_waited_for(data: Data) -> None:
    """Its runner died before it gave it back: the next run opens it once the lease is over."""
    to_the_end(course_of(data, filling(refuses=[3]), run="1"))
    data.run(f"UPDATE nbrunbook_cursor SET runner = 'gone', lease_until = {time.time() + 30}")
    course = course_of(data, filling(), run="2", runner="two")
    course.step()
    assert not course.is_over
    lease_ends(data)
    assert to_the_end(course).state == "done"
    assert data.counts() == data.once
