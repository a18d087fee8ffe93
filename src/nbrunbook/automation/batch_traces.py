"""What the runners of a batch leave on this host, and who writes the end of a run that nobody has written."""

from __future__ import annotations

import socket
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path, PurePath

from nbrunbook.automation import lock, outcome, output, traces
from nbrunbook.automation.batch_job import job_of
from nbrunbook.automation.outcome import Outcome
from nbrunbook.batches import slices
from nbrunbook.errors import NbrunbookError
from nbrunbook.journal import runners
from nbrunbook.journal.runners import RunnerRow
from nbrunbook.journal.runs import FOLDER
from nbrunbook.runbook import batch_results, events
from nbrunbook.runbook.events import Event
from nbrunbook.runbook.running import heard_of
from nbrunbook.runbook.status import Heard
from nbrunbook.work import batches
from nbrunbook.work.naming import project_here
from nbrunbook.work.session import Session

LOOK_AGAIN_SECONDS = 30.0
"""How often one process asks the cursors of a run whose runners are gone."""
_asked: dict[str, float] = {}
"""When it did last, by the run."""


def runners_of(session: Session, run: str) -> tuple[RunnerRow, ...]:
    """Return the runners of a run, as the journal has them."""
    return runners.of(session.journal, session.runbook).get(run, ())


def is_gone(row: RunnerRow) -> bool:
    """Tell whether a runner works no more: nothing was heard of it for a minute, or nothing of it lives here."""
    return row.is_unknown or traces.is_free(_heard(row)) is True


def is_free(session: Session, run: str, heard: Heard) -> bool | None:
    """Tell whether no runner of a run lives any more; None where that is not for this host, or this user, to say."""
    rows = runners_of(session, run)
    found = [traces.is_free(_heard(each)) for each in rows] or [traces.is_free(heard)]
    return False if False in found else None if None in found else True


def gone(session: Session, run: str) -> tuple[str, ...]:
    """Return the runners of a run of which nothing lives, as far as this host can say."""
    return tuple(each.id for each in runners_of(session, run) if traces.is_free(_heard(each)))


def holders(session: Session, run: str) -> tuple[int, ...]:
    """Return the processes of this user that may be of a run's runners here."""
    return tuple(pid for each in folders(session, run) for pid in lock.holders(each))


def folders(session: Session, run: str) -> list[Path]:
    """Return the folders of a run's runners of this host."""
    rows = runners_of(session, run)
    return [Path(each.folder) for each in rows if each.host == socket.gethostname() and _is_own(each)]


def _heard(row: RunnerRow) -> Heard:
    return Heard(host=row.host, folder=row.folder if _is_own(row) else "", seconds=row.seconds)


def _is_own(row: RunnerRow) -> bool:
    """Whether a runner of ours has such a folder: it is taken away whole, and nobody hashes what a row says."""
    folder = PurePath(row.folder)
    return folder.is_absolute() and folder.parts[-2:] == (FOLDER, row.id) and events.is_id(row.id)


def record(session: Session, step: str, run: str, runner: str, found: Outcome, log: Path) -> Event | None:
    """Write the end of a run into the journal, where it is at its end, or this was its last runner; else it leaves."""
    heard = heard_of(session.progress, session.progress.of(step))
    if found.kind == "stopped" and heard and heard.stopper:
        found = outcome.said_by(found, heard.stopper)
    return batches.end_if_last(
        session,
        step,
        run,
        runner,
        batch_results.board_from(found.board or ""),
        otherwise=found.kind,  # type: ignore[arg-type]
        data={name: text for name, text in traces.texts(found).items() if name != "value"},
        log=traces.whole(found, log),
    )


def report_left(session: Session, step: str, run: str, heard: Heard) -> None:
    """Report what runners of this host have left that are over; and the end of a run whose runners all are.

    What the cursors say of each database decides then, where they can be asked; else whoever runs it again goes on.
    """
    rows = runners_of(session, run)
    for each in rows:
        if traces.is_free(_heard(each)):
            with suppress(NbrunbookError):  # damaged
                _report(session, step, run, each)
    if rows and is_free(session, run, heard) and _goes_on(session, step, run):
        with suppress(NbrunbookError):
            _end_by_cursors(session, step, run, rows[0].id)


def forget(run: str) -> None:
    """Let the cursors of a run be asked at once."""
    _asked.pop(run, None)


def _report(session: Session, step: str, run: str, row: RunnerRow) -> None:
    found = outcome.read(Path(row.folder), run)
    if found:
        record(session, step, run, row.id, found, Path(row.folder) / output.PLACE)
        traces.clear(Path(row.folder))


def _goes_on(session: Session, step: str, run: str) -> bool:
    found = session.progress.of(step).run
    return found is not None and found.id == run


def _end_by_cursors(session: Session, step: str, run: str, runner: str) -> None:
    now = time.monotonic()
    if now - _asked.get(run, -LOOK_AGAIN_SECONDS) < LOOK_AGAIN_SECONDS:
        return
    _asked[run] = now
    board = slices.status_of(job_of(session, project_here(), step, run=run))
    if batch_results.is_at_end(board):
        more: Mapping[str, str] = {"note": "its runners were gone when somebody looked"}
        batches.end_if_last(session, step, run, runner, board, data=more)
