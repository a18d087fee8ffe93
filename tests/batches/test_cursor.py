"""The fenced cursor: claims, leases, tables."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from nbrunbook.batches import cursor
from nbrunbook.batches.data import opened
from nbrunbook.errors import NbrunbookError
from tests.batches.conftest import Make
from tests.batches.filling import Data, course_of, filling, job_of, to_the_end
from tests.batches.guards import lease_ends


def test_a_claim_counts_the_generation_up(data: Data) -> None:
    """A second runner gets nothing before the lease is over; its own runner, begun again, gets it at once."""
    job, store = job_of(data), opened(data.database)
    mark, other = cursor.mark_of(job, "eu"), replace(job, runner="two")
    first = cursor.claim(store, mark, job)
    assert first
    assert cursor.claim(store, mark, other) is None
    again = cursor.claim(store, mark, job)
    assert again
    assert again.generation == first.generation + 1
    lease_ends(data)
    second = cursor.claim(store, mark, other)
    assert second
    assert (second.generation, second.runner) == (3, "two")
    assert store.fence(mark, 1, 60) is None
    cursor.release(store, mark, 1)
    assert cursor.touch(store, mark, 3, 60)
    assert not cursor.touch(store, mark, 1, 60)
    store.db.close()


def test_what_a_runner_that_is_gone_had_is_free(data: Data) -> None:
    """One that is known to be gone is not waited for; another one is."""
    job = job_of(data)
    store = opened(data.database)
    cursor.make_tables(store)
    mark = cursor.mark_of(job, data.database.name)
    assert cursor.claim(store, mark, replace(job, runner="first"))
    assert cursor.claim(store, mark, replace(job, runner="second", gone=("third",))) is None
    taken = cursor.claim(store, mark, replace(job, runner="second", gone=("third", "first")))
    assert taken
    assert taken.generation == 2
    store.db.close()


def test_a_stopped_one_is_opened_by_another_run(data: Data) -> None:
    """Not by the run that it stopped in, whoever joins it; one that is done stays done."""
    refuses = [7]
    status = to_the_end(course_of(data, filling(refuses=refuses), run="1"))
    assert (status.state, status.done) == ("stopped", 6)
    assert to_the_end(course_of(data, filling(), run="1", runner="two")).state == "stopped"
    assert to_the_end(course_of(data, filling(), run="2")).state == "done"
    assert data.counts() == data.once
    assert to_the_end(course_of(data, filling(), run="3")).state == "done"
    assert data.counts() == data.once


def test_one_that_is_done_is_looked_at_again_where_its_step_is_open_again(data: Data) -> None:
    """What has come since is done, and what was done is not done twice."""
    assert to_the_end(course_of(data, filling(counts=True))).state == "done"
    data.run("INSERT INTO item (id) VALUES (21), (22)")
    assert to_the_end(course_of(data, filling(counts=True), run="2")).done == 20
    assert to_the_end(course_of(data, filling(counts=True), run="3", recheck=True)).done == 22
    assert data.counts() == {1: 22}


def test_a_lease_that_nobody_can_have_taken_is_over(data: Data) -> None:
    """A clock that was wrong, and was set back, keeps nobody out for years."""
    job, store = job_of(data), opened(data.database)
    mark = cursor.mark_of(job, "eu")
    assert cursor.claim(store, mark, job)
    data.run("UPDATE nbrunbook_cursor SET lease_until = lease_until + 10000")
    assert cursor.claim(store, mark, replace(job, runner="two"))
    store.db.close()


def test_two_steps_do_not_know_of_each_other(data: Data) -> None:
    """A cursor is named by project, key, step and database."""
    to_the_end(course_of(data, filling()))
    course = course_of(data, filling())
    course.grip.mark = replace(course.grip.mark, step="other")
    to_the_end(course)
    assert data.counts() == {2: 20}


@pytest.mark.parametrize("kind", ["postgresql", "sqlite"])
def test_the_sql_for_whoever_may_make_tables(kind: str) -> None:
    """Both tables; on PostgreSQL the grants that a role needs."""
    text = cursor.ddl(kind, "app")
    assert text.count("CREATE TABLE IF NOT EXISTS") == 2
    assert ("TO app;" in text) == (kind == "postgresql")
    with pytest.raises(NbrunbookError, match="postgresql or sqlite"):
        cursor.ddl("mysql")


@pytest.mark.database
@pytest.mark.parametrize("make", ["postgresql"], indirect=True)
def test_a_role_that_may_make_no_table_is_told_of_ddl(make: Make, postgres: Any) -> None:
    """It holds, and goes on once somebody has run what `batch ddl` prints."""
    data = make()
    data.run("DROP ROLE IF EXISTS app")
    data.run("CREATE ROLE app LOGIN")
    schema = data.run("SELECT current_schema()")[0][0]
    for grant in (f"USAGE ON SCHEMA {schema}", "SELECT, UPDATE ON item"):
        data.run(f"GRANT {grant} TO app")
    course = course_of(data, filling())
    course.grip.database = replace(data.database, url=data.url.replace("postgres@", "app@"))
    course.step()
    assert "nbrunbook batch ddl" in course.status.hold
    for each in cursor.ddl("postgresql", "app").split(";\n"):
        data.run(each or "SELECT 1")
    assert to_the_end(course).state == "done"
    data.run("DROP OWNED BY app")
    data.run("DROP ROLE app")
