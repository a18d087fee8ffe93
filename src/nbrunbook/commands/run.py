"""nbrunbook run: have the machine do steps, and follow them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from nbrunbook.commands import batches, completion
from nbrunbook.commands.here import session_on
from nbrunbook.commands.options import json_option, key_argument
from nbrunbook.commands.running import Came, ask, begun_only, exit_status, facts, followed, length, stop_words
from nbrunbook.commands.terminal import show_json, show_line, tell
from nbrunbook.runbook import words
from nbrunbook.runbook.events import now
from nbrunbook.runbook.times import local
from nbrunbook.texts import listed
from nbrunbook.work.session import Session

if TYPE_CHECKING:
    from nbrunbook.automation.beginning import Begun


@dataclass(frozen=True, kw_only=True)
class How:
    """How steps are to be run, as the command line says."""

    reason: str
    """Why an action is run once more; empty where that was not asked for."""
    stop: bool
    quiet: bool
    """Whether stdout is for JSON."""
    background: bool
    timeout: int | None
    yes: bool
    workers: int | None
    executor: str

    @property
    def batch(self) -> batches.Asked:
        """How a batch is to be run."""
        return batches.Asked(workers=self.workers, executor=self.executor)


@click.command(name="run")
@key_argument
@click.argument("steps", metavar="STEP...", nargs=-1, required=True, shell_complete=completion.automated_steps)
@click.option("--background", is_flag=True, help="Begin, and do not wait for the end.")
@click.option("--force", is_flag=True, help="Run an action once more that is done; with --reason.")
@click.option("--reason", default="", help="Why it is run once more, or how you know what happened.")
@click.option("--timeout", callback=length, metavar="TIME", help="How long it may take, such as 90s or 5m.")
@click.option("--stop", is_flag=True, help="End the run that goes on.")
@click.option("--it-ran", is_flag=True, help="Say that a run of which nobody knows did its work; with --reason.")
@click.option("--it-did-not", is_flag=True, help="Say that it did not; with --reason.")
@click.option("--host-is-gone", is_flag=True, help="Say so from another computer, since its own is no more.")
@batches.workers_option
@batches.executor_option
@click.option("--yes", is_flag=True, help="Answer the question that is asked before what cannot be undone.")
@json_option
def command(
    key: str,
    steps: tuple[str, ...],
    force: bool,
    reason: str,
    stop: bool,
    it_ran: bool,
    it_did_not: bool,
    host_is_gone: bool,
    as_json: bool,
    **more: Any,
) -> int:
    """Have the machine do steps, one after the other, and show what they write.

    It goes on without this terminal: Ctrl-C leaves it running, and says how to stop it. The next step
    begins once the one before has passed. Exits with 1 unless all passed, with or without a warning.

    A batch that runs is joined by another runner, here or on another computer; one that is done exits with 0.

    \b
    Example:
      nbrunbook run staging/1.0 index-green purge-cdn
      nbrunbook run production/1.0 fill-slugs --workers 4
    """
    says = it_ran or it_did_not
    _check_usage((force, stop, it_ran, it_did_not), explains=force or says, says=says, reason=reason, gone=host_is_gone)
    session = session_on(key)
    asked = dict.fromkeys(session.step(each).id for each in steps)
    if says:
        return _say(session, asked, ran=it_ran, note=reason, gone=host_is_gone)
    how = How(reason=reason if force else "", stop=stop, quiet=as_json, **more)
    _check_kinds(session, asked, how)
    found: list[Came] = []
    try:
        for step_id in asked:
            came = _came(session, step_id, how)
            found += [came] if came else []
            if not how.background and exit_status(found, stopped=stop):
                _tell_the_rest(list(asked), step_id)
                break
    finally:
        if as_json:
            show_json(facts(found))
    return 0 if how.background else exit_status(found, stopped=stop)


def _check_usage(one_of: Sequence[bool], *, explains: bool, says: bool, reason: str, gone: bool) -> None:
    """Raise UsageError for options that do not go together."""
    if sum(one_of) > 1:
        raise click.UsageError("--force, --stop, --it-ran and --it-did-not: one of them")
    if explains and not reason.strip():
        raise click.UsageError("say why, or how you know, with --reason")
    if reason and not explains:
        raise click.UsageError("--reason goes with --force, --it-ran or --it-did-not")
    if gone and not says:
        raise click.UsageError("--host-is-gone goes with --it-ran or --it-did-not")


def _tell_the_rest(asked: list[str], step_id: str) -> None:
    rest = asked[asked.index(step_id) + 1 :]
    if rest:
        tell(f"not run, since {step_id} did not pass: {listed(rest)}")


def _say(session: Session, steps: Iterable[str], *, ran: bool, note: str, gone: bool) -> int:
    from nbrunbook.automation import asking

    for step_id in steps:
        asking.say(session, step_id, ran=ran, note=note, gone=gone)
        show_line(f"{step_id}: {words.line(session.progress.of(step_id), local(now()))}")
    return 0


def _check_kinds(session: Session, steps: Iterable[str], how: How) -> None:
    """Raise UsageError for options that steps of some kind do not take, before the first one is begun."""
    for each in map(session.step, steps):
        if each.kind == "batch" and (how.timeout or how.reason):
            raise click.UsageError(f"{each.id} is a batch: it goes on where it stands, without --timeout or --force")
        if each.kind != "batch" and (how.workers or how.executor):
            raise click.UsageError(f"{each.id} is no batch: --workers and --executor are for batches")


def _came(session: Session, step_id: str, how: How) -> Came | None:
    """Begin or stop a run, and follow it; None where there is nothing to tell of it."""
    is_batch = session.step(step_id).kind == "batch"
    if is_batch and not how.stop:
        ask(session, step_id, reason=how.reason, yes=how.yes)
        return batches.run(session, step_id, how.batch, background=how.background, quiet=how.quiet)
    begun = _begun(session, step_id, how)
    if begun is None:
        return None
    if how.background:
        tell(f"{step_id}: {'asked to stop' if how.stop else stop_words(session.key, step_id)}")
        return begun_only(session, begun)
    return (batches.followed if is_batch else followed)(session, begun, quiet=how.quiet)


def _begun(session: Session, step_id: str, how: How) -> Begun | None:
    """A run that has begun, or the one that is to stop; None where it was a look, of which nothing is recorded."""
    # Loaded when it is called: `--help` needs none of it.
    from nbrunbook.automation import asking

    asking.catch_up(session)
    if how.stop and asking.stop_looking(session, step_id):
        tell(f"{step_id}: asked to stop looking; nothing is recorded of that")
        return None
    if how.stop:
        return asking.stop(session, step_id)
    ask(session, step_id, reason=how.reason, yes=how.yes)
    return asking.begin(session, step_id, timeout=how.timeout, reason=how.reason)
