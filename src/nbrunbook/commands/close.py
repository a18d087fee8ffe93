"""nbrunbook close: close an `.if-needed` section again in which nothing was done."""

from __future__ import annotations

import click

from nbrunbook.commands import completion
from nbrunbook.commands.here import session_on
from nbrunbook.commands.options import key_argument
from nbrunbook.commands.terminal import show
from nbrunbook.runbook.words import who


@click.command(name="close")
@key_argument
@click.argument("section", shell_complete=completion.sections_if_needed)
def command(key: str, section: str) -> None:
    """Close an `.if-needed` section again that was opened and is not needed: its steps do not count any more.

    SECTION is its id, or a step in it. Nothing in it may be done or skipped; the first tick in it opens it again.

    \b
    Example:
      nbrunbook close production/1.0 if-it-goes-wrong
    """
    session = session_on(key)
    event = session.close_section(session.if_needed(section))
    show(f"{event.step}: closed by {who(event)}, {session.progress.summary()}")
