"""Joining a batch: its run is one that all runners share, and whoever asks for it begins it, or joins it."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

from nbrunbook.automation import (
    batch_reporting,
    batch_traces,
    beginning,
    lock,
    reporting,
    slices_elsewhere,
    traces,
)
from nbrunbook.automation.batch_job import job_of, passwords_of
from nbrunbook.automation.beginning import Begun
from nbrunbook.automation.run import BatchRun, Run
from nbrunbook.batches.job import job_from_json
from nbrunbook.documents import files
from nbrunbook.errors import NbrunbookError, RefusedError
from nbrunbook.project.operator import Operator
from nbrunbook.project.settings import Project
from nbrunbook.runbook import events
from nbrunbook.runbook.batch_facts import FACTORY, MOST_WORKERS
from nbrunbook.runbook.events import Event
from nbrunbook.work import batches
from nbrunbook.work.session import Session

SUPERVISOR = "from nbrunbook.automation.batch_supervisor import main; main()"


def run_batch(
    session: Session,
    project: Project,
    step_id: str,
    *,
    workers: int | None = None,
    executor: str | None = None,
    operator: Operator | None = None,
    run_id: str | None = None,
    rerun: bool = False,
) -> Begun:
    """Begin the run of a batch, or join the one that goes on, unknown or not; it goes on when this process ends.

    `run_id` names what is begun, used once: the run, or the runner that joins one.
    `rerun` tries the rows again that were refused. A batch that is done is returned as it is, without a process, and
    `beginning.follow` gives its end at once.
    NbrunbookError where it cannot be run (code, secrets, databases), RefusedError where it may not.
    """
    reporting.catch_up(session)
    step = session.step(step_id)
    state = session.progress.of(step.id)
    data = {"rerun": "yes"} if rerun else {}
    if state.run is None:
        if state.status == "done" and state.last is not None and not rerun:
            return Begun(step=step.id, run=state.last.data.get("run", ""), folder=Path(), is_done=True)
        session.check_attempt("started", step.id, data=data, operator=operator)
        if run_id and session.journal.event(run_id):
            raise RefusedError(f"cannot run {step.id}", "this very run was begun before")
    elif rerun and "rerun" not in state.run.data:
        raise RefusedError(f"cannot run {step.id} again for its refused rows", "it runs", "try again when it has ended")
    again = rerun or (state.run is not None and "rerun" in state.run.data)
    id_ = state.run.id if state.run else run_id or events.new_id()
    runner = run_id or events.new_id() if state.run else id_
    run = _runner(session, project, step.id, (id_, runner), workers, executor, rerun=again)
    reporting.sweep(session, run.folder.parent)
    with lock.held(run.folder) as handle:
        try:
            started = batches.begin_or_join(
                session, step.id, run=run.id, runner=runner, folder=run.folder, data=data, operator=operator
            )
        except RefusedError:  # else the journal may have it
            traces.clear(run.folder)
            raise
        run = _of(run, started)
        record = partial(batch_traces.record, session, step.id, run.id, runner)
        pid = beginning.spawned(run, handle, record, SUPERVISOR)
    return Begun(step=step.id, run=run.id, folder=run.folder, pid=pid)


def _of(run: Run, started: Event) -> Run:
    """A runner of the run that it has joined, which may be another one than was looked at."""
    if run.id == started.id or run.batch is None:
        return run
    job = replace(job_from_json(run.batch.job), run=started.id, rerun="rerun" in started.data)
    about = {**run.about, "run": started.id}
    return replace(run, id=started.id, key=started.id, about=about, batch=replace(run.batch, job=job.to_json()))


def _runner(
    session: Session,
    project: Project,
    step_id: str,
    ids: tuple[str, str],
    workers: int | None,
    executor: str | None,
    *,
    rerun: bool,
) -> Run:
    """What a runner has to know, whose ids are the run's and its own; NbrunbookError where it could not do anything."""
    run_id, runner = ids
    gone = batch_traces.gone(session, run_id)
    last = session.progress.of(step_id).last
    recheck = last is None or last.kind == "passed"
    job = job_of(session, project, step_id, run=run_id, runner=runner, rerun=rerun, recheck=recheck, gone=gone)
    place = beginning.folder_of_runs(project)
    files.private_folder(place)
    folder = place / runner
    about = {"root": str(project.root), "key": session.key, "step": step_id, "run": run_id, "folder": str(folder)}
    run = beginning.prepared(
        session, step_id, reporter=batch_reporting.REPORTER, id=run_id, root=project.root, folder=folder,
        about={**about, "runner": runner}, batch=_batch(job.to_json(), passwords_of(job), workers, executor),
    )  # fmt: skip
    return replace(run, key=run_id)


def _batch(job: str, passwords: tuple[str, ...], workers: int | None, executor: str | None) -> BatchRun:
    if workers is not None and not 1 <= workers <= MOST_WORKERS:
        raise NbrunbookError(f"{workers} workers", f"a whole number from 1 to {MOST_WORKERS}")
    if executor and not FACTORY.fullmatch(executor):
        found = f"no executor is called {executor!r}"
        raise NbrunbookError(found, "module:factory, a function without arguments that returns one")
    most = slices_elsewhere.most_at_once(workers) if executor else workers or 1
    return BatchRun(job=job, passwords=passwords, workers=most, executor=executor or "")
