"""nbrunbook skip: record steps, or a release that never went somewhere, as skipped, with a reason."""

from __future__ import annotations

import shlex

import click

from nbrunbook.commands import completion
from nbrunbook.commands.about_journal import tell_if_new
from nbrunbook.commands.here import operator_of, session_on
from nbrunbook.commands.options import key_argument
from nbrunbook.commands.terminal import show, show_line, tell
from nbrunbook.project.settings import Project
from nbrunbook.runbook import words
from nbrunbook.runbook.events import now
from nbrunbook.runbook.times import local
from nbrunbook.work import skip
from nbrunbook.work.keys import Key, parse_key
from nbrunbook.work.naming import project_here
from nbrunbook.work.session import Session


@click.command(name="skip")
@key_argument
@click.argument("steps", metavar="[STEP]...", nargs=-1, shell_complete=completion.open_steps)
@click.option("--reason", required=True, help="Why it is not going to be done.")
def command(key: str, steps: tuple[str, ...], reason: str) -> None:
    """Record steps as skipped; the reason stands in the record.

    Without steps: the release never went there, and is not pending there any more.
    ENV may be a group then; no runbook and no template is needed.

    \b
    Example:
      nbrunbook skip staging/1.0 mail-support --reason "nobody uses staging"
      nbrunbook skip production/1.0 --reason "1.1 followed within the hour"
    """
    given = parse_key(key)
    if steps:
        _skip_steps(session_on(key), steps, reason)
    elif given.number:
        session = session_on(key)
        session.append("skipped", data={"reason": reason.strip()})
        _show_skipped(session)
    else:
        _skip_release(project_here(tell=tell), given, reason.strip())


def _skip_steps(session: Session, steps: tuple[str, ...], reason: str) -> None:
    for step_id in [session.step(step_id).id for step_id in steps]:
        session.append("skipped", step_id, data={"reason": reason})
        show_line(f"{step_id}: {words.line(session.progress.of(step_id), local(now()))}")


def _skip_release(project: Project, key: Key, reason: str) -> None:
    prepared = skip.prepare(project, key, reason, operator_of(project))
    for environment, event in prepared.already.items():
        tell(f"{environment}/{prepared.release}: skipped already by {words.who(event)}; nothing changed")
    journal = skip.open_journal(prepared)
    tell_if_new(project, journal)
    if not prepared.is_known:
        tell(f"no template is called {prepared.release}; check that the name is meant")
    for environment in prepared.left:
        session = skip.carry_out(prepared, journal, environment)
        if prepared.has_runbook(environment):
            _show_skipped(session)
        else:
            _show_never_there(session)


def _show_skipped(session: Session) -> None:
    """Say what became of a runbook, and how to take it back."""
    show(f"{session.key}: skipped as a whole, {session.progress.summary()}")
    tell(f"'nbrunbook reopen {shlex.quote(session.key)} --reason …' takes it back")


def _show_never_there(session: Session) -> None:
    show(f"{session.key}: skipped: it never went there")
    row = session.runbook
    named = shlex.join([row.release, "-e", row.environment])
    tell(f"if it goes there after all: 'nbrunbook instantiate {named} --again'")
    tell(f"if it was a mistake: 'nbrunbook abandon {shlex.quote(session.key)} --reason …'")
