"""Runs of batches, as the journal is told of them: begun or joined, left, and ended by the last one there."""

from __future__ import annotations

import socket
from collections.abc import Mapping, Sequence
from pathlib import Path

from nbrunbook.errors import RefusedError
from nbrunbook.journal import runners
from nbrunbook.journal.runners import OthersLeftError
from nbrunbook.project.operator import Operator
from nbrunbook.runbook import batch_results, events
from nbrunbook.runbook.board import DatabaseStatus
from nbrunbook.runbook.events import PASSED, Event, Kind
from nbrunbook.runbook.running import heard_of
from nbrunbook.work import boards, runs
from nbrunbook.work.session import Session


def begin_or_join(
    session: Session,
    step_id: str,
    *,
    run: str,
    runner: str,
    folder: Path,
    data: Mapping[str, str],
    operator: Operator | None = None,
) -> Event:
    """Begin the run of a batch as its first runner, or join the one that goes on; return its `started`.

    `run` is the id of the one that would begin: another one was joined where the event has another. Raises as
    `runs.begin` does.
    """
    started = _joined(session, step_id, runner, folder, operator)
    if started is not None:
        return started
    try:
        event = runs.begin(session, step_id, run=run, folder=folder, data=data, operator=operator)
    except RefusedError:
        started = _joined(session, step_id, runner, folder, operator)  # somebody else may have begun it just now
        if started is None:
            raise
        return started
    runners.join(session.journal, event.id, runner, host=socket.gethostname(), folder=str(folder))
    return event


def _joined(session: Session, step_id: str, runner: str, folder: Path, operator: Operator | None) -> Event | None:
    try:
        return join(session, step_id, runner, folder=folder, operator=operator)
    except NotRunningError:
        return None


class NotRunningError(RefusedError):
    """A batch has no run that could be joined."""


def join(session: Session, step_id: str, runner: str, *, folder: Path, operator: Operator | None = None) -> Event:
    """Join the run of a batch as another runner, and return its `started`; a note at the step says who did.

    NotRunningError where none goes on; RefusedError while it is being stopped.
    """
    step = session.step(step_id)
    session.refresh()
    state = session.progress.of(step.id)
    run, heard = state.run, heard_of(session.progress, state)
    if run is None:
        raise NotRunningError(f"cannot join {step.id}", "it does not run")
    if heard and heard.stopper and not heard.is_unknown:
        do = "wait until it has stopped, and run it again"
        raise RefusedError(f"cannot join {step.id}", f"it is being stopped, by {heard.stopper}", do)
    place = {"host": socket.gethostname(), "folder": str(folder)}
    if heard is not None and not heard.host:
        runs.list_again(session, step.id, run.id, **place)
    try:
        runners.join(session.journal, run.id, runner, **place)
    except RefusedError:
        raise NotRunningError(f"cannot join {step.id}", "its run has just ended") from None
    note = {"note": f"joined the run with a runner on {place['host']}"}
    session.append("noted", step.id, data=note, event_id=_join_id(runner), operator=operator)
    return run


def has_joined(session: Session, runner: str) -> bool:
    """Tell whether a runner has joined a run, as the journal says."""
    return session.find(_join_id(runner)) is not None


def _join_id(runner: str) -> str:
    return events.derived_id("join", runner)


def leave(session: Session, run: str, runner: str) -> int:
    """Leave a run, and return how many other runners work on it still."""
    return runners.leave(session.journal, run, runner)


def end_if_last(
    session: Session,
    step_id: str,
    run: str,
    runner: str,
    board: Sequence[DatabaseStatus],
    *,
    otherwise: Kind = "stopped",
    data: Mapping[str, str] | None = None,
    log: bytes | None = None,
) -> Event | None:
    """Write the end of a run where every database is at its end, or this runner is the last one; else leave it.

    Whoever sees every database at its end writes `passed` or `failed`, also while others are there: there is one end
    only. With the last runner a run ends as `otherwise`. None where others go on, or where a closed runbook takes no
    note. `data` says more: a message, the seconds. Repeating is safe.
    """
    board = boards.whole(session.step(step_id), board)  # of a database of which it says nothing, nothing is known
    said = {**_said(board), **(data or {})}
    if batch_results.is_at_end(board):
        return runs.end(session, step_id, run, batch_results.kind(board), {**said, **_value(board)}, log=log)
    otherwise = "undecided" if otherwise in PASSED else otherwise  # whatever a child says: the board decides
    while True:
        try:
            return runs.end(session, step_id, run, otherwise, said, log=log, alone=runner)
        except OthersLeftError:
            if leave(session, run, runner):
                return None


def _said(board: Sequence[DatabaseStatus]) -> dict[str, str]:
    return {"board": batch_results.text_of(board), "message": batch_results.message(board)}


def _value(board: Sequence[DatabaseStatus]) -> dict[str, str]:
    return {"value": batch_results.value(board)} if batch_results.kind(board) == "passed" else {}
