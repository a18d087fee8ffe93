"""nbrunbook verify: check that a record is what was written."""

from __future__ import annotations

from pathlib import Path

import click

from nbrunbook import notebook, record
from nbrunbook.commands.opening import show
from nbrunbook.record import Verdict


@click.command(name="verify")
@click.argument("path", metavar="FILE", type=click.Path(path_type=Path))
def command(path: Path) -> int:
    """Check that a record is what was written, and say what it was held against.

    It is held against itself, against SHA256SUMS and against the journal, where they are there.

    \b
    Example: nbrunbook verify records/staging/1.0.html
    """
    notebook.skip_iri_checks()
    verdict = record.verify(path)
    show(f"{path}: {'does not hold' if verdict.fault else 'holds'}")
    if verdict.fault:
        show(f"  {verdict.fault}")
    for text in _held(verdict):
        show(f"  {text}")
    return 1 if verdict.fault else 0


def _held(verdict: Verdict) -> list[str]:
    only = "only " if len(verdict.held_against) == 1 else ""
    return [f"held against: {only}{', '.join(verdict.held_against)}", *verdict.not_asked]
