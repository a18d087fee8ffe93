"""A batch's job, from its plan and the configuration."""

from __future__ import annotations

import re

import pytest

from nbrunbook.automation.batch_job import job_of, passwords_of
from nbrunbook.errors import NbrunbookError
from nbrunbook.project.settings import find_project
from tests.conftest import Workplace
from tests.filling import NAMES, batched
from tests.making import session_on

__all__ = ["batched"]


def test_a_job_says_what_the_plan_and_the_configuration_say(batched: Workplace) -> None:
    """Its databases are those of here, wherever that is."""
    job = job_of(session_on(), find_project(), "fill", run="r", runner="w")
    assert (job.key, job.step, job.batch_size, job.target_seconds) == ("staging/1.0", "fill", 20, 0.02)
    assert [each.name for each in job.databases] == list(NAMES)
    assert job.databases[0].url == f"sqlite:///{batched.root / 'data' / 'eu.db'}"
    assert passwords_of(job) == ()


def test_a_database_that_is_not_configured_is_told(batched: Workplace) -> None:
    """Before anything is recorded."""
    path = batched.root / "pyproject.toml"
    path.write_text(path.read_text(encoding="utf-8").replace("us = ", "usa = "), encoding="utf-8")
    with pytest.raises(NbrunbookError, match="unknown database 'us'"):
        job_of(session_on(), find_project(), "fill")


def test_another_kind_of_database_is_refused(batched: Workplace) -> None:
    """Before anything is recorded: its author does not say that a chunk may be done twice."""
    path = batched.root / "pyproject.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text(re.sub(r"(?m)^us = .*$", 'us = "mysql://app@localhost/shop"', text), encoding="utf-8")
    with pytest.raises(NbrunbookError, match="the database us is mysql; expected PostgreSQL or SQLite"):
        job_of(session_on(), find_project(), "fill")


def test_a_step_that_is_no_batch_has_none(batched: Workplace) -> None:
    """A person does it."""
    with pytest.raises(NbrunbookError, match="remove is no batch"):
        job_of(session_on(), find_project(), "remove")
