"""Looking: a check that has a result is run again, and the journal is told of it only where that is news.

One look at a step goes on at a time on a computer: its place holds a lock, as a run's folder does, and in it one folder
a look. Two computers may look at the same moment: what is no news is not written down.
"""

from __future__ import annotations

import hashlib
import os
import shlex
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from nbrunbook.automation import lock, outcome, output, starting, traces
from nbrunbook.automation.beginning import ASK_SECONDS, LOOK_SECONDS, folder_of_runs, prepared
from nbrunbook.automation.outcome import Outcome
from nbrunbook.automation.supervisor import Beat
from nbrunbook.documents import files
from nbrunbook.errors import NbrunbookError, RefusedError
from nbrunbook.journal.database import SESSION_WAIT_SECONDS
from nbrunbook.project import operator
from nbrunbook.project.settings import Project
from nbrunbook.runbook import events, looks
from nbrunbook.runbook.events import Event, Kind
from nbrunbook.runbook.times import local, span
from nbrunbook.work import runs
from nbrunbook.work.naming import project_here
from nbrunbook.work.opening import open_session
from nbrunbook.work.session import Session

REPORTER = "nbrunbook.automation.looking:Looking"
TOLD = "told"
"""The file that says that the journal was asked, and told what was news."""
STOP = "stop"
"""The file that asks a look to stop."""
PATIENCE_SECONDS = 10.0
"""How long processes may take to end that have told all."""
FOLDER = "looks"
"""Beside that of the runs: in it a place for each check that looked again."""
LEFT_SECONDS = 3600.0
"""After how long nobody comes back to what a look has left, whose follower was killed."""


@dataclass(frozen=True, kw_only=True)
class Look:
    """A look that has begun."""

    step: str
    run: str
    folder: Path
    """Its own; the one above it is the place of all looks at the step."""
    pid: int = 0
    """Its supervisor's, which this process has begun."""
    after: int
    """The number of the runbook's last event when it began."""


class GoesOnError(RefusedError):
    """The last look at a check is not over."""


class Looking:
    """A `supervisor.Reporter` of a look: the journal hears of its end alone."""

    def __init__(self, about: Mapping[str, Any]) -> None:
        self._about = about

    def started(self) -> None:
        """Nothing is written down."""

    def beat(self, _: Beat) -> bool:
        """Nothing is heard of it; it stops where a file asks it to."""
        return (Path(self._about["folder"]) / STOP).exists()

    def ended(self, found: Outcome, _: Path) -> None:
        """Say what is news, and that this was said."""
        about, root = self._about, Path(self._about["root"])
        project = project_here(root)
        who = operator.from_machine(project.root, project.operators)
        session = open_session(project, about["key"], who, wait_seconds=SESSION_WAIT_SECONDS)
        look = Look(step=about["step"], run=about["run"], folder=Path(about["folder"]), after=about["after"])
        _tell(session, look, found)


def begin(session: Session, project: Project, step_id: str) -> Look:
    """Begin a look at a check that has a result; nothing is recorded.

    RefusedError where it may not look now, GoesOnError while the last one does, NbrunbookError where it cannot be run.
    """
    step = session.step(step_id)
    why = looks.refusal(session.progress, step, local(events.now()))
    if why:
        raise RefusedError(f"cannot check {step.id}", why)
    if session.progress.state == "open":  # who approved it does not do it
        session.check_attempt("started", step.id, data={})
    run_id, place = events.new_id(), _place(session, project, step.id)
    look = Look(step=step.id, run=run_id, folder=place / run_id, after=session.progress.seq)
    about = {"root": str(project.root), "key": session.key, "step": step.id, "run": run_id, "after": look.after}
    more: dict[str, Any] = {"root": project.root, "folder": look.folder, "about": {**about, "folder": str(look.folder)}}
    run = prepared(session, step.id, reporter=REPORTER, id=run_id, **more)
    files.private_folder(place.parent)
    _wait_for_the_end(place)
    try:
        with lock.held(place) as handle:
            files.private_folder(look.folder)
            os.utime(handle)  # since when somebody looks
            _clear_left(place)
            pid = starting.spawn(run, handle)
    except RefusedError:
        raise GoesOnError(f"cannot check {step.id}", *_going_on(session, place, step.id)) from None
    except OSError as error:
        traces.clear(look.folder)
        raise NbrunbookError(f"cannot check {step.id}: it never began: {error}") from None
    return replace(look, pid=pid)


def _place(session: Session, project: Project, step_id: str) -> Path:
    name = hashlib.sha256(f"{session.runbook.digest} {step_id}".encode()).hexdigest()
    return folder_of_runs(project).parent / FOLDER / name[:32]


def _clear_left(place: Path) -> None:
    """Take away what looks have left that are over: the journal was told, or nothing is lost that the next one sees."""
    for each in place.iterdir():
        with suppress(FileNotFoundError):  # whoever follows it takes it away just now
            if each.is_dir() and time.time() - each.stat().st_mtime > LEFT_SECONDS:
                traces.clear(each)


def _wait_for_the_end(place: Path) -> None:
    """Wait while the last look has told what it saw, and its processes are about to end."""
    until = time.monotonic() + PATIENCE_SECONDS
    while not lock.is_free(place) and time.monotonic() < until:
        if not all((each / TOLD).exists() for each in place.iterdir() if each.is_dir()):
            break
        time.sleep(LOOK_SECONDS)


def _going_on(session: Session, place: Path, step_id: str) -> tuple[str, str]:
    since = time.time() - (place / lock.PLACE).stat().st_mtime
    do = f"'nbrunbook run {shlex.join([session.key, step_id])} --stop' ends it"
    return f"the last one has looked for {span(since)}, and is not at its end", do


def stop(session: Session, project: Project, step_id: str) -> bool:
    """Ask the look at a step that goes on here to stop; return whether one does. Nothing of it is recorded."""
    place = _place(session, project, session.step(step_id).id)
    if lock.is_free(place):
        return False
    for each in place.glob(f"*/{output.PLACE}"):
        (each.parent / STOP).touch()
    return True


def give_up(look: Look) -> None:
    """Ask a look to stop; nothing of it is recorded."""
    with suppress(FileNotFoundError):
        (look.folder / STOP).touch()


def follow(session: Session, look: Look, show: Callable[[bytes], None] = lambda _: None) -> tuple[Outcome | None, bool]:
    """Show what a look writes until it is over; return what came out, None where nobody knows, and whether it was news.

    JournalError where the journal cannot be told.
    """
    told, asked = look.folder / TOLD, time.monotonic()
    with output.FollowedLog(look.folder / output.PLACE, show) as log:
        while not (told.exists() or lock.is_free(look.folder.parent)):
            log.read()
            if time.monotonic() - asked > ASK_SECONDS and (look.folder / outcome.PLACE).exists():
                asked = time.monotonic()
                session.refresh()  # says so where it is away
            time.sleep(LOOK_SECONDS)
        log.read()
    found = outcome.read(look.folder, look.run)
    if found and not told.exists():  # its supervisor died over it
        _tell(session, look, found)
    traces.clear(look.folder)
    return found, session.journal.event(events.derived_id("end", look.run)) is not None


def _tell(session: Session, look: Look, found: Outcome) -> Event | None:
    whole = traces.whole(found, look.folder / output.PLACE)
    kind: Kind = found.kind  # type: ignore[assignment]
    event = runs.looked(session, look.step, look.run, kind, traces.texts(found), after=look.after, log=whole)
    with suppress(FileNotFoundError):
        (look.folder / TOLD).touch()
    return event
