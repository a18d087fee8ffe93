"""nbrunbook batch: say how a batch goes on, and see how far it is."""

from __future__ import annotations

import shlex
from dataclasses import asdict

import click

from nbrunbook.commands import batches, completion
from nbrunbook.commands.here import session_on
from nbrunbook.commands.options import any_key_argument, json_option, key_argument
from nbrunbook.commands.running import ask, exit_status, facts
from nbrunbook.commands.terminal import show_code, show_json, show_line, tell
from nbrunbook.runbook.batch_facts import LARGEST_SIZE
from nbrunbook.texts import listed
from nbrunbook.work import boards
from nbrunbook.work.naming import project_here
from nbrunbook.work.session import Session

step_argument = click.argument("step", metavar="STEP", shell_complete=completion.batches)
reason_option = click.option("--reason", default="", help="Why.")


FIRST, ALL = 5, 1_000_000
"""Refused rows of a database that are shown."""


@click.group(name="batch")
def command() -> None:
    """Say how a batch goes on, and see how far it is in each database.

    'nbrunbook run KEY STEP' begins one, or joins the run that goes on.

    \b
    Example:
      nbrunbook batch status production/1.0 fill-slugs
    """


@command.command(name="status", short_help="Show how far it is in each database.")
@any_key_argument
@step_argument
@click.option("--follow", is_flag=True, help="Go on until its run is over; no other runner is begun.")
@click.option("--refused", is_flag=True, help="Show all rows that were refused, not the first ones only.")
@json_option
def status(key: str, step: str, follow: bool, refused: bool, as_json: bool) -> int:
    """Show how far a batch is in each database, and which rows it has left out: the broken and the slowest first.

    While it runs as its runners say; else as its cursors in the databases say, where those can be read. The JSON
    holds refused rows with --refused alone.

    \b
    Example:
      nbrunbook batch status production/1.0 fill-slugs --json
    """
    from nbrunbook.automation import batch_board

    session = session_on(key)
    step_id = batches.batch_step(session, step).id
    if follow and batches.watch(session, step_id, quiet=as_json) and not as_json:
        return 0
    found = batch_board.board(session, project_here(), step_id)
    is_asked = refused or not as_json
    most = ALL if refused else FIRST
    rows = list(batch_board.refused(session, project_here(), found, most)) if is_asked else []
    if as_json:
        left_out = {"refused": [asdict(each) for each in rows if not isinstance(each, str)]} if refused else {}
        show_json({**boards.facts(found.step, found.statuses), **left_out})
    else:
        batches.show_board(session, found)
        batches.show_refused(session, found, rows)
    return 0


@command.command(name="pause", short_help="Have all runners hold.")
@key_argument
@step_argument
@reason_option
def pause(key: str, step: str, reason: str) -> None:
    """Have all runners of a batch hold after the chunk that they are at, until somebody resumes it.

    Where nobody runs it, whoever begins it holds.

    \b
    Example:
      nbrunbook batch pause production/1.0 fill-slugs --reason "peak hours"
    """
    from nbrunbook.work import controls

    session = session_on(key)
    controls.pause(session, batches.batch_step(session, step).id, reason=reason.strip())
    again = shlex.join(["nbrunbook", "batch", "resume", session.key, step])
    _tell_done(session, step, "paused", f"its runners hold after their chunk; '{again}' lets it go on")


@command.command(name="resume", short_help="Let it go on.")
@key_argument
@step_argument
@reason_option
def resume(key: str, step: str, reason: str) -> None:
    """Let a batch that was paused go on.

    \b
    Example:
      nbrunbook batch resume production/1.0 fill-slugs
    """
    from nbrunbook.work import controls

    session = session_on(key)
    controls.resume(session, batches.batch_step(session, step).id, reason=reason.strip())
    _tell_done(session, step, "resumed", "its runners go on")


def _size(_: click.Context, option: click.Parameter, given: str) -> int | None:
    if given == "adaptive":
        return None
    try:
        found = int(given.replace(",", "").replace("_", ""))
    except ValueError:
        found = 0
    if not 1 <= found <= LARGEST_SIZE:
        raise click.BadParameter(
            f"{given!r} is no number of rows from 1 to {LARGEST_SIZE:,}, and not 'adaptive'", param=option
        )
    return found


@command.command(name="size", short_help="Say how many rows a chunk has.")
@click.argument("size", metavar="N|adaptive", callback=_size)
@key_argument
@step_argument
def size(size: int | None, key: str, step: str) -> None:
    """Say how many rows a chunk has from now on, in every database; 'adaptive' has it follow its target again.

    \b
    Example:
      nbrunbook batch size 500 production/1.0 fill-slugs
    """
    from nbrunbook.work import controls

    session = session_on(key)
    controls.resize(session, batches.batch_step(session, step).id, size)
    said = "the size follows the target again" if size is None else f"chunks of {size:,} rows from the next one on"
    _tell_done(session, step, "", said)


def _tell_done(session: Session, step: str, did: str, follows: str) -> None:
    """Say what was recorded, and what comes of it while somebody runs it."""
    is_running = session.progress.of(step).run is not None
    who = f"{did} by {session.operator.name}" if did else follows
    show_line(f"{step}: {who}")
    if did:
        tell(follows if is_running else f"nobody runs it; {batches.NEXT_RUN}")
    elif not is_running:
        tell(f"nobody runs it; {batches.NEXT_RUN}")


@command.command(name="stop", short_help="End its run, in all runners.")
@key_argument
@step_argument
@json_option
def stop(key: str, step: str, as_json: bool) -> int:
    """Ask all runners of a batch to stop after the chunk that they are at, and follow that.

    Nothing is lost: 'nbrunbook run KEY STEP' goes on where it stood. Exits with 0 once it has stopped.

    \b
    Example:
      nbrunbook batch stop production/1.0 fill-slugs
    """
    session = session_on(key)
    return batches.stop(session, batches.batch_step(session, step).id, as_json=as_json)


@command.command(name="rerun", short_help="Try the rows again that were refused.")
@key_argument
@step_argument
@batches.workers_option
@batches.executor_option
@click.option("--background", is_flag=True, help="Begin, and do not wait for the end.")
@click.option("--yes", is_flag=True, help="Answer the question that is asked where its code has changed.")
@json_option
def rerun(key: str, step: str, workers: int | None, executor: str, background: bool, yes: bool, as_json: bool) -> int:
    """Try the rows again that a batch has left out, once whatever refused them was mended, and follow that.

    Each is read again by its key, and changed once. What is refused again stays left out.

    \b
    Example:
      nbrunbook batch rerun production/1.0 fill-slugs
    """
    session = session_on(key)
    step_id = batches.batch_step(session, step).id
    ask(session, step_id, reason="", yes=yes)
    asked = batches.Asked(workers=workers, executor=executor, rerun=True)
    came = batches.run(session, step_id, asked, background=background, quiet=as_json)
    found = [came] if came else []
    if as_json:
        show_json(facts(found))
    return 0 if background else exit_status(found)


@command.command(name="ddl", short_help="Print the SQL that makes its tables.")
@click.argument("key", metavar="[KEY STEP]", required=False, default="", shell_complete=completion.any_keys)
@click.argument("step", metavar="", required=False, default="", shell_complete=completion.batches)
@click.option("--kind", type=click.Choice(batches.WITH_SQL), help="Only for this kind of databases.")
@click.option("--role", metavar="NAME", default="", help="The role that runs batches, in PostgreSQL.")
def ddl(key: str, step: str, kind: str | None, role: str) -> None:
    """Print the SQL that makes the tables in which batches keep their cursors, for who may not make tables.

    It is for each kind of the databases that the configuration names, or of those that one batch goes through.
    Nothing is opened; without KEY and STEP no journal is read either.

    \b
    Example:
      nbrunbook batch ddl --kind postgresql --role app | psql -d shop
    """
    if key and not step:
        raise click.UsageError("KEY and STEP, or neither")
    from nbrunbook.batches import cursor

    for each, names in ({kind: []} if kind and not key else batches.kinds(key, step)).items():
        if kind in (None, each):
            show_code(f"-- {each}{f', for {listed(names)}' if names else ''}\n{cursor.ddl(each, batches.quoted(role))}")
