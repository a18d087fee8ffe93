"""Where we stand: who is at work on this machine, and a session on a runbook of the project here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbrunbook.project import operator
from nbrunbook.project.operator import Operator
from nbrunbook.project.settings import Project

if TYPE_CHECKING:
    from nbrunbook.work.session import Session


def operator_of(project: Project) -> Operator:
    """Return who is at work on this machine."""
    return operator.from_machine(project.root, project.operators)


def session_on(key: str) -> Session:
    """Return a session on a runbook of the project that we stand in."""
    # Loaded when it is called: `--help` and a shell that completes options need no journal.
    from nbrunbook.commands.terminal import tell
    from nbrunbook.work.naming import project_here
    from nbrunbook.work.opening import open_session

    project = project_here(tell=tell)
    return open_session(project, key, operator_of(project))
