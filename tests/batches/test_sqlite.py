"""SQLite: the file that is there, and its lock."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from nbrunbook.batches import slices
from nbrunbook.project.databases import Database
from tests.batches.conftest import Make
from tests.batches.filling import Data, course_of, filling, job_of, to_the_end

SQLITE = pytest.mark.parametrize("make", ["sqlite"], indirect=True)


@SQLITE
def test_no_file_is_made(data: Data, tmp_path: Path) -> None:
    """Where none is, it holds and says so: a mistyped path is no empty database."""
    absent = tmp_path / "absent.db"
    job = job_of(data)
    course = course_of(data, filling())
    course.grip.database = Database(name="us", url=f"sqlite:///{absent}")
    course.step()
    assert course.status.state == "holding"
    assert f"no file {absent}" in course.status.hold
    assert not absent.exists()
    assert slices.status_of(job)[0].state == "waiting"


@SQLITE
def test_a_file_that_may_only_be_read_holds(make: Make) -> None:
    """It is no row's fault, and goes on by itself once it may be written to."""
    data = make()
    course = course_of(data, filling())
    course.step()
    store: Any = course.grip.store
    store._driver.execute("PRAGMA query_only = ON")
    course.step()
    assert course.status.state == "holding"
    assert to_the_end(course).state == "done"
    assert data.counts() == data.once


@SQLITE
def test_an_author_who_goes_on_after_a_rollback_is_refused(data: Data) -> None:
    """A trigger that rolls all back leaves no transaction: what is written after it would stand by itself."""
    data.run("CREATE TRIGGER no BEFORE UPDATE ON item WHEN new.id = 3 BEGIN SELECT RAISE(ROLLBACK, 'no'); END")

    def swallows(db: Any, number: int) -> None:
        if number == 3:
            try:
                db.exec_driver_sql("UPDATE item SET n = n + 1 WHERE id = 3")
            except Exception:
                data.run("DROP TRIGGER no")

    status = to_the_end(course_of(data, filling(each=swallows)))
    assert (status.state, status.done) == ("stopped", 0)
    assert "ended within it" in status.error


@SQLITE
def test_other_writers_are_let_in(data: Data, monkeypatch: pytest.MonkeyPatch) -> None:
    """Now and then, long enough for one that looks every tenth of a second; it costs a fortieth."""
    monkeypatch.setattr("nbrunbook.batches.course.BREATHE_SECONDS", -1.0)
    course = course_of(data, filling())
    begun = time.monotonic()
    course.step()
    assert course.next_at > begun + 0.1
    assert course.status.state == "running"
    assert to_the_end(course).state == "done"


@SQLITE
def test_a_file_that_is_replaced_is_opened_again(data: Data, tmp_path: Path) -> None:
    """A backup that is restored meanwhile has its rows and its cursor: it goes on there, where it is seen."""
    course = course_of(data, filling())
    course.step()
    path = tmp_path / "eu.db"
    path.with_suffix(".backup").write_bytes(path.read_bytes())
    course.step()
    path.with_suffix(".backup").replace(path)
    assert data.counts() == {0: 15, 1: 5}
    course.step()
    assert "deleted or replaced" in course.status.hold
    assert to_the_end(course).state == "done"
    assert data.counts() == data.once
