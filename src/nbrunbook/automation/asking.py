"""Asking for what becomes of runs, of the project that we stand in: begin, stop, and an operator's word."""

from __future__ import annotations

import shlex
from functools import partial
from pathlib import Path

from nbrunbook.automation import batch_traces, beginning, joining, lock, looking, reporting, traces
from nbrunbook.automation.beginning import Begun
from nbrunbook.project.operator import Operator
from nbrunbook.project.settings import Project
from nbrunbook.runbook import events, redactions
from nbrunbook.runbook.events import Event
from nbrunbook.runbook.running import heard_of
from nbrunbook.runbook.status import Heard
from nbrunbook.work import runs
from nbrunbook.work.naming import project_here
from nbrunbook.work.session import Session


def catch_up(session: Session) -> None:
    """Read what others wrote, and report what runs of this host that are over have left, where nobody did."""
    reporting.catch_up(session)


def begin(
    session: Session,
    step_id: str,
    *,
    timeout: int | None = None,
    reason: str = "",
    workers: int | None = None,
    executor: str | None = None,
    project: Project | None = None,
    run_id: str | None = None,
    operator: Operator | None = None,
) -> Begun:
    """Begin a run of a step, of the project here where none is given; see `beginning.begin`.

    That of a batch may be joined, with so many workers: see `joining.run_batch`.
    """
    project = project or project_here()
    if session.step(step_id).kind == "batch":
        shared = partial(joining.run_batch, workers=workers, executor=executor)
        return shared(session, project, step_id, run_id=run_id, operator=operator)
    alone = partial(beginning.begin, timeout=timeout, reason=reason)
    return alone(session, project, step_id, run_id=run_id, operator=operator)


def stop(session: Session, step_id: str, *, operator: Operator | None = None) -> Begun:
    """Ask the run of a step to stop, and return it; see `runs.stop`."""
    reporting.catch_up(session)
    run = runs.stop(session, step_id, operator=operator)
    folder = _heard(session, step_id).folder or beginning.folder_of_runs(project_here()) / run
    return Begun(step=session.step(step_id).id, run=run, folder=Path(folder))


def stop_looking(session: Session, step_id: str) -> bool:
    """Ask a check that only looks again to stop; return whether one does here, and no run of it goes on."""
    run = session.progress.of(session.step(step_id).id).run
    return run is None and looking.stop(session, project_here(), step_id)


def say(
    session: Session,
    step_id: str,
    *,
    ran: bool,
    note: str,
    gone: bool,
    event_id: str | None = None,
    operator: Operator | None = None,
) -> Event:
    """Write an operator's word on a run of which nobody knows; see `runs.say`. Its folder is not needed then."""
    reporting.catch_up(session)
    heard = _heard(session, step_id)
    step, run = session.step(step_id), session.progress.of(session.step(step_id).id).run
    free = reporting.is_free(session, step_id, heard)
    lives = lock.holders(Path(heard.folder)) if free is False else ()
    if free is False and run and step.kind == "batch":
        lives = batch_traces.holders(session, run.id)
    folders = [Path(heard.folder), *(batch_traces.folders(session, run.id) if run and step.kind == "batch" else ())]
    word = partial(runs.say, session, step_id, ran=ran, note=note, gone=gone)
    event = word(is_free=free, lives=lives, event_id=event_id, operator=operator)
    for each in folders if free else ():
        traces.clear(each)
    return event


def forget(session: Session, event: Event) -> list[str]:
    """Take away what a run has left on this host, once what it said was redacted; return what is still there."""
    run = redactions.run_of(event)
    if not events.is_id(run):
        return []
    place = beginning.folder_of_runs(project_here())
    folders = [place / run, *(place.parent / looking.FOLDER).glob(f"*/{run}")]
    going_on = [each for each in session.progress.running if _is_of(session, each.id, run)]
    if going_on or not all(map(traces.is_over, folders)):
        stop = f"'nbrunbook run {shlex.quote(session.key)} {shlex.quote(event.step)} --stop' ends it"
        return [f"the run, which goes on: {stop}; redact its end, too"]
    for each in folders:
        traces.clear(each)
    host = event.fact("host_is_gone")
    return [f"{folders[0]}, on the host {host}"] if host else []


def _is_of(session: Session, step_id: str, run: str) -> bool:
    found = session.progress.of(step_id).run
    return found is not None and found.id == run


def _heard(session: Session, step_id: str) -> Heard:
    return heard_of(session.progress, session.progress.of(session.step(step_id).id)) or Heard()
