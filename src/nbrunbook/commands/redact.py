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
from nbrunbook.runbook.events import PASSED, Event
from nbrunbook.texts import short
from nbrunbook.work import redacting
from nbrunbook.work.naming import project_here
from nbrunbook.work.opening import open_session
from nbrunbook.work.session import Session


@click.command(name="redact")
@any_key_argument
@click.argument("seq", metavar="[SEQ]", required=False, type=click.IntRange(min=1))
@click.option("--code", metavar="CELL", help="A code cell of the plan in place of an event: its number, or its sha256.")
@click.option("--reason", required=True, help="Why it may not stay; do not repeat what it says.")
@click.option("--yes", is_flag=True, help="Answer the question that it asks.")
def command(key: str, seq: int | None, code: str | None, reason: str, yes: bool) -> None:
    """Blank what an event says (note, reason, evidence, a file, an added step's title, what a run wrote), for good.

    SEQ is its number in `nbrunbook journal KEY`. Who did what and when stays, and the chain still holds.
    It tells where else the text may still be.
    With --code a cell that automated steps load is blanked, and the runbook's notebook with it: they cannot be
    run until a revision brings other code.

    \b
    Example:
      nbrunbook redact staging/1.0 7 --reason "a token was pasted"
    """
    if (seq is None) == (code is None):
        raise click.UsageError("either SEQ or --code CELL")
    project = project_here(tell=tell)
    session = open_session(project, key, operator_of(project))
    event = redactions.find(session.events, seq or 0)
    if event is not None and event.redacted:
        show(f"{key}: event {seq} was redacted before; nothing changed")
        return
    if seq is not None:
        elsewhere = _redact_event(session, event, seq, reason, yes=yes)
    else:
        elsewhere = _redact_code(session, redacting.code_named(session, code or ""), reason, yes=yes)
    copy = project.session_path(key)
    if copy.exists():
        elsewhere.append(f"the session copy {project.relative(copy)}, until it is saved again")
    for each in [*elsewhere, "backups of the journal"]:
        tell(f"may still show it: {each}")


def _redact_code(session: Session, name: str, reason: str, *, yes: bool) -> list[str]:
    """Blank a code cell; return where it may still be read."""
    if not yes:
        content = session.journal.blob(name) or b""
        said = short(one_line(content.decode(errors="replace")), 200)
        _ask(f"cannot redact code of {session.key}", f"code cell {name[:12]}…: {said}")
    session.redact(name, reason)
    show(f"{session.key}: the code cell {name[:12]}… is redacted, and the notebook that holds it")
    others = [
        f"the notebook of {key}, which has the same code and cannot run it either: "
        f"'nbrunbook redact {shlex.quote(key)} --code {name[:12]}' blanks it"
        for key in redacting.others_with(session, name)
    ]
    return [*others, *redactions.code_still_shown(session.events)]


def _redact_event(session: Session, event: Event | None, seq: int, reason: str, *, yes: bool) -> list[str]:
    """Blank an event; return where it may still be read."""
    key = session.key
    why = redactions.refusal(session.events, seq)
    if event is None or why:
        raise RefusedError(f"cannot redact event {seq} of {key}", why or "")
    elsewhere, name = redactions.still_shown(session.events, seq), redactions.blob_of(event)
    if not yes:
        said = short(one_line("; ".join(f"{name}: {text}" for name, text in event.data.items())), 200)
        about = f"event {event.seq}, {event.kind} by {one_line(event.operator)}: {said}"
        _ask(f"cannot redact event {event.seq} of {session.key}", about)
    session.redact(seq, reason)
    show(f"{key}: event {seq} is redacted")
    if name and session.journal.blob(name):
        others = [f"event {each.seq} of {each.runbook}" for each in session.journal.users(name)]
        elsewhere.append(f"the file that came with it, since {', '.join(others)} names it too")
    if redactions.run_of(event):
        # Loaded here: few events are of runs.
        from nbrunbook.automation import asking

        elsewhere += asking.forget(session, event)
    return [*elsewhere, *_kept_elsewhere(session, event)]


def _kept_elsewhere(session: Session, event: Event) -> list[str]:
    """The sign-offs of other runbooks that keep a `.once` step that was settled by this event, text and all."""
    if event.kind not in ("ticked", "skipped", *PASSED):
        return []
    return [
        f"sign-off {each.seq} of {each.runbook}, which keeps it, and the records of {each.runbook}: "
        f"'nbrunbook redact {shlex.quote(each.runbook)} {each.seq}' blanks it there"
        for each in session.journal.users(event.id)
        if each.kind == "signed_off"
    ]


def _ask(attempt: str, about: str) -> None:
    if not sys.stdin.isatty():
        raise RefusedError(attempt, "it cannot be undone, so it asks", "add --yes")
    tell(about)
    if not click.confirm("Blank it for good?", err=True):
        raise RefusedError(attempt, "the question was answered with no")
