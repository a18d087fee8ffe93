"""nbrunbook history: show what happened to deployments over time."""

from __future__ import annotations

from typing import Any

import click

from nbrunbook.commands.about_journal import tell_unreadable
from nbrunbook.commands.options import environment_option, json_option, of_release_option
from nbrunbook.commands.terminal import show, show_json, tell
from nbrunbook.errors import one_line
from nbrunbook.journal.entries import RunbookRow
from nbrunbook.runbook import events
from nbrunbook.runbook.events import Event
from nbrunbook.runbook.plain import shortened
from nbrunbook.runbook.status import REDACTED
from nbrunbook.runbook.times import Clock, local
from nbrunbook.runbook.words import who
from nbrunbook.work.lost_journals import existing_journal
from nbrunbook.work.naming import project_here

WORDS = {"opened": "made", "signed_off": "signed off"}
"""Kinds whose own word says something else, or is not one."""


@click.command(name="history")
@environment_option("Only what happened there.")
@of_release_option
@json_option
def command(environment: str, release: str, as_json: bool) -> int:
    """Show what happened to deployments, newest last: made, signed off, reopened, abandoned, skipped, archived.

    \b
    Example:
      nbrunbook history -e production
    """
    project = project_here(tell=tell)
    journal = existing_journal(project)
    rows = journal.runbooks(
        project.name,
        environments=project.members(environment) if environment else None,
        releases=[release] if release else None,
    )
    by_key = {row.key: row for row in rows}
    happened = sorted(filter(_is_told, journal.life(rows)), key=lambda each: (each.at, each.runbook, each.seq))
    left_out = tell_unreadable(journal)
    if as_json:
        show_json({"history": [_as_facts(each, by_key[each.runbook]) for each in happened]})
        return left_out
    clock = local(events.now())
    for each in happened:
        if not _is_no_runbook(each, by_key.get(each.runbook)):
            show(shortened(_line(each, clock)))
    if not happened:
        tell("nothing has happened yet")
    return left_out


def _is_told(event: Event) -> bool:
    """Whether something happened to the deployment: its notebook, made later than itself, is no such thing."""
    return event.kind != "opened" or event.seq == 1


def _is_no_runbook(event: Event, row: RunbookRow | None) -> bool:
    """Whether it is the beginning of what nobody made: a release that never went there was skipped."""
    has_any = event.data.get("notebook") or row is None or row.facts["template"].get("parts")
    return event.kind == "opened" and not has_any


def _as_facts(event: Event, row: RunbookRow) -> dict[str, Any]:
    return {
        "at": events.instant(event.at),
        "runbook": row.key,
        "release": row.release,
        "environment": row.environment,
        "kind": event.kind,
        "by": event.operator,
        "known": event.known,
        "reason": _reason(event),
        "record": event.data.get("record"),
        "sha256": event.data.get("sha256"),
    }


def _reason(event: Event) -> str | None:
    return REDACTED if event.redacted else event.data.get("reason") or event.data.get("note")


def _line(event: Event, clock: Clock) -> str:
    verb = WORDS.get(event.kind, event.kind)
    said = event.data.get("record") or _reason(event)
    line = f"{clock(event.at)}  {event.runbook}  {verb} by {who(event)}"
    return one_line(f"{line}  {said}" if said else line)
