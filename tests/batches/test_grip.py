"""A grip: the connection and the claim."""

from __future__ import annotations

from nbrunbook.batches.grip import Grip
from tests.batches.filling import Data, course_of, filling, job_of


def test_a_claim_is_given_back_without_its_connection(data: Data) -> None:
    """Between the looks of a hold there is none: it is opened for that, so that nobody waits for a lease."""
    code = filling()
    code.throttles = (lambda: "busy",)
    course = course_of(data, filling())
    course.step()
    course._throttles[False].append(lambda: "busy")
    course.step()
    assert (course.status.hold, course.grip.store, course.is_ours) == ("busy", None, True)
    assert data.run("SELECT runner, hold FROM nbrunbook_cursor") == [("one", "busy")]
    course.leave()
    assert data.run("SELECT runner, lease_until FROM nbrunbook_cursor") == [("", None)]


def test_what_somebody_else_has_is_not_stopped(data: Data) -> None:
    """Nor touched."""
    ours, theirs = Grip(job_of(data), data.database), Grip(job_of(data, runner="two"), data.database)
    assert ours.take()
    ours.touch("busy", "")
    data.run("UPDATE nbrunbook_cursor SET lease_until = 0")
    assert theirs.take()
    ours.open()
    assert ours.stop("no", None) is None
    assert "has it" in ours.rival()
    ours.let_go()
    assert data.run("SELECT runner, state FROM nbrunbook_cursor") == [("two", "open")]
    theirs.let_go()
    theirs.let_go()
