"""nbrunbook journal: show the events of a runbook."""

from __future__ import annotations

import json
from typing import Any

import click

from nbrunbook.commands.opening import json_option, key_argument, session_on, show
from nbrunbook.drawing import shortened
from nbrunbook.errors import JournalError, one_line
from nbrunbook.events import Event
from nbrunbook.progress import clock


@click.command(name="journal")
@key_argument
@json_option
def command(key: str, as_json: bool) -> None:
    """Show the events of a runbook, one a line, oldest first; its chain of hashes is checked.

    \b
    Example: nbrunbook journal staging/1.0 --json
    """
    session = session_on(key)
    for event in session.events:
        if as_json:
            click.echo(json.dumps(as_facts(event), ensure_ascii=False, sort_keys=True))
        else:
            show(shortened(_line(event)))
    faults = session.journal.faults(session.runbook)
    if faults:
        raise JournalError(faults[0], "an unbroken chain of hashes")


def as_facts(event: Event) -> dict[str, Any]:
    """Return an event as JSON: its body, its hash and its data."""
    return {
        **json.loads(event.body()),
        "hash": event.hash(),
        "data": dict(event.data),
        "salt": event.salt,
        "redacted": event.redacted,
    }


def _line(event: Event) -> str:
    said = "; ".join(f"{name}: {text}" for name, text in event.data.items() if name not in ("notebook", "template"))
    parts = [
        f"{event.seq:>4}",
        f"{clock(event.at)} {event.at.year}",
        f"{event.operator} ({event.known})",
        f"{event.kind} {event.step}".rstrip(),
        "(redacted)" if event.redacted else said,
    ]
    return one_line("  ".join(part for part in parts if part))
