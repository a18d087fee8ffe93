"""Refused rows, as the quarantines have them."""

from __future__ import annotations

from nbrunbook.batches import refused
from tests.batches.filling import Data, course_of, filling, job_of


def test_refused_rows_are_named(data: Data) -> None:
    """Each by what names it, with its error; no more than were asked for, and none where nothing was begun."""
    job = job_of(data, on_error="quarantine")
    assert refused.rows_of(job, "eu", 9) == []
    course = course_of(data, filling(refuses=[9, 12]), on_error="quarantine")
    while not course.is_over:
        course.step()
    found = refused.rows_of(job, "eu", 9)
    assert sorted((each.database, each.row) for each in found) == [("eu", "12"), ("eu", "9")]
    assert all(each.error and each.since for each in found)
    assert len(refused.rows_of(job, "eu", 1)) == 1
