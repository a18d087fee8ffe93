"""nbrunbook approve: approve a step before somebody else does it."""

from __future__ import annotations

import click

from nbrunbook.commands import completion
from nbrunbook.commands.here import session_on
from nbrunbook.commands.options import key_argument
from nbrunbook.commands.terminal import show_line
from nbrunbook.runbook.events import now
from nbrunbook.runbook.times import local
from nbrunbook.runbook.words import line


@click.command(name="approve")
@key_argument
@click.argument("steps", metavar="STEP...", nargs=-1, required=True, shell_complete=completion.steps_to_approve)
@click.option("--note", default="", help="A remark that is kept with it.")
def command(key: str, steps: tuple[str, ...], note: str) -> None:
    """Approve steps marked .approval, before somebody else does them.

    \b
    Example:
      nbrunbook approve production/1.0 promote
    """
    session = session_on(key)
    for step_id in [session.step(step_id).id for step_id in steps]:
        session.append("approved", step_id, data={"note": note})
        show_line(f"{step_id}: {line(session.progress.of(step_id), local(now()))}")
