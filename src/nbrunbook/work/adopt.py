"""Adopting: a runbook's file that the journal does not know is taken into it."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nbrunbook.documents import notebook
from nbrunbook.errors import NbrunbookError
from nbrunbook.journal.entries import RunbookRow, row_of
from nbrunbook.journal.journal import Journal
from nbrunbook.project.operator import Operator
from nbrunbook.project.settings import Project
from nbrunbook.runbook.metadata import Built, read_runbook
from nbrunbook.work import deployments
from nbrunbook.work.opening import register
from nbrunbook.work.plan_code import with_code
from nbrunbook.work.session import Session


@dataclass(frozen=True, kw_only=True)
class Adoption:
    """A runbook's file, and the journal that knows it or is going to."""

    built: Built
    journal: Journal
    known: RunbookRow | None
    """The runbook in the journal; None where the journal does not know it yet."""


def look_up(project: Project, path: Path) -> Adoption:
    """Return what a file is of, with the journal, which is made where there is none.

    Raises NbrunbookError where it is of another project or another runbook, or where a record says that it is done.
    """
    built = read_runbook(notebook.read_bytes(path), path)
    if built.facts.get("project") != project.name:
        raise NbrunbookError(
            f"{path} belongs to the project {built.facts.get('project')!r}", f"a runbook of {project.name!r}"
        )
    key = str(built.facts.get("key"))
    there = Journal.if_any(project.journal)
    known = there.find(project.name, key) if there else None
    if known is None:
        _refuse_signed_off(project, built.facts, path)
        built = with_code(built, path)
    elif known.digest != row_of(built.facts).digest:
        raise NbrunbookError(
            f"{path} says that it is {key}, and the journal knows another runbook of that key",
            "the same facts in both",
            f"'nbrunbook work {shlex.quote(key)}' opens the one in the journal",
        )
    return Adoption(built=built, journal=there or Journal.open(project.journal, create=True), known=known)


def adopt(project: Project, adoption: Adoption, operator: Operator) -> Session:
    """Return a session on the runbook, which is registered where the journal does not know it yet."""
    if adoption.known is None:
        return register(adoption.journal, adoption.built, operator)
    return Session(adoption.journal, adoption.known, operator, project=project)


def _refuse_signed_off(project: Project, facts: Mapping[str, Any], path: Path) -> None:
    """Refuse a file whose steps would all be open again, although a record says that they are done."""
    environment, release = str(facts.get("environment")), str(facts.get("release"))
    deployment, named = f"{environment}/{release}", shlex.join([release, "-e", environment])
    if facts.get("key") == deployment and deployments.record_of(project, environment, release):
        raise NbrunbookError(
            f"{path} is of {deployment}, which is signed off: a record says so, and the journal does not know it",
            "",
            f"'nbrunbook instantiate {named} --again' makes a runbook all the same",
        )
