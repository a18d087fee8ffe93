"""nbrunbook tick: record steps as done."""

from __future__ import annotations

import sys

import click

from nbrunbook.commands.opening import for_option, key_argument, session_on, show
from nbrunbook.drawing import line
from nbrunbook.errors import RefusedError


@click.command(name="tick")
@key_argument
@click.argument("steps", metavar="STEP...", nargs=-1, required=True)
@click.option("--note", default="", help="A remark that is kept with it.")
@click.option("--evidence", default="", help="What the step asks for.")
@click.option("--yes", is_flag=True, help="Answer the question that an irreversible step asks.")
@for_option
def command(key: str, steps: tuple[str, ...], note: str, evidence: str, yes: bool, on_behalf: str | None) -> None:
    """Record steps as done, one event each, in the order given.

    \b
    Example: nbrunbook tick staging/1.0 mail-support dashboard --note "sent at noon"
    """
    session = session_on(key)
    for step_id in [session.step(step_id).id for step_id in steps]:
        step = session.step(step_id)
        if step.is_group and session.progress.of(step_id).settled:
            show(f"{step_id}: settled, as its sub-steps are")
            continue
        if "irreversible" in step.flags and not yes and not session.progress.of(step_id).settled:
            _ask(step_id, step.title)
        session.record("ticked", step_id, data={"note": note, "evidence": evidence, "for": on_behalf or ""})
        show(f"{step_id}: {line(session.progress.of(step_id))}")


def _ask(step_id: str, title: str) -> None:
    if not sys.stdin.isatty():
        raise RefusedError(f"cannot tick {step_id}", "it cannot be undone, so it asks again", "add --yes")
    if not click.confirm(f"“{title}” cannot be undone. Was it done?", err=True):
        raise RefusedError(f"cannot tick {step_id}", "the question was answered with no")
