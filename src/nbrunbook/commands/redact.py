"""nbrunbook redact: blank what an event says."""

from __future__ import annotations

import shlex
import sys

import click

from nbrunbook.commands.here import operator_of
from nbrunbook.commands.options import any_key_argument
from nbrunbook.commands.terminal import show, tell
from nbrunbook.errors import RefusedError, one_line
from nbrunbook.runbook import redactions
from nbrunbook.runbook.events import Event
from nbrunbook.texts import short
from nbrunbook.work.naming import project_here
from nbrunbook.work.opening import open_session
from nbrunbook.work.session import Session


@click.command(name="redact")
@any_key_argument
@click.argument("seq", metavar="SEQ", type=click.IntRange(min=1))
@click.option("--reason", required=True, help="Why it may not stay; do not repeat what it says.")
@click.option("--yes", is_flag=True, help="Answer the question that it asks.")
def command(key: str, seq: int, reason: str, yes: bool) -> None:
    """Blank what an event says (note, reason, evidence, a file, an added step's title), for good.

    SEQ is its number in `nbrunbook journal KEY`. Who did what and when stays, and the chain still holds.
    It tells where else the text may still be.

    \b
    Example:
      nbrunbook redact staging/1.0 7 --reason "a token was pasted"
    """
    project = project_here(tell=tell)
    session = open_session(project, key, operator_of(project))
    event = redactions.find(session.events, seq)
    if event is not None and event.redacted:
        show(f"{key}: event {seq} was redacted before; nothing changed")
        return
    why = redactions.refusal(session.events, seq)
    if event is None or why:
        raise RefusedError(f"cannot redact event {seq} of {key}", why or "")
    elsewhere, name = redactions.still_shown(session.events, seq), redactions.blob_of(event)
    if not yes:
        _ask(session, event)
    session.redact(seq, reason)
    show(f"{key}: event {seq} is redacted")
    if name and session.journal.blob(name):
        others = [f"event {each.seq} of {each.runbook}" for each in session.journal.users(name)]
        elsewhere.append(f"the file that came with it, since {', '.join(others)} names it too")
    elsewhere += _kept_elsewhere(session, event)
    copy = project.session_path(key)
    if copy.exists():
        elsewhere.append(f"the session copy {project.relative(copy)}, until it is saved again")
    for each in [*elsewhere, "backups of the journal"]:
        tell(f"may still show it: {each}")


def _kept_elsewhere(session: Session, event: Event) -> list[str]:
    """The sign-offs of other runbooks that keep a `.once` step that was settled by this event, text and all."""
    if event.kind not in ("ticked", "skipped"):
        return []
    return [
        f"sign-off {each.seq} of {each.runbook}, which keeps it, and the records of {each.runbook}: "
        f"'nbrunbook redact {shlex.quote(each.runbook)} {each.seq}' blanks it there"
        for each in session.journal.users(event.id)
        if each.kind == "signed_off"
    ]


def _ask(session: Session, event: Event) -> None:
    attempt = f"cannot redact event {event.seq} of {session.key}"
    if not sys.stdin.isatty():
        raise RefusedError(attempt, "it cannot be undone, so it asks", "add --yes")
    said = short(one_line("; ".join(f"{name}: {text}" for name, text in event.data.items())), 200)
    tell(f"event {event.seq}, {event.kind} by {one_line(event.operator)}: {said}")
    if not click.confirm("Blank it for good?", err=True):
        raise RefusedError(attempt, "the question was answered with no")
