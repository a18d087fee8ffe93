"""nbrunbook reopen: open a signed-off runbook again."""

from __future__ import annotations

import click

from nbrunbook.commands.opening import key_argument, session_on, show


@click.command(name="reopen")
@key_argument
@click.option("--reason", required=True, help="Why it was not complete after all.")
def command(key: str, reason: str) -> None:
    """Open a signed-off runbook again; its sign-off stays in the journal.

    \b
    Example: nbrunbook reopen staging/1.0 --reason "the dashboard was on the wrong board"
    """
    session = session_on(key)
    session.record("reopened", data={"reason": reason})
    show(f"{key}: open again, {session.progress.summary()}")
