"""nbrunbook abandon: say that nobody is going to complete a runbook."""

from __future__ import annotations

import click

from nbrunbook.commands.here import session_on
from nbrunbook.commands.options import key_argument
from nbrunbook.commands.terminal import show
from nbrunbook.runbook.events import now
from nbrunbook.runbook.times import local
from nbrunbook.runbook.words import state_words


@click.command(name="abandon")
@key_argument
@click.option("--reason", required=True, help="Why: it was rolled back, or made by mistake.")
def command(key: str, reason: str) -> None:
    """Say that nobody is going to complete a runbook; its events stay in the journal.

    Its deployment is pending again, unless a later runbook of it says otherwise: `instantiate --again`
    makes one. `reopen` opens the abandoned one again.

    \b
    Example:
      nbrunbook abandon staging/1.0 --reason "rolled back, 1.1 replaces it"
    """
    session = session_on(key)
    session.append("abandoned", data={"reason": reason})
    show(f"{key}: {state_words(session.progress, local(now()))}")
