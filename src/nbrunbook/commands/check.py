"""nbrunbook check: have checks look again, of a runbook or of all that are open."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from nbrunbook.commands import completion
from nbrunbook.commands.options import json_option
from nbrunbook.commands.running import exit_status, facts, followed
from nbrunbook.commands.terminal import show_json, show_line, tell
from nbrunbook.errors import NbrunbookError, RefusedError

if TYPE_CHECKING:
    from nbrunbook.commands.running import Followed
    from nbrunbook.work.session import Session


@click.command(name="check")
@click.argument("key", metavar="[KEY]", required=False, shell_complete=completion.open_keys)
@click.argument("steps", metavar="[STEP]...", nargs=-1, shell_complete=completion.automated_steps)
@click.option("--all", "all_", is_flag=True, help="Of all runbooks that are open.")
@click.option(
    "-e", "environment", metavar="ENV|GROUP", default="", shell_complete=completion.environments, help="Only there."
)
@json_option
def command(key: str | None, steps: tuple[str, ...], all_: bool, environment: str, as_json: bool) -> int:
    """Have checks look, one after the other; without STEP all that may look now.

    Exits with 1 unless all passed, with or without a warning. Made for cron and CI.

    \b
    Example:
      nbrunbook check staging/1.0
      nbrunbook check --all -e production --json
    """
    if bool(key) == all_ or (environment and not all_):
        raise click.UsageError("a KEY and its steps, or --all, with -e for some environments")
    from nbrunbook.commands.here import session_on

    found: list[Followed] = []
    refused = False
    for session in _of_all(environment) if key is None else [session_on(key)]:
        for step_id in _asked(session, steps):
            try:
                found.append(_looked(session, step_id, quiet=as_json))
            except NbrunbookError as error:
                if steps:
                    raise
                refused = True
                tell(f"{session.key}, {step_id}: {error}")
    if as_json:
        show_json(facts(found))
    elif not found:
        tell("no check could look")
    return 1 if refused else exit_status(found)


def _of_all(environment: str) -> Iterator[Session]:
    """A session on each runbook that is open."""
    from nbrunbook.commands.here import session_on
    from nbrunbook.work import selection
    from nbrunbook.work.lost_journals import existing_journal
    from nbrunbook.work.naming import project_here
    from nbrunbook.work.selection import Filter

    project = project_here(tell=tell)
    journal = existing_journal(project)
    for row in selection.rows(journal, project, Filter(environment=environment, open_only=True)):
        yield session_on(row.key)


def _asked(session: Session, steps: tuple[str, ...]) -> Iterator[str]:
    """The checks that are asked for; where none is named, those that apply and wait for nothing."""
    for step in [session.step(each) for each in steps]:
        if step.kind != "check":
            raise RefusedError(f"cannot check {step.id}", "it is no check", "'nbrunbook run' runs actions")
        yield step.id
    for step in () if steps else session.progress.counted:
        if step.kind != "check" or session.progress.of(step.id).status == "skipped":
            continue
        try:
            session.check_attempt("started", step.id, data={})
        except RefusedError as error:
            if session.progress.of(step.id).run is None:
                tell(f"{session.key}: not yet: {error}")
                continue
        yield step.id


def _looked(session: Session, step_id: str, *, quiet: bool) -> Followed:
    from nbrunbook.automation import asking

    if not quiet:
        show_line(f"{session.key}, {step_id}:")
    begun = asking.begin(session, step_id)
    return session.key, begun, followed(session, begun, quiet=quiet)
