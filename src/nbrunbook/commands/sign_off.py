"""nbrunbook sign-off: say that a runbook is complete."""

from __future__ import annotations

import shlex

import click

from nbrunbook.commands.here import operator_of
from nbrunbook.commands.options import key_argument
from nbrunbook.commands.program import as_called
from nbrunbook.commands.terminal import show, tell
from nbrunbook.runbook import closing
from nbrunbook.runbook.events import now
from nbrunbook.runbook.times import local
from nbrunbook.runbook.words import state_words
from nbrunbook.work.naming import project_here
from nbrunbook.work.opening import open_session


@click.command(name="sign-off")
@key_argument
@click.option("--note", default="", help="A remark that is kept with it.")
def command(key: str, note: str) -> None:
    """Say that a runbook is complete; refused while something required is open.

    The session copy is kept in the journal as it was last saved. What it closes over is told:
    what was skipped, what is optional and open, what was reworded and not confirmed.

    \b
    Example:
      nbrunbook sign-off staging/1.0
    """
    project = project_here(tell=tell)
    session = open_session(project, key, operator_of(project))
    session.sign_off(project.session_path(key), note=note)
    show(f"{key}: {state_words(session.progress, local(now()))}, {session.progress.summary()}")
    for each in closing.lines(session.progress):
        tell(each)
    show(as_called(f"keep the record: nbrunbook archive {shlex.quote(key)}"))
