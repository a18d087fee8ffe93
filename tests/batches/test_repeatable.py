"""Other databases, where a chunk may be done twice: SQLite stands for them, by SQLAlchemy's own ways."""

from __future__ import annotations

import pytest
from sqlalchemy.dialects import mysql, oracle
from sqlalchemy.schema import CreateTable

from nbrunbook.batches import data as door
from nbrunbook.batches import slices
from nbrunbook.batches.repeatable import _tables
from tests.batches.conftest import Make
from tests.batches.filling import Data, course_of, filling, job_of, to_the_end
from tests.batches.guards import lease_ends

pytestmark = pytest.mark.parametrize("make", ["sqlite"], indirect=True)


@pytest.fixture(autouse=True)
def _other(monkeypatch: pytest.MonkeyPatch) -> None:
    door.dispose()
    monkeypatch.setattr(door, "kind_of", lambda _: "other")


def test_it_is_refused_unless_its_author_allows_it(data: Data) -> None:
    """In words, and nothing is made there."""
    status = to_the_end(course_of(data, filling()))
    assert status.state == "stopped"
    assert "is other; expected PostgreSQL or SQLite; with repeatable=True" in status.error
    assert data.run("SELECT name FROM sqlite_master WHERE name LIKE 'nbrunbook%'") == []


def test_it_comes_to_the_end(data: Data) -> None:
    """And whoever shows it says that a chunk may be done twice."""
    course = course_of(data, filling(counts=True), repeatable=True)
    course.step()
    assert slices.status_of(job_of(data, repeatable=True))[0].state == "running"
    status = to_the_end(course)
    assert (status.state, status.at_least_once) == ("done", True)
    assert slices.status_of(job_of(data, repeatable=True))[0].at_least_once
    assert data.counts() == data.once


def test_another_one_takes_over_when_a_lease_ends(data: Data) -> None:
    """The first finds out."""
    first = course_of(data, filling(), repeatable=True, runner="one")
    second = course_of(data, filling(), repeatable=True, runner="two")
    first.step()
    second.step()
    assert data.counts() == {0: 15, 1: 5}
    lease_ends(data)
    to_the_end(second)
    first.step()
    assert data.counts() == data.once


def test_refused_rows_are_tried_again(data: Data) -> None:
    """As elsewhere."""
    facts = {"on_error": "quarantine", "repeatable": True}
    assert to_the_end(course_of(data, filling(refuses=[3, 9]), run="1", **facts)).quarantined == 2
    assert to_the_end(course_of(data, filling(), run="2", rerun=True, **facts)).state == "done"
    assert data.counts() == data.once


def test_a_chunk_that_fails_is_not_moved_past(data: Data) -> None:
    """Nothing of it stays, where the database has transactions."""

    def commits(db: object, number: int) -> None:
        db.commit()  # type: ignore[attr-defined]

    status = to_the_end(course_of(data, filling(each=commits), repeatable=True))
    assert "db.commit()" in status.error
    assert data.counts() == {0: 20}


def test_its_tables_are_such_as_others_take(make: Make) -> None:
    """Keys have a length, and names that mean something there are quoted."""
    for table in _tables().sorted_tables:
        text = str(CreateTable(table).compile(dialect=mysql.dialect()))
        assert "`key` VARCHAR(150) NOT NULL" in text
        assert "TEXT NOT NULL DEFAULT" not in text
        assert str(CreateTable(table).compile(dialect=oracle.dialect()))
