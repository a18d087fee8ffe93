"""nbrunbook add: put a step that nobody foresaw into a runbook."""

from __future__ import annotations

import click

from nbrunbook.commands import completion
from nbrunbook.commands.here import session_on
from nbrunbook.commands.options import key_argument
from nbrunbook.commands.terminal import show
from nbrunbook.runbook.words import who


@click.command(name="add")
@key_argument
@click.argument("title", metavar="TEXT")
@click.option(
    "--after",
    default="",
    metavar="STEP",
    shell_complete=completion.any_steps,
    help="The step that it comes after; without it, the last one.",
)
def command(key: str, title: str, after: str) -> None:
    """Put a step that nobody foresaw into an open runbook. It stays in the record, with who added it.

    It is a step as any other from then on: tick it, skip it, write a note on it.

    \b
    Example:
      nbrunbook add staging/1.0 "Restart the cache by hand" --after promote
    """
    event = session_on(key).add(title, after=after)
    show(f"{event.step}: added by {who(event)} after {event.data['after']}")
