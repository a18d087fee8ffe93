"""nbrunbook skip: record steps as skipped, with a reason."""

from __future__ import annotations

import click

from nbrunbook.commands.opening import key_argument, session_on, show
from nbrunbook.drawing import line


@click.command(name="skip")
@key_argument
@click.argument("steps", metavar="STEP...", nargs=-1, required=True)
@click.option("--reason", required=True, help="Why it is not going to be done.")
def command(key: str, steps: tuple[str, ...], reason: str) -> None:
    """Record steps as skipped; the reason stands in the record.

    \b
    Example: nbrunbook skip staging/1.0 mail-support --reason "nobody uses staging"
    """
    session = session_on(key)
    for step_id in [session.step(step_id).id for step_id in steps]:
        session.record("skipped", step_id, data={"reason": reason})
        show(f"{step_id}: {line(session.progress.of(step_id))}")
