"""nbrunbook tick: record steps as done."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from nbrunbook.commands import completion
from nbrunbook.commands.here import session_on
from nbrunbook.commands.options import for_option, key_argument
from nbrunbook.commands.terminal import show, show_line
from nbrunbook.errors import RefusedError, one_line, visible
from nbrunbook.runbook.events import now
from nbrunbook.runbook.evidence import EvidenceFile, size_fault
from nbrunbook.runbook.remedies import of_file
from nbrunbook.runbook.times import local
from nbrunbook.runbook.words import line


@click.command(name="tick")
@key_argument
@click.argument("steps", metavar="STEP...", nargs=-1, required=True, shell_complete=completion.open_steps)
@click.option("--note", default="", help="A remark that is kept with it.")
@click.option("--evidence", default="", help="What the step asks for.")
@click.option(
    "--file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A file as evidence, kept in the journal: at most 5 MB.",
)
@click.option("--reason", default="", help="Why a step that the machine does is done by hand.")
@click.option("--yes", is_flag=True, help="Answer the question that an irreversible step asks.")
@for_option
def command(
    key: str,
    steps: tuple[str, ...],
    note: str,
    evidence: str,
    file: Path | None,
    reason: str,
    yes: bool,
    on_behalf: str | None,
) -> None:
    """Record steps as done, one event each, in the order given.

    \b
    Example:
      nbrunbook tick staging/1.0 mail-support dashboard --note "sent at noon"
    """
    if (evidence or file) and len(set(steps)) > 1:
        raise click.UsageError("evidence is of one step: tick the others by themselves")
    session = session_on(key)
    given = _read(file, session.step(steps[0]).evidence) if file else None
    said = {"note": note, "evidence": evidence, "reason": reason, "for": on_behalf or ""}
    for step_id in [session.step(step_id).id for step_id in steps]:
        step = session.step(step_id)
        if step.is_group and session.progress.of(step_id).settled:
            show(f"{step_id}: settled, as its sub-steps are")
            continue
        if step.is_irreversible and not yes and not session.progress.of(step_id).settled:
            session.check_attempt("ticked", step_id, data=said, file=given is not None)
            _ask(step_id, step.title)
        session.append("ticked", step_id, data=said, file=given)
        show_line(f"{step_id}: {line(session.progress.of(step_id), local(now()))}")


def _read(path: Path, label: str | None) -> EvidenceFile:
    size = path.stat().st_size
    why = size_fault(size)
    if why:
        raise RefusedError(f"cannot take {path} as evidence", why, of_file(label, size))
    return EvidenceFile(name=path.name, content=path.read_bytes())


def _ask(step_id: str, title: str) -> None:
    if not sys.stdin.isatty():
        raise RefusedError(f"cannot tick {step_id}", "it cannot be undone, so it asks again", "add --yes")
    if not click.confirm(f"“{one_line(visible(title))}” cannot be undone. Was it done?", err=True):
        raise RefusedError(f"cannot tick {step_id}", "the question was answered with no")
