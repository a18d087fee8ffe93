"""nbrunbook reopen: open a runbook again that was closed."""

from __future__ import annotations

import click

from nbrunbook.commands.here import session_on
from nbrunbook.commands.options import any_key_argument
from nbrunbook.commands.terminal import show


@click.command(name="reopen")
@any_key_argument
@click.option("--reason", required=True, help="Why it was not the end after all.")
def command(key: str, reason: str) -> None:
    """Open a runbook again that was signed off, abandoned or skipped; that it was stays in the journal.

    \b
    Example:
      nbrunbook reopen staging/1.0 --reason "the dashboard was on the wrong board"
    """
    session = session_on(key)
    session.append("reopened", data={"reason": reason})
    show(f"{key}: open again, {session.progress.summary()}")
