"""Boards as the journal knows them: what the runners of a batch said last, or how its last run ended."""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from dataclasses import replace
from typing import Any

from nbrunbook.journal import runners
from nbrunbook.journal.runners import RunnerRow
from nbrunbook.runbook import batch_results, board_words
from nbrunbook.runbook.board import DatabaseStatus
from nbrunbook.runbook.plan import Step
from nbrunbook.work.following import Following

FACTS = ("name", "state", "done", "left", "rate", "batch_size", "hold", "error", "quarantined")
"""What JSON says of a database."""


def statuses(following: Following, step: Step) -> tuple[DatabaseStatus, ...]:
    """Return where a batch stands in each database; see `heard`."""
    return heard(following, step)[0]


def heard(following: Following, step: Step) -> tuple[tuple[DatabaseStatus, ...], tuple[RunnerRow, ...]]:
    """Return where a batch stands in each database, and the runners of the run that goes on.

    Without one it is as the last run ended, and so is what a run has not told yet. How fast a runner is, is told only
    while it speaks.
    """
    state = following.progress.of(step.id)
    before = batch_results.board_of(state.last)
    if state.run is None:
        return whole(step, before), ()
    rows = runners.of(following.journal, following.runbook).get(state.run.id, ())
    quiet = {each.id for each in rows if each.is_quiet}
    said = runners.board(following.journal, state.run.id)
    moving = [replace(each, rate=None) if each.runner in quiet else each for each in said]
    return whole(step, [*map(_not_begun, before), *moving]), rows


def _not_begun(before: DatabaseStatus) -> DatabaseStatus:
    """Where a database stands that an earlier run has left, and that nobody works on yet."""
    if before.state == "done":
        return before
    return replace(before, state="waiting", hold="", error="", since="", rate=None, runner="")


GONE = "its runner is gone: another one takes it over within a minute"


def without_gone(found: Iterable[DatabaseStatus], working: Container[str]) -> tuple[DatabaseStatus, ...]:
    """Return where databases stand whose runners may be gone: `working` are the ids of those that are not."""
    return tuple(
        replace(each, state="waiting", hold=GONE, rate=None, runner="")
        if each.runner and each.runner not in working
        else each
        for each in found
    )


def whole(step: Step, said: Sequence[DatabaseStatus]) -> tuple[DatabaseStatus, ...]:
    """Return a status for each database of a batch, in its order: of which nothing is said, nobody works on it."""
    known = {each.name: each for each in said}
    batch = step.automation.batch if step.automation else None
    return tuple(known.get(name) or DatabaseStatus(name=name) for name in (batch.databases or () if batch else ()))


def facts(step_id: str, found: Sequence[DatabaseStatus]) -> dict[str, Any]:
    """Return where a batch stands as JSON, in the order of its databases."""
    databases = [{name: getattr(each, name) for name in FACTS} for each in found]
    return {"step": step_id, "state": board_words.state(found), "databases": databases}
