"""Deployments: where each release stands in each environment, from the journal, and from records without it.

Nothing is written, and nobody's journal is made.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from nbrunbook.errors import NbrunbookError
from nbrunbook.journal.entries import RunbookRow
from nbrunbook.journal.journal import Journal
from nbrunbook.project.names import check_name
from nbrunbook.project.settings import Project
from nbrunbook.record import verify
from nbrunbook.runbook import looks
from nbrunbook.runbook.events import Event
from nbrunbook.template import files as template_files
from nbrunbook.work.asked_for import deciding_runbook, replaced, runbook_number


@dataclass(frozen=True, kw_only=True)
class KnownDeployment:
    """What the journal knows of one release in one environment."""

    runbooks: tuple[RunbookRow, ...]
    """In the order in which they were made."""
    runbook: RunbookRow | None
    """The one that says where it stands; None where all were abandoned."""
    closed: Event | None
    """What closed that one: signed_off or skipped; None while it is open."""

    @property
    def settled(self) -> bool:
        """Whether nothing is left to do there."""
        return self.closed is not None

    @property
    def shown(self) -> RunbookRow:
        """The one that says where it stands, else the latest one."""
        return self.runbook or max(self.runbooks, key=lambda each: runbook_number(each.key))


def known_deployments(
    journal: Journal, project: Project, environments: Collection[str], releases: Collection[str]
) -> dict[tuple[str, str], KnownDeployment]:
    """Return where some releases stand in some environments, as far as the journal knows them.

    One of which a row was edited decides, and is not settled.
    """
    rows = journal.runbooks(project.name, environments=environments, releases=releases)
    closed = journal.closed(rows)
    together: dict[tuple[str, str], list[RunbookRow]] = {}
    for row in rows:
        together.setdefault((row.environment, row.release), []).append(row)
    found = {where: _deployment(each, closed) for where, each in together.items()}
    for row in journal.edited.values():  # nothing is settled where somebody edited what is said of a runbook
        if row.project == project.name and row.environment in environments and row.release in releases:
            found[row.environment, row.release] = KnownDeployment(runbooks=(row,), runbook=row, closed=None)
    return found


def _deployment(runbooks: Sequence[RunbookRow], closed: Mapping[str, Event]) -> KnownDeployment:
    deciding = deciding_runbook(runbooks, closed)
    return KnownDeployment(
        runbooks=tuple(runbooks), runbook=deciding, closed=closed.get(deciding.digest) if deciding else None
    )


def standing(rows: Iterable[RunbookRow], closed: Mapping[str, Event]) -> list[RunbookRow]:
    """Return the signed-off runbooks of what still stands: no newer release has a runbook in that environment.

    What was abandoned or skipped is none. `closed` is what `Journal.closed` says of them.
    """
    together: dict[tuple[str, str], list[RunbookRow]] = {}
    for row in rows:
        together.setdefault((row.environment, row.release), []).append(row)
    deciding = [found for each in together.values() if (found := deciding_runbook(each, closed))]
    there = [row for row in deciding if row.digest not in closed or closed[row.digest].kind == "signed_off"]
    releases: dict[str, set[str]] = {}
    for row in there:
        releases.setdefault(row.environment, set()).add(row.release)
    gone = {name: replaced(each) for name, each in releases.items()}
    return [row for row in there if row.digest in closed and row.release not in gone[row.environment]]


def failing(journal: Journal, rows: Iterable[RunbookRow], closed: Mapping[str, Event]) -> dict[str, tuple[Event, ...]]:
    """Return, by digest, what says of checks that they fail since the sign-off, of what still stands."""
    signed = {row.digest: (row, closed[row.digest]) for row in standing(rows, closed)}
    said = journal.ends_since(signed) if signed else {}
    found = {digest: tuple(looks.last_of_each(each)) for digest, each in said.items()}
    return {digest: each for digest, each in found.items() if each}


def environments(project: Project, journal: Journal | None) -> tuple[str, ...]:
    """Return the declared environments; where none is declared, those that the journal or the records know."""
    if project.environments:
        return tuple(project.environments)
    known = set(journal.environments(project.name)) if journal else set()
    folders = [path.name for path in project.records.iterdir() if path.is_dir()] if project.records.is_dir() else []
    return tuple(sorted(known | {name for name in folders if can_be_named(name)}))


def can_be_named(name: str) -> bool:
    """Tell whether a release or an environment can have a name."""
    try:
        return bool(check_name(name, "release")) and name not in template_files.FOLDERS
    except NbrunbookError:
        return False


# Records


class Records:
    """The records of deployments that the journal does not know; each is read when it is asked for."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.listed: dict[str, dict[str, list[Path]]] = {}
        self.counted: dict[str, None] = {}
        """The keys of those that count."""
        self.passed_over: list[str] = []

    def find(self, environment: str, release: str) -> Mapping[str, Any] | None:
        """Return the facts in a record that says that a release was signed off there; None where none counts.

        Which count, and which do not, is remembered.
        """
        for path in self.of(environment, release):
            facts, fault = _held(path, self.project, environment, release)
            if facts:
                self.counted[facts["runbook"]["key"]] = None
                return facts
            if fault:
                self.passed_over.append(f"{self.project.relative(path)} does not count: {fault}")
        return None

    def of(self, environment: str, release: str) -> Sequence[Path]:
        """Return the records whose names say that they may be of a deployment."""
        if environment not in self.listed:
            self.listed[environment] = self._in(self.project.records / environment)
        return self.listed[environment].get(release, [])

    @staticmethod
    def _in(folder: Path) -> dict[str, list[Path]]:
        """Records by the releases that their names may be of: 1.0@2~3.html is one of 1.0."""
        found: dict[str, list[Path]] = {}
        for path in sorted(folder.glob("*.html")) if folder.is_dir() else ():
            name = path.stem
            names = {name, name.partition("@")[0]}
            names |= {re.sub(r"(~\d+|\.draft)$", "", each) for each in names}
            for each in names:
                found.setdefault(each, []).append(path)
        return found


def _held(path: Path, project: Project, environment: str, release: str) -> tuple[Mapping[str, Any], str]:
    """The facts in a record that says that a release was signed off there, else why it does not say so.

    Both are empty for a sound record of another release, in its own place.
    """
    try:
        verdict, facts = verify.by_itself(path)
    except NbrunbookError as error:
        return {}, error.found
    if verdict.fault is not None:
        return {}, verdict.fault
    if facts.get("draft"):
        return {}, "it is a DRAFT: the runbook was not signed off"
    row = facts["runbook"]
    if row["project"] != project.name:
        return {}, f"it is of the project {row['project']!r}"
    if (row["environment"], row["release"]) == (environment, release):
        is_listed = verify.SUMS in verdict.held_against
        return (facts, "") if is_listed else ({}, f"no line of {verify.SUMS} lists it")
    own = project.records / f"{row['key']}.html"
    here = path.parent == own.parent and re.fullmatch(re.escape(own.stem) + r"(~\d+)?", path.stem)
    return {}, "" if here else f"it is of {row['key']}"


def signed_off_by_record(project: Project, environment: str, release: str) -> datetime | None:
    """Return when a release was signed off in an environment, as a record says that counts; None without one."""
    facts = Records(project).find(environment, release)
    page = verify.chain(facts) if facts else []
    return next((event.at for event in reversed(page) if event.kind == "signed_off"), None)


def record_of(project: Project, environment: str, release: str) -> str | None:
    """Return the key of a record that says that a release was signed off in an environment; None without one."""
    facts = Records(project).find(environment, release)
    return facts["runbook"]["key"] if facts else None
