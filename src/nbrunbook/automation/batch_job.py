"""A batch's job, from the plan in force and the configuration: what its runners, and whoever asks its cursors, need."""

from __future__ import annotations

from typing import Any

from nbrunbook.batches.data import check_kind
from nbrunbook.batches.job import Job
from nbrunbook.errors import NbrunbookError
from nbrunbook.project.databases import chosen
from nbrunbook.project.settings import Project
from nbrunbook.runbook.batch_facts import BATCH_SIZE, TARGET_SECONDS
from nbrunbook.work.session import Session


def job_of(session: Session, project: Project, step_id: str, **facts: Any) -> Job:
    """Return the job of a batch; `facts` are what no plan says, such as its runner.

    NbrunbookError for a step that is no batch, for databases that are not configured here, and for kinds of them in
    which a chunk might be done twice, where its author does not say that it may.
    """
    step = session.step(step_id)
    batch = step.automation.batch if step.automation else None
    if batch is None or batch.databases is None:
        raise NbrunbookError(f"{step.id} is no batch", "a step that goes through databases, chunk by chunk")
    databases = chosen(project.databases, batch.databases)
    for each in databases:
        check_kind(each, repeatable=bool(batch.repeatable))
    return Job(
        project=session.runbook.project,
        key=session.key,
        step=step.id,
        databases=databases,
        target_seconds=batch.target_seconds or TARGET_SECONDS,
        batch_size=batch.batch_size or BATCH_SIZE,
        on_error="quarantine" if batch.on_error == "quarantine" else "stop",
        max_errors=batch.max_errors,
        repeatable=bool(batch.repeatable),
        **facts,
    )


def passwords_of(job: Job) -> tuple[str, ...]:
    """Return the environment variables that the passwords of its databases are in."""
    return tuple(dict.fromkeys(each.password for each in job.databases if each.password))
