"""nbrunbook take: say that you are busy with steps."""

from __future__ import annotations

import click

from nbrunbook.commands import completion
from nbrunbook.commands.here import session_on
from nbrunbook.commands.options import key_argument
from nbrunbook.commands.terminal import show_line
from nbrunbook.runbook.events import now
from nbrunbook.runbook.times import local
from nbrunbook.runbook.words import line


@click.command(name="take")
@key_argument
@click.argument("steps", metavar="STEP...", nargs=-1, required=True, shell_complete=completion.open_steps)
@click.option("--release", "let_go", is_flag=True, help="Say that nobody is busy with them any more.")
def command(key: str, steps: tuple[str, ...], let_go: bool) -> None:
    """Say that you are on it: everybody else sees who is busy with a step.

    It forbids nothing. It ends with --release, when somebody else takes the step, or when it is settled.

    \b
    Example:
      nbrunbook take production/1.0 promote
    """
    session = session_on(key)
    for step_id in [session.step(step_id).id for step_id in steps]:
        session.append("taken", step_id, data={"let_go": "yes"} if let_go else {})
        show_line(f"{step_id}: {line(session.progress.of(step_id), local(now())) or 'nobody is on it'}")
