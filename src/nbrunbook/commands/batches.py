"""Batches as the command line has them: begun and followed, stopped, and where they stand, in words and as JSON."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from nbrunbook.commands import board
from nbrunbook.commands.running import Came, Shown, begun_only, came, exit_status, nothing, show_end
from nbrunbook.commands.running import facts as run_facts
from nbrunbook.commands.terminal import show, show_json, show_line, tell, tell_error, width
from nbrunbook.errors import RefusedError, one_line
from nbrunbook.project.databases import chosen
from nbrunbook.runbook import batch_facts, batch_results, board_text, board_words, words
from nbrunbook.runbook.events import now
from nbrunbook.runbook.plan import Step
from nbrunbook.runbook.running import heard_of
from nbrunbook.runbook.times import local
from nbrunbook.texts import listed, many
from nbrunbook.work.naming import project_here

if TYPE_CHECKING:
    from nbrunbook.automation.batch_board import Board
    from nbrunbook.automation.beginning import Begun
    from nbrunbook.batches.refused import RefusedRow
    from nbrunbook.work.session import Session

NEXT_RUN = "it holds for the next run"
WITH_SQL = ("postgresql", "sqlite")
"""Kinds of databases for whose tables there is SQL."""
MOST_RUNNERS = 5
"""Runners that are named."""


def _factory(_: click.Context, option: click.Parameter, given: str) -> str:
    if given and not batch_facts.FACTORY.fullmatch(given):
        raise click.BadParameter(f"{given!r} is none, such as shop.cluster:executor", param=option)
    return given


workers_option = click.option(
    "--workers",
    type=click.IntRange(1, batch_facts.MOST_WORKERS),
    metavar="N",
    help="Databases of a batch at once; 1 without it.",
)
executor_option = click.option(
    "--executor", metavar="MODULE:FACTORY", default="", callback=_factory, help="Have it done by an executor's workers."
)


@dataclass(frozen=True, kw_only=True)
class Asked:
    """How a batch is to be run."""

    workers: int | None = None
    """Databases at once; None for one."""
    executor: str = ""
    rerun: bool = False
    """Whether the rows are tried again that were refused."""


def batch_step(session: Session, step_id: str) -> Step:
    """Return a step that is a batch; RefusedError for another one."""
    step = session.step(step_id)
    if step.kind != "batch":
        batches = [each.id for each in session.progress.plan.steps if each.kind == "batch"]
        known = f"one of its batches: {', '.join(batches)}" if batches else "a runbook with a batch"
        raise RefusedError(f"{step.id} of {session.key} is no batch", known)
    return step


def show_board(session: Session, found: Board) -> None:
    """Show where a batch stands, who says so, and who works on it."""
    from nbrunbook.automation.batch_board import SOURCES

    clock = local(now())
    state = session.progress.of(found.step)
    show_line(f"{found.step}: {board_words.state(found.statuses)}", "strong")
    if line := words.line(state, clock, heard_of(session.progress, state)):
        show_line(line)
    for each in board_text.drawn(found.statuses, clock, width=width()):
        show(each.text, each.tone)
    tell(SOURCES[found.source] + (f": {found.why}" if found.why else ""))
    if found.runners:
        tell(f"{many(len(found.runners), 'runner')}: {_runners(found)}")
    elif state.run is not None:
        tell(f"nobody works on it; {_again(session.key, found.step)} goes on with it")


def show_refused(session: Session, found: Board, rows: Sequence[RefusedRow | str]) -> None:
    """Show rows that were refused, how many more there are, and what to do once nobody works on it."""
    if rows:
        show("\nRefused")
    for each in rows:
        if isinstance(each, str):
            tell(f"{each}: its refused rows cannot be read")
        else:
            show_line(f"{each.database}: row {each.row}: {each.error}")
    refused = sum(each.quarantined for each in found.statuses)
    if rows and refused > len(rows):
        tell(f"and {many(refused - len(rows), 'row')} more: --refused shows all")
    if session.progress.of(found.step).run is None:
        _tell_what_to_do(session, found.step, refused)


def _runners(found: Board) -> str:
    named = [f"process {each.pid} on {each.host}" for each in found.runners[:MOST_RUNNERS]]
    more = len(found.runners) - len(named)
    return one_line(", ".join(named) + (f" and {more} more" if more else ""))


def _again(key: str, step_id: str) -> str:
    return f"'nbrunbook run {shlex.join([key, step_id])}'"


def stop_words(key: str, step_id: str) -> str:
    """Return that a batch goes on, and how to stop it."""
    return f"it goes on; 'nbrunbook batch stop {shlex.join([key, step_id])}' ends it"


def run(session: Session, step_id: str, asked: Asked, *, background: bool = False, quiet: bool = False) -> Came | None:
    """Begin the run of a batch, or join the one that goes on, and follow it; None where it is done, which is said."""
    from nbrunbook.automation import asking, joining

    asking.catch_up(session)
    state = session.progress.of(step_id)
    if state.status == "done" and state.run is None:
        tell(f"{step_id}: {words.line(state, local(now()))}")
        return None
    project = project_here()
    begun = joining.run_batch(
        session, project, step_id, workers=asked.workers, executor=asked.executor or None, rerun=asked.rerun
    )
    if state.run is not None and state.run.id == begun.run:
        tell(f"{step_id}: another runner of the run that {state.run.operator} has begun")
    if background:
        tell(f"{step_id}: {stop_words(session.key, step_id)}")
        return begun_only(session, begun)
    return followed(session, begun, quiet=quiet)


def followed(session: Session, begun: Begun, *, quiet: bool = False, with_output: bool = True) -> Came:
    """Show the board of a run until that is over, with what its runner here writes, and what came out; return that.

    KeyboardInterrupt leaves it running, and says so. `quiet` shows nothing on stdout.
    """
    from nbrunbook.automation import batch_board
    from nbrunbook.automation.beginning import follow

    shown = board.board(quiet=quiet)
    output = Shown(err=True) if quiet else Shown(put=shown.say)
    try:
        end = follow(
            session,
            begun,
            output if with_output else nothing,
            lambda: shown.show(batch_board.heard(session, begun.step).statuses),
        )
    except KeyboardInterrupt:
        shown.end()
        tell(f"\n{begun.step}: {stop_words(session.key, begun.step)}")
        raise
    finally:
        output.end()
        shown.end()
    if end is None:
        tell_error(_nobody_knows(session, begun))
        return begun_only(session, begun)
    if not quiet:
        show_end(begun.step, end)
        _tell_what_to_do(session, begun.step, sum(each.quarantined for each in batch_results.board_of(end)))
    return came(session, begun, end)


def _nobody_knows(session: Session, begun: Begun) -> str:
    state = session.progress.of(begun.step)
    if state.run is None:
        return f"{begun.step}: somebody has said what became of it: {words.line(state, local(now()))}"
    again = _again(session.key, begun.step)
    return f"{begun.step} has lost its runners; its cursors know how far it is: {again} goes on with it"


def _tell_what_to_do(session: Session, step_id: str, refused: int) -> None:
    if refused:
        again = f"'nbrunbook batch rerun {shlex.join([session.key, step_id])}'"
        they, them = ("it is", "it") if refused == 1 else ("they are", "them")
        tell(f"{step_id}: {many(refused, 'row')} left out; once {they} mended {again} tries {them} again")


def watch(session: Session, step_id: str, *, quiet: bool) -> bool:
    """Follow the run of a batch, and return whether there was one."""
    from nbrunbook.automation import asking
    from nbrunbook.automation.beginning import Begun

    asking.catch_up(session)
    run = session.progress.of(step_id).run
    if run is not None:
        followed(session, Begun(step=step_id, run=run.id, folder=Path("/")), quiet=quiet, with_output=False)
    return run is not None


def stop(session: Session, step_id: str, *, as_json: bool) -> int:
    """Ask the run of a batch to stop, follow it, and return the exit status."""
    from nbrunbook.automation import asking

    asking.catch_up(session)
    begun = asking.stop(session, step_id)
    found = [followed(session, begun, quiet=as_json, with_output=False)]
    if as_json:
        show_json(run_facts(found))
    return exit_status(found, stopped=True)


def kinds(key: str, step_id: str) -> Mapping[str, list[str]]:
    """Return the kinds of databases for whose tables there is SQL, with the names of those: of one batch, or of all.

    Where the configuration names none it is PostgreSQL's.
    """
    from nbrunbook.batches.data import kind_of

    project = project_here(tell=tell)
    names = list(project.databases)
    if key:
        from nbrunbook.commands.here import session_on

        does = batch_step(session_on(key), step_id).automation
        names = list(does.batch.databases or ()) if does and does.batch else []
    found: dict[str, list[str]] = {}
    for each in chosen(project.databases, names):
        found.setdefault(kind_of(each), []).append(each.name)
    for kind in found.keys() - set(WITH_SQL):
        tell(f"{kind}: no SQL is known for it; a batch makes its tables by itself ({listed(found.pop(kind))})")
    return found if names else {"postgresql": []}


def quoted(role: str) -> str:
    """Return a role's name as SQL has it."""
    return role if re.fullmatch(r"[a-z_][a-z0-9_]*|", role) else '"' + role.replace('"', '""') + '"'
