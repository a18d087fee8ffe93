"""Reporting: what a supervisor tells the journal, and what it reads back; and the folders that nobody reported of."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from nbrunbook.automation import batch_traces, lock, outcome, output, traces
from nbrunbook.automation.outcome import Outcome
from nbrunbook.automation.supervisor import Beat
from nbrunbook.errors import NbrunbookError, RefusedError
from nbrunbook.journal import runs
from nbrunbook.journal.database import SESSION_WAIT_SECONDS
from nbrunbook.project import operator
from nbrunbook.runbook import events, rules
from nbrunbook.runbook.running import heard_of
from nbrunbook.runbook.status import Heard
from nbrunbook.work import runs as work_runs
from nbrunbook.work.naming import project_here
from nbrunbook.work.opening import open_session
from nbrunbook.work.session import Session

REPORTER = "nbrunbook.automation.reporting:Reporting"
LEFT_SECONDS = 3600.0
"""Age of a folder that is taken away though nothing in it says that its run is over."""


class Reporting:
    """A `supervisor.Reporter` on the journal."""

    def __init__(self, about: Mapping[str, Any]) -> None:
        self.step, self.run, self.folder = about["step"], about["run"], Path(about["folder"])
        project = project_here(Path(about["root"]))
        who = operator.from_machine(project.root, project.operators)
        self.session = open_session(project, about["key"], who, wait_seconds=SESSION_WAIT_SECONDS)

    def started(self) -> None:
        """Say that it is about to begin; RefusedError where an operator has given it up meanwhile."""
        self._hear(Beat(lines=(), attempt=0))
        why = rules.end_refusal(self.session.progress, self.step, self.run)
        if why:
            raise RefusedError(f"cannot run {self.step}", why)

    def beat(self, beat: Beat) -> bool:
        """Say that it goes on; a run that was given up is to be stopped."""
        return self._hear(beat)

    def ended(self, found: Outcome, log: Path) -> None:
        """Say what came out; then its folder is not needed any more."""
        record(self.session, self.step, self.run, found, log)
        traces.clear(self.folder)

    def _hear(self, beat: Beat) -> bool:
        asked = runs.hear(self.session.journal, self.run, pid=os.getpid(), attempt=beat.attempt, lines=beat.lines)
        return asked is None or asked


def record(session: Session, step: str, run: str, found: Outcome, log: Path) -> None:
    """Write what came out of a run into the journal, with what it wrote where the end of that is not all."""
    heard = runs.heard(session.journal, session.runbook).get(run)
    if found.kind == "stopped" and heard and heard.stopper:
        found = outcome.said_by(found, heard.stopper)
    work_runs.end(session, step, run, found.kind, traces.texts(found), log=traces.whole(found, log))  # type: ignore[arg-type]


def sweep(session: Session, place: Path) -> None:
    """Take away the folders in which nothing lives that somebody who was killed has left; none that says something."""
    for folder in place.iterdir():
        with suppress(NbrunbookError, OSError):
            if lock.is_free(folder) and _is_left(session, folder):
                traces.clear(folder)


def _is_left(session: Session, folder: Path) -> bool:
    if session.journal.event(events.derived_id("end", folder.name)):
        return True
    shared = outcome.run_in(folder)
    if shared and shared != folder.name and not runs.goes_on(session.journal, shared):
        return True  # a runner of a batch, whose run others have ended
    is_old = time.time() - folder.stat().st_mtime > LEFT_SECONDS  # or somebody is just about to begin in it
    return is_old and not (folder / outcome.PLACE).exists() and not runs.goes_on(session.journal, folder.name)


def is_free(session: Session, step_id: str, heard: Heard) -> bool | None:
    """Tell whether nothing of a step's run lives any more; None where it is not for this host, or this user, to say."""
    step = session.step(step_id)
    run = session.progress.of(step.id).run
    is_shared = step.kind == "batch" and run is not None
    return batch_traces.is_free(session, run.id, heard) if is_shared and run else traces.is_free(heard)


def catch_up(session: Session) -> None:
    """Read what others wrote, and report what runs of this host that are over have left, where nobody did."""
    session.refresh()
    report_left(session)


def report_left(session: Session) -> None:
    """Do the second alone: report what is left in the folders of runs that the session knows."""
    for step in session.progress.running:
        state = session.progress.of(step.id)
        run, heard = state.run, heard_of(session.progress, state)
        if run is not None and heard is not None and step.kind == "batch":
            batch_traces.report_left(session, step.id, run.id, heard)
            continue
        if run is None or heard is None or not traces.is_free(heard):
            continue
        with suppress(NbrunbookError):  # damaged: an operator says what happened
            found = outcome.read(Path(heard.folder), run.id)
            if found:
                record(session, step.id, run.id, found, Path(heard.folder) / output.PLACE)
                traces.clear(Path(heard.folder))
