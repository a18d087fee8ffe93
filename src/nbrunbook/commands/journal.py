"""nbrunbook journal: show the events of a runbook; make a journal, copy it, or bring it up to date."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

import click
from click.shell_completion import CompletionItem

from nbrunbook.commands import completion
from nbrunbook.commands.about_journal import tell_if_committable, tell_if_new
from nbrunbook.commands.here import session_on
from nbrunbook.commands.options import json_option
from nbrunbook.commands.terminal import end_with, pass_by, show, show_bytes, show_json, tell
from nbrunbook.errors import JournalError, NbrunbookError, one_line
from nbrunbook.journal.copying import Copied
from nbrunbook.journal.entries import sha256
from nbrunbook.journal.journal import Journal
from nbrunbook.runbook import redactions, run_facts
from nbrunbook.runbook.events import ENDS, Event, now
from nbrunbook.runbook.plain import shortened
from nbrunbook.runbook.times import Clock, local
from nbrunbook.texts import many
from nbrunbook.work.naming import project_with_journal
from nbrunbook.work.session import Session

FOR_MACHINES = ("notebook", "template", "elsewhere", "needs")
"""What events say that nobody reads: `--json` shows it."""

STEP = 50
"""After how many runbooks or files the terminal hears that it goes on."""


class KeyOrVerb(click.Group):
    """Takes a key, which always holds a slash, where no verb stands."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put the word KEY in front of a key."""
        verbs = [*self.commands, *ctx.help_option_names]
        if not args and not ctx.resilient_parsing:
            ctx.fail("Missing argument 'KEY', or one of: init, copy, upgrade.")
        is_key = bool(args) and (args[0] not in verbs or args[0] == "KEY")
        return super().parse_args(ctx, ["KEY", *args] if is_key else args)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem[str]]:
        """Complete its verbs, and keys."""
        verbs = [each for each in super().shell_complete(ctx, incomplete) if each.value != "KEY"]
        return [*verbs, *completion.any_keys(ctx, click.Argument(["key"]), incomplete)]


@click.group(name="journal", cls=KeyOrVerb, subcommand_metavar="KEY|init|copy|upgrade [OPTIONS]")
def command() -> None:
    """Show the events of a runbook; make a journal, copy it, or bring it up to date.

    \b
    Example:
      nbrunbook journal staging/1.0 --json
    """


@command.command(name="init", short_help="Make the project's journal.")
def init() -> None:
    """Make the project's journal: a file, or the tables in an empty PostgreSQL database.

    Repeating is safe.

    \b
    Example:
      NBRUNBOOK_JOURNAL=postgresql+psycopg://owner@db.example.com/ops \\
        nbrunbook journal init
    """
    project = project_with_journal()
    journal = Journal.open(project.journal, create=True)
    tell_if_new(project, journal)
    show(f"{journal.where}: {'made' if journal.is_new else 'is a journal already'}, schema {journal.door.schema}")
    tell_if_committable(project, journal)


@command.command(name="copy", short_help="Copy the journal to another place.")
@click.argument("to", metavar="TO")
@json_option
def copy(to: str, as_json: bool) -> None:
    """Copy the project's journal to TO, all of it and byte by byte: from SQLite to PostgreSQL, or any other way.

    TO is a URL or a path, as NBRUNBOOK_JOURNAL takes it. An empty database or a missing file becomes a journal, as
    `journal init` makes it. The chains of both are checked before anything is kept. Repeating is safe: it brings what
    is new. A row that is another one there is refused, and nothing is written.

    \b
    Example:
      nbrunbook journal copy postgresql+psycopg://owner@db.example.com/ops
    """
    # Loaded here, since it looks through records' rules, and `journal KEY` need not wait for that.
    from nbrunbook.work.copying import copy_journal

    made = copy_journal(project_with_journal(), to, follow=_follow)
    if as_json:
        show_json(asdict(made))
        return
    come = made.copied
    kinds = {"runbook": come.runbooks, "event": come.events, "plan": come.plans, "file": come.files}
    new = ", ".join(many(count, kind) for kind, count in kinds.items())
    gone = f"; {many(come.redacted, 'redaction')} done there too" if come.redacted else ""
    end_with(f"{made.target}: {'made; ' if made.is_new else ''}new there: {new}{gone}; its chains hold")
    if made.since:
        tell(f"not copied, since recorded meanwhile: {many(made.since, 'event')}; do it again to bring them")
    if made.brought:
        tell(f"end the sessions that are open, and do it once more: that brings what came into {made.source} since")
    then = "then " if made.brought else ""
    place = f"NBRUNBOOK_JOURNAL={made.setting} (or `journal` in the configuration)"
    alias = made.setting.removeprefix("django://")
    if alias != made.setting:
        place = f'NBRUNBOOK = {{"DATABASE": "{alias}"}} in the settings'
    tell(f"{then}{place} goes on there; keep the old one")


def _follow(copied: Copied) -> None:
    if (copied.runbooks + copied.files) % STEP == 0:
        pass_by(f"{many(copied.looked_at, 'event')}, {many(copied.files, 'file')}")


@command.command(name="upgrade", short_help="Bring an older journal up to date.")
def upgrade() -> None:
    """Bring a journal that an older nbrunbook made up to date, in one transaction.

    Repeating is safe. Back the journal up before.

    \b
    Example:
      nbrunbook journal upgrade
    """
    journal, before = Journal.upgrade(project_with_journal().journal)
    after = journal.door.schema
    said = f"schema {before} is now {after}" if before != after else f"is up to date, schema {before}"
    show(f"{journal.where}: {said}")


@command.command(name="KEY", short_help="Show the events of a runbook.")
@click.argument("key", metavar="", shell_complete=completion.any_keys)
@json_option
@click.option("--output", "seq", metavar="SEQ", type=click.IntRange(min=1), help="What a run wrote whose end is SEQ.")
def events_of(key: str, as_json: bool, seq: int | None) -> None:
    """Show the events of a runbook, one a line, oldest first; its chain of hashes is checked.

    With --output all that a run wrote, as far as the journal keeps it: to the byte into a file or a pipe.

    \b
    Example:
      nbrunbook journal staging/1.0 --output 7 > run.log
    """
    session, clock = session_on(key), local(now())
    if seq is not None:
        show_bytes(_output(session, seq))
        return
    for event in session.events:
        if as_json:
            click.echo(json.dumps(as_facts(event), ensure_ascii=False, sort_keys=True))
        else:
            show(shortened(_line(event, clock)))
    faults = session.journal.faults(session.runbook)
    if faults:
        raise JournalError(faults[0], "an unbroken chain of hashes")


def _output(session: Session, seq: int) -> bytes:
    """What the run wrote whose end an event is; NbrunbookError where there is nothing of it."""
    event = redactions.find(session.events, seq)
    if event is None or event.kind not in ENDS:
        found = f"event {seq} of {session.key}: {'there is none' if event is None else event.kind}"
        raise NbrunbookError(found, f"the end of a run: {', '.join(ENDS)}")
    name = event.data.get("log", "")
    content = session.journal.blob(name) if name else event.data.get("output", "").encode()
    if event.redacted or (name and content == b""):
        raise NbrunbookError(f"what the run of event {seq} wrote was redacted")
    if content is None or (name and sha256(content) != name):
        do = "'nbrunbook verify --all' says what is wrong"
        raise NbrunbookError(f"what the run of event {seq} wrote is not in the journal as it was", "", do)
    return content


def as_facts(event: Event) -> dict[str, Any]:
    """Return an event as JSON: its body, its hash and its data."""
    return {
        **json.loads(event.body()),
        "hash": event.hash(),
        "data": dict(event.data),
        "salt": event.salt,
        "redacted": event.redacted,
    }


def _line(event: Event, clock: Clock) -> str:
    kept = run_facts.said(event)
    if kept is None:
        kept = {name: text for name, text in event.data.items() if name not in FOR_MACHINES}
    said = "; ".join(f"{name}: {text}" for name, text in kept.items())
    parts = [
        f"{event.seq:>4}",
        clock(event.at),
        f"{event.operator} ({event.known})",
        f"{event.kind} {event.step}".rstrip(),
        "(redacted)" if event.redacted else said,
    ]
    return one_line("  ".join(part for part in parts if part))
