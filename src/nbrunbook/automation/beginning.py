"""Beginning a run of a step, from wherever somebody presses, and following it to its end."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from nbrunbook.automation import lock, outcome, output, reporting, starting, traces
from nbrunbook.automation.outcome import Outcome
from nbrunbook.automation.run import Run, run_of
from nbrunbook.documents import files
from nbrunbook.errors import NbrunbookError, RefusedError
from nbrunbook.journal.runs import FOLDER
from nbrunbook.project.local_state import local_state
from nbrunbook.project.operator import Operator
from nbrunbook.project.settings import Project
from nbrunbook.runbook import events
from nbrunbook.runbook.events import Event
from nbrunbook.runbook.program import program_of
from nbrunbook.texts import listed
from nbrunbook.work import runs
from nbrunbook.work.session import Session

LOOK_SECONDS, ASK_SECONDS = 0.05, 0.5
"""How often a run's folder is looked into, and the journal asked."""


@dataclass(frozen=True, kw_only=True)
class Begun:
    """A run that has begun."""

    step: str
    run: str
    folder: Path
    pid: int = 0
    """Its supervisor's, which this process has begun; 0 for another's."""
    is_done: bool = False
    """Whether nothing was begun, since a batch is done: its end is known."""


def begin(
    session: Session,
    project: Project,
    step_id: str,
    *,
    timeout: int | None = None,
    reason: str = "",
    run_id: str | None = None,
    operator: Operator | None = None,
    place: Path | None = None,
    reporter: str = reporting.REPORTER,
) -> Begun:
    """Begin a run of a step; it goes on when this process ends. `reason` forces an action that is done.

    `run_id` is made by whoever asks, and is used once: RefusedError where the journal holds it. `operator` has pressed.
    Its folder is made in `place`, which is called FOLDER, else among what the project keeps on this machine.
    NbrunbookError where it cannot be run (code, secrets), RefusedError where it may not; then nothing is recorded.
    """
    reporting.catch_up(session)
    step = session.step(step_id)
    data = {"reason": reason, "forced": "yes" if reason else "", "timeout": str(timeout or "")}
    session.check_attempt("started", step.id, data=data, operator=operator)
    if run_id and session.journal.event(run_id):
        raise RefusedError(f"cannot run {step.id}", "this very run was begun before")
    run_id, place = run_id or events.new_id(), place or folder_of_runs(project)
    files.private_folder(place)
    reporting.sweep(session, place)
    folder = place / run_id
    about = {"root": str(project.root), "key": session.key, "step": step.id, "run": run_id, "folder": str(folder)}
    more: dict[str, Any] = {"id": run_id, "root": project.root, "folder": folder, "about": about}
    run = prepared(session, step.id, timeout=timeout, reporter=reporter, **more)
    with lock.held(folder) as handle:
        try:
            started = runs.begin(session, step.id, run=run_id, folder=folder, data=data, operator=operator)
        except RefusedError:  # else the journal may have it, and an operator needs the folder for a word on it
            traces.clear(folder)
            raise
        record = partial(reporting.record, session, step.id, run_id)
        pid = spawned(replace(run, key=started.data["key"]), handle, record)
    return Begun(step=step.id, run=run_id, folder=folder, pid=pid)


def spawned(run: Run, handle: int, record: Callable[[Outcome, Path], object], *supervisor: str) -> int:
    """Return its supervisor's process; 0 where none could be begun: `record` gets that, and the place of its log."""
    try:
        return starting.spawn(run, handle, *supervisor)
    except (NbrunbookError, OSError) as error:
        found = replace(outcome.undecided(f"it never began: {error}"), attempts=0)
        with suppress(OSError):  # for whoever comes next, where the journal is away
            outcome.write(run.folder, run.id, found)
        record(found, run.folder / output.PLACE)
        traces.clear(run.folder)
    return 0


def folder_of_runs(project: Project) -> Path:
    """Return where the folders of a project's runs are."""
    return local_state(project.root).files / FOLDER


def prepared(
    session: Session, step_id: str, *, timeout: int | None = None, reporter: str = reporting.REPORTER, **facts: Any
) -> Run:
    """Return a run of a step of the plan in force, ready to be begun; `facts` as for `run_of`.

    NbrunbookError where it cannot be run: its code is not there, or a secret is not set here.
    """
    program = program_of(session.progress.plan, step_id, session.journal.blob)
    program = replace(program, timeout_seconds=timeout) if timeout else program
    journal = "" if session.journal.shared else session.journal.where
    run = run_of(program, key=facts["id"], reporter=reporter, journal=journal, **facts)
    absent = starting.missing_secrets(run.secrets)
    if absent:
        found = f"{step_id} cannot be run: secrets that are not set here: {listed(absent)}"
        raise NbrunbookError(found, "environment variables with a value", "set them where the run is started")
    return run


def follow(
    session: Session,
    begun: Begun,
    show: Callable[[bytes], None] = lambda _: None,
    meanwhile: Callable[[], None] = lambda: None,
) -> Event | None:
    """Show what a run writes until it is over, and return its end; None where nobody knows it.

    One of another host is followed in the journal alone. `meanwhile` is called each time that the journal was asked.
    """
    is_shared = session.step(begun.step).kind == "batch"  # others go on when the runner here is over
    is_here, asked = not is_shared and os.path.lexists(begun.folder / lock.PLACE), 0.0
    with output.FollowedLog(begun.folder / output.PLACE, show) as log:
        while True:
            log.read()
            if (is_here and _may_be_over(begun.folder)) or time.monotonic() - asked > ASK_SECONDS:
                asked = time.monotonic()
                reporting.catch_up(session)
                heard = session.progress.heard.get(begun.run)
                is_free = heard is None or reporting.is_free(session, begun.step, heard)
                is_over = is_free or (is_free is None and heard is not None and heard.is_unknown)
                if is_over:  # its end may have come between what was read of the chain and of its row
                    reporting.catch_up(session)
                end = end_of(session, begun)
                meanwhile()
                if end is not None:
                    log.close_with(end)
                if end is not None or is_over:
                    return end
            time.sleep(LOOK_SECONDS)


def _may_be_over(folder: Path) -> bool:
    """Whether it is worth while to ask the journal at once."""
    try:
        return lock.is_free(folder)  # also where the folder is gone: then it was reported, or somebody took it away
    except OSError:
        return False


def end_of(session: Session, begun: Begun) -> Event | None:
    """Return what came out of a run, as the journal says; None where it does not yet."""
    last = session.progress.of(begun.step).last
    return last if last is not None and last.data.get("run", begun.run) == begun.run else None
