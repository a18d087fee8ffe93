"""Jobs, as text on their way to other machines."""

from __future__ import annotations

from nbrunbook.batches.job import Job, job_from_json
from nbrunbook.project.databases import Database


def test_a_job_is_read_back_as_it_was() -> None:
    """With its databases; a password is named in it, and never told."""
    databases = (Database(name="eu", url="sqlite:////eu.db"), Database(name="us", url="postgresql://us", password="PW"))
    job = Job(
        project="shop", key="eu/1", step="fill", databases=databases, on_error="quarantine", max_errors=3, run="7"
    )
    assert job_from_json(job.to_json()) == job
    assert job_from_json(job.to_json().encode()) == job
