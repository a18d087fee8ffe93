"""A rerun: refused rows, once more."""

from __future__ import annotations

from typing import Any

from tests.batches.filling import Data, course_of, filling, to_the_end
from tests.batches.guards import lease_ends


def refused(data: Data, *rows: int) -> None:
    """Have some rows refused."""
    to_the_end(course_of(data, filling(refuses=rows), on_error="quarantine", run="1"))
    assert data.counts() == {0: len(rows), 1: 20 - len(rows)}


def test_mended_rows_are_done(data: Data) -> None:
    """Each once, and the database is done then."""
    refused(data, 3, 4, 20)
    status = to_the_end(course_of(data, filling(counts=True), on_error="quarantine", run="2", rerun=True))
    assert (status.state, status.done, status.quarantined) == ("done", 20, 0)
    assert data.counts() == data.once


def test_what_is_refused_again_stays(data: Data) -> None:
    """The others are done, and it says so again."""
    refused(data, 3, 4, 20)
    status = to_the_end(course_of(data, filling(refuses=[4]), on_error="quarantine", run="2", rerun=True))
    assert (status.state, status.done, status.quarantined) == ("stopped", 19, 1)
    assert data.counts() == {0: 1, 1: 19}


def test_a_quarantine_that_was_emptied_by_hand_holds_nobody_up(data: Data) -> None:
    """Refused rows are counted again; whether any is left says the batch."""
    refused(data, 3, 4)
    data.run("DELETE FROM nbrunbook_quarantine")
    status = to_the_end(course_of(data, filling(), on_error="quarantine", run="2", rerun=True))
    assert (status.state, status.quarantined) == ("done", 0)


def test_a_row_is_read_again(data: Data) -> None:
    """One that is not there any more is let go, and its neighbour is not taken for it."""
    refused(data, 3, 20)
    data.run("DELETE FROM item WHERE id IN (3, 20)")
    status = to_the_end(course_of(data, filling(), on_error="quarantine", run="2", rerun=True))
    assert (status.state, status.done, status.quarantined) == ("done", 18, 0)
    assert data.counts() == {1: 18}


def test_a_row_is_found_behind_a_newer_one(data: Data) -> None:
    """What came before it meanwhile is not taken for it; it is another round's."""
    data.run("UPDATE item SET id = id * 1000")
    to_the_end(course_of(data, filling(refuses=[9000]), on_error="quarantine", run="1"))
    data.run("INSERT INTO item (id) VALUES (8500)")
    status = to_the_end(course_of(data, filling(), on_error="quarantine", run="2", rerun=True))
    assert (status.state, status.done) == ("done", 20)
    assert data.run("SELECT id FROM item WHERE n <> 1") == [(8500,)]


def test_a_rerun_that_is_lost_goes_on(data: Data) -> None:
    """Its marks stand in the database: whoever comes next tries the rest."""
    refused(data, 3, 4, 5, 20)

    def lost(db: Any, number: int) -> None:
        if number == 4:
            raise ConnectionError("lost")

    course = course_of(data, filling(each=lost), on_error="quarantine", run="2", rerun=True, batch_size=1)
    course.step()
    course.step()
    course.step()
    assert course.status.state == "holding"
    lease_ends(data)
    status = to_the_end(course_of(data, filling(), on_error="quarantine", run="2", rerun=True, runner="two"))
    assert status.state == "done"
    assert data.counts() == data.once
