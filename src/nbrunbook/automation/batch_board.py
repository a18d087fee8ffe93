"""Where a batch stands in each of its databases, by whoever can say that now: its runners, its cursors, the journal."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from nbrunbook.automation import batch_traces, reporting
from nbrunbook.automation.batch_job import job_of, passwords_of
from nbrunbook.automation.masking import mask
from nbrunbook.batches import slices
from nbrunbook.batches.refused import RefusedRow, rows_of
from nbrunbook.errors import NbrunbookError, one_line
from nbrunbook.journal.runners import RunnerRow
from nbrunbook.project.settings import Project
from nbrunbook.runbook.board import DatabaseStatus
from nbrunbook.runbook.parameters import Secret
from nbrunbook.runbook.program import values_of
from nbrunbook.texts import listed
from nbrunbook.work import boards
from nbrunbook.work.session import Session

Source = Literal["runners", "cursors", "journal"]
SOURCES: dict[Source, str] = {
    "runners": "as its runners say",
    "cursors": "as its cursors in the databases say",
    "journal": "as the journal heard last",
}


@dataclass(frozen=True, kw_only=True)
class Board:
    """Where a batch stands, and who says so."""

    step: str
    statuses: tuple[DatabaseStatus, ...]
    """One for each of its databases, in the order of the plan."""
    source: Source
    why: str = ""
    """Why no cursor could be read, where one should have been."""
    runners: tuple[RunnerRow, ...] = ()
    """Who works on the run that goes on, as far as they are heard of."""


def board(session: Session, project: Project, step_id: str) -> Board:
    """Return where a batch stands: while somebody runs it as they say, else by its cursors, else by the journal."""
    reporting.catch_up(session)
    known = heard(session, step_id)
    if known.runners:
        return known
    try:
        read = slices.status_of(job_of(session, project, step_id))
    except NbrunbookError as error:
        return replace(known, why=one_line(str(error)))
    away = {each.name: each for each in read if _is_away(each)}
    if len(away) == len(read):
        return replace(known, statuses=_with_errors(known.statuses, away), why="no cursor can be read")
    by_name = {each.name: each for each in read}
    found = tuple(each if each.name in away else by_name[each.name] for each in _with_errors(known.statuses, away))
    why = f"but not of {listed(list(away))}, which cannot be read" if away else ""
    return Board(step=step_id, statuses=boards.without_gone(found, ()), source="cursors", why=why)


def _is_away(status: DatabaseStatus) -> bool:
    """Whether its cursor could not be read: such a status tells the error alone."""
    return status == DatabaseStatus(name=status.name, error=status.error) and bool(status.error)


def _with_errors(known: Sequence[DatabaseStatus], away: Mapping[str, DatabaseStatus]) -> tuple[DatabaseStatus, ...]:
    """What the journal knows, with why a database cannot be asked now."""
    return tuple(replace(each, error=away[each.name].error) if each.name in away else each for each in known)


def heard(session: Session, step_id: str) -> Board:
    """Return where a batch stands as the journal knows it; what a runner has that is gone, nobody has."""
    found, rows = boards.heard(session, session.step(step_id))
    working = tuple(each for each in rows if not batch_traces.is_gone(each))
    statuses = boards.without_gone(found, {each.id for each in working})
    return Board(step=step_id, statuses=statuses, source="runners" if working else "journal", runners=working)


def refused(session: Session, project: Project, found: Board, most: int) -> Iterator[RefusedRow | str]:
    """Yield the first refused rows of each database, without the values of secrets; a name where it cannot be asked."""
    having = [each.name for each in found.statuses if each.quarantined]
    try:
        job = job_of(session, project, found.step) if having else None
    except NbrunbookError:  # the configuration lacks one: the board says so
        yield from having
        return
    secrets = [each.name for each in values_of(session.progress.plan).values() if isinstance(each, Secret)]
    values = [os.environ.get(each, "") for each in (*secrets, *(passwords_of(job) if job else ()))]
    for name in having:
        try:
            rows = rows_of(job, name, most) if job else []
        except Exception:  # whatever a driver raises: its board says that it cannot be read
            yield name
            continue
        yield from (replace(each, row=mask(each.row, values), error=mask(each.error, values)) for each in rows)
