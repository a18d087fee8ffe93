"""Bisecting: down to the row that is refused."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from nbrunbook.batches.definition import batch
from tests.batches.conftest import Make
from tests.batches.filling import FETCH, Data, course_of, filling, job_of, to_the_end


def test_it_stops_in_front_of_the_row(data: Data) -> None:
    """What comes before it is done, once; the error names it."""
    status = to_the_end(course_of(data, filling(refuses=[9]), batch_size=20))
    assert (status.state, status.done) == ("stopped", 8)
    assert status.error == "row 9 is refused: process: ValueError: no 9"
    assert status.since
    assert data.counts() == {0: 12, 1: 8}


def test_quarantined_rows_are_left_out(data: Data) -> None:
    """All others are done, once; it is not done then, and says how many are left out."""
    course = course_of(data, filling(refuses=[3, 4, 20], counts=True), batch_size=20, on_error="quarantine")
    status = to_the_end(course)
    assert (status.state, status.done, status.quarantined) == ("stopped", 17, 3)
    assert status.error == "3 rows are refused (3, 4, 20)"
    assert data.counts() == {0: 3, 1: 17}
    assert [each[0] for each in data.run("SELECT row_key FROM nbrunbook_quarantine ORDER BY 1")] == ["20", "3", "4"]


def test_all_rows_are_as_many_all_the_time(data: Data) -> None:
    """Those that are refused are among them, and are not counted again by the next round."""
    data.run("DELETE FROM item WHERE id = 2")
    made = filling(refuses=[3, 4], counts=True)

    @made.fetch
    def _(db: Any, cursor: Any, batch_size: int) -> Any:
        query = sa.text("SELECT id FROM item WHERE n = 0 AND id > :after ORDER BY id LIMIT :most")
        rows = db.execute(query, {"after": cursor or 0, "most": batch_size}).all()
        return (rows, rows[-1].id) if rows else None

    course = course_of(data, made, batch_size=5, on_error="quarantine")
    course.step()
    while course.row.done < 12:
        assert course.row.done + course.row.left_rows + course.row.quarantined == 19
        course.step()
    data.run("INSERT INTO item (id) VALUES (2)")  # behind the cursor
    status = to_the_end(course)
    assert (status.state, status.quarantined, status.left, status.total) == ("stopped", 2, 0, 20)


def test_too_many_stop_it(data: Data) -> None:
    """max_errors counts those of all databases together."""
    course = course_of(data, filling(refuses=range(1, 20)), batch_size=20, on_error="quarantine", max_errors=4)
    course.refused_elsewhere = lambda: 2
    status = to_the_end(course)
    assert (status.state, status.quarantined) == ("stopped", 3)
    assert "5 rows are refused, more than max_errors=4" in status.error


def test_a_constraint_of_the_database_s_is_a_row_s_fault(data: Data) -> None:
    """Its transaction goes on behind a savepoint."""
    data.run("CREATE UNIQUE INDEX one ON item (n) WHERE n = 1 AND id IN (5, 8)")
    status = to_the_end(course_of(data, filling(), batch_size=20, on_error="quarantine"))
    assert (status.done, status.quarantined) == (19, 1)
    assert data.counts() == {0: 1, 1: 19}


def test_an_error_that_is_passed_over_is_found(data: Data) -> None:
    """On PostgreSQL the transaction takes nothing more after it, on SQLite nothing is wrong."""

    def swallows(db: Any, number: int) -> None:
        if number == 6:
            with pytest.raises(Exception, match="item"):
                db.exec_driver_sql("INSERT INTO item (id) VALUES (1)")

    status = to_the_end(course_of(data, filling(each=swallows), on_error="quarantine"))
    assert data.counts() == (data.once if "sqlite" in data.url else {0: 1, 1: 19})
    assert status.quarantined == (0 if "sqlite" in data.url else 1)


def test_a_fetch_that_gives_no_single_rows_stops(data: Data) -> None:
    """A row that cannot be told apart is not left out with others."""
    made = batch("fill", databases=[])

    @made.fetch
    def _(db: Any, cursor: Any, batch_size: int) -> Any:
        rows = db.execute(FETCH, {"after": cursor or 0, "most": 10}).all()
        return (rows, rows[-1].id) if rows else None

    made.process(filling(refuses=[3]).process_function)  # type: ignore[type-var]
    status = to_the_end(course_of(data, made, on_error="quarantine"))
    assert "fetch gave 10 rows where 1 was asked for" in status.error
    assert data.counts() == {0: 20}


def test_few_transactions_are_needed(make: Make) -> None:
    """One that fails, and one in which it is halved."""
    data = make(rows=200)
    course = course_of(data, filling(refuses=[77]), batch_size=200, on_error="quarantine")
    course.step()
    assert course.row
    assert (course.row.done, course.row.quarantined) == (199, 1)
    assert job_of(data).batch_size == 5
    course.leave()


@pytest.mark.database
@pytest.mark.parametrize("make", ["postgresql"], indirect=True)
def test_a_deferred_constraint_is_a_row_s_fault(make: Make) -> None:
    """What the database would say at COMMIT only, it is asked for each row while it is halved."""
    data = make()
    data.run("CREATE TABLE known (n INTEGER PRIMARY KEY)")
    data.run("INSERT INTO known VALUES (0), (1)")
    data.run("ALTER TABLE item ADD FOREIGN KEY (n) REFERENCES known DEFERRABLE INITIALLY DEFERRED")

    def breaks(db: Any, number: int) -> None:
        if number == 6:
            db.exec_driver_sql("UPDATE item SET n = 77 WHERE id = 6")

    status = to_the_end(course_of(data, filling(each=breaks), on_error="quarantine"))
    assert (status.done, status.quarantined) == (19, 1)
    assert data.counts() == {0: 1, 1: 19}
