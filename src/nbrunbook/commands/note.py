"""nbrunbook note: write a note on a step or on the runbook."""

from __future__ import annotations

import click

from nbrunbook.commands import completion
from nbrunbook.commands.here import session_on
from nbrunbook.commands.options import key_argument
from nbrunbook.commands.terminal import show_line
from nbrunbook.runbook.times import local


@click.command(name="note")
@key_argument
@click.argument("text", metavar="TEXT")
@click.option(
    "--step",
    "step_id",
    default="",
    metavar="STEP",
    shell_complete=completion.any_steps,
    help="The step that it is about.",
)
def command(key: str, text: str, step_id: str) -> None:
    """Write a note on a step or, without --step, on the runbook: the handover line in its header.

    \b
    Example:
      nbrunbook note staging/1.0 "ben takes over at 22:00"
    """
    session = session_on(key)
    event = session.append("noted", step_id, data={"note": text})
    show_line(f"{step_id or key}: noted by {event.operator}, {local(event.at)(event.at)}")
