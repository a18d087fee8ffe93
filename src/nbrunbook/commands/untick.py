"""nbrunbook untick: take a tick or a skip back."""

from __future__ import annotations

import click

from nbrunbook.commands import completion
from nbrunbook.commands.here import session_on
from nbrunbook.commands.options import key_argument
from nbrunbook.commands.terminal import show_line
from nbrunbook.runbook.events import now
from nbrunbook.runbook.times import local
from nbrunbook.runbook.words import line


@click.command(name="untick")
@key_argument
@click.argument("steps", metavar="STEP...", nargs=-1, required=True, shell_complete=completion.settled_steps)
@click.option("--reason", required=True, help="Why it is open again.")
def command(key: str, steps: tuple[str, ...], reason: str) -> None:
    """Take a tick or a skip back; both stay in the journal.

    \b
    Example:
      nbrunbook untick staging/1.0 dashboard --reason "wrong board"
    """
    session = session_on(key)
    for step_id in [session.step(step_id).id for step_id in steps]:
        skipped = session.progress.of(step_id).status == "skipped"
        session.append("unskipped" if skipped else "unticked", step_id, data={"reason": reason})
        show_line(f"{step_id}: {line(session.progress.of(step_id), local(now()))}")
