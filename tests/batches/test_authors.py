"""What authors' code does besides: connections of its own, errors in cleanup, rivals."""

from __future__ import annotations

import random
import threading
from typing import Any

import pytest
import sqlalchemy as sa

from nbrunbook.batches.orders import Orders
from nbrunbook.batches.work import work
from tests.batches.conftest import Make
from tests.batches.filling import Data, course_of, filling, job_of, to_the_end


def test_an_error_in_cleanup_is_the_row_s(data: Data) -> None:
    """What is raised last counts; the chunk is halved down to it, and nothing of that row stays."""

    def cleans_up(db: Any, number: int) -> None:
        try:
            with db.begin_nested():
                db.exec_driver_sql("UPDATE item SET n = n + 100 WHERE id = 1")
                if number == 6:
                    raise ValueError("no 6")
                db.exec_driver_sql("UPDATE item SET n = n - 100 WHERE id = 1")
        finally:
            if number == 6:
                raise RuntimeError("and no cleanup")

    status = to_the_end(course_of(data, filling(each=cleans_up), on_error="quarantine"))
    assert (status.done, status.quarantined) == (19, 1)
    assert data.counts() == {0: 1, 1: 19}


@pytest.mark.parametrize("then", ["", "BEGIN", "BEGIN; nonsense"])
def test_what_was_committed_before_an_error_is_not_halved(data: Data, then: str) -> None:
    """It stops there: rows that `process` has committed by itself would be changed again."""

    def commits(db: Any, number: int) -> None:
        if number == 3:
            for each in ("COMMIT", *filter(None, then.split("; "))):
                db.exec_driver_sql(each)
            raise ValueError("no 3")

    status = to_the_end(course_of(data, filling(each=commits)))
    assert "transaction was ended within it" in status.error
    assert data.counts() == {0: 18, 1: 2}


@pytest.mark.database
@pytest.mark.parametrize("make", ["postgresql"], indirect=True)
def test_a_connection_of_its_own_is_its_own_matter(data: Data) -> None:
    """What it commits there stays when the chunk fails: at least once, while the rows are changed once."""
    data.run("CREATE TABLE seen (id INTEGER)")
    failed: list[int] = []

    def elsewhere(_: Any, number: int) -> None:
        data.run(f"INSERT INTO seen VALUES ({number})")
        if number == 8 and not failed:
            failed.append(number)
            raise ConnectionError("lost")

    assert to_the_end(course_of(data, filling(each=elsewhere))).state == "done"
    assert data.counts() == data.once
    assert data.run("SELECT count(*) FROM seen WHERE id = 7") == [(2,)]


@pytest.mark.parametrize("make", ["sqlite"], indirect=True)
def test_one_that_waits_for_its_own_chunk_holds(make: Make) -> None:
    """On SQLite another connection cannot write within a chunk: it holds, and the words say what is locked."""
    data = make()
    own = sa.create_engine(data.url, connect_args={"timeout": 0.02}, poolclass=sa.pool.NullPool)

    def elsewhere(_: Any, number: int) -> None:
        with own.begin() as db:
            db.exec_driver_sql("UPDATE item SET n = n + 1 WHERE id = 1")

    course = course_of(data, filling(each=elsewhere))
    course.step()
    assert course.status.state == "holding"
    assert "database is locked" in course.status.hold
    course.leave()
    assert data.counts() == {0: 20}


def test_too_many_refused_rows_stop_all(make: Make) -> None:
    """max_errors is of all databases together: the one that goes on is stopped, too, before its next chunk."""
    places = [make("eu", rows=10), make("us", rows=400)]
    told: dict[str, str] = {}
    job = job_of(*places, on_error="quarantine", max_errors=1, batch_size=2)
    work(job, filling(refuses=[1, 2]), Orders(size=2), lambda each: told.update({each.name: each.error}), workers=2)
    assert all("more than max_errors=1" in each for each in told.values())
    assert places[1].counts().get(1, 0) < 400


def test_rows_that_another_runner_had_refused_count(data: Data) -> None:
    """What it said stands in the journal, and comes with the orders."""
    orders = Orders(size=5, refused=2)
    status = to_the_end(course_of(data, filling(), orders=orders, on_error="quarantine", max_errors=1))
    assert (status.state, status.error) == ("stopped", "2 rows are refused, more than max_errors=1")


@pytest.mark.database
@pytest.mark.parametrize("make", ["postgresql"], indirect=True)
@pytest.mark.parametrize(
    ("rows", "writers"), [(60, 2), pytest.param(2000, 6, marks=(pytest.mark.faults, pytest.mark.whole))]
)
def test_competing_writers(rows: int, writers: int, make: Make) -> None:
    """Deadlocks and lock timeouts on both sides: each row is changed once by us, and theirs are all there."""
    data = make(rows=rows)
    data.run("ALTER TABLE item ADD COLUMN m INTEGER NOT NULL DEFAULT 0")
    over, theirs, lock = threading.Event(), [0], threading.Lock()

    def writes(seed: int) -> None:
        chance = random.Random(seed)
        while not over.is_set():
            pair = chance.sample(range(1, rows + 1), 2)
            try:
                with data.engine.begin() as db:
                    db.exec_driver_sql("SET LOCAL lock_timeout = '50ms'; SET LOCAL deadlock_timeout = '5ms'")
                    for each in pair:
                        db.exec_driver_sql(f"UPDATE item SET m = m + 1 WHERE id = {each}")
            except sa.exc.OperationalError:
                continue
            with lock:
                theirs[0] += 2

    rivals = [threading.Thread(target=writes, args=(seed,)) for seed in range(writers)]
    for each in rivals:
        each.start()
    fast = filling(each=lambda db, _: db.exec_driver_sql("SET LOCAL deadlock_timeout = '5ms'"))
    work(job_of(data, batch_size=20), fast, Orders(), lambda _: None)
    over.set()
    for each in rivals:
        each.join()
    assert data.counts() == data.once
    assert data.run("SELECT sum(m) FROM item")[0][0] == theirs[0]
