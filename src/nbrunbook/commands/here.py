"""Where we stand: who is at work on this machine, and a session on a runbook of the project here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbrunbook.commands.terminal import tell
from nbrunbook.project import operator
from nbrunbook.project.operator import Operator
from nbrunbook.project.settings import Project, find_project
from nbrunbook.work import lost_journals
from nbrunbook.work.opening import open_session
from nbrunbook.work.session import Session

if TYPE_CHECKING:
    from nbrunbook.journal.journal import Journal


def operator_of(project: Project) -> Operator:
    """Return who is at work on this machine."""
    return operator.from_machine(project.root, project.operators)


def session_on(key: str) -> Session:
    """Return a session on a runbook of the project that we stand in."""
    project = find_project()
    return open_session(project, key, operator_of(project))


def tell_if_new(project: Project, journal: Journal) -> None:
    """Say that a journal was made just now although there are records: the old one may be lost."""
    if lost_journals.may_be_lost(project, journal):
        tell(f"the journal {journal.where} is new, although there are records in {project.relative(project.records)}")
