"""Which runbooks are meant: the one of a key, a release's in all of a group, those that a filter lets through."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from nbrunbook.journal.entries import RunbookRow
from nbrunbook.journal.journal import Journal
from nbrunbook.project.settings import Project
from nbrunbook.runbook.events import now
from nbrunbook.runbook.progress import Progress
from nbrunbook.work import deployments, overview
from nbrunbook.work.following import Following
from nbrunbook.work.keys import known_runbook, parse_key


@dataclass(frozen=True, kw_only=True)
class Filter:
    """Which runbooks were asked for; what is empty asks for nothing."""

    environment: str = ""
    """An environment or a group."""
    release: str = ""
    open_only: bool = False
    overdue: bool = False
    """Whether one of its steps has to be."""
    owner: str = ""
    """For whom an open step has to be: an owner, or a person who acts for one."""

    @property
    def only_open(self) -> bool:
        """Whether a closed runbook cannot be meant."""
        return self.open_only or self.overdue or bool(self.owner)


def of_key(journal: Journal, project: Project, key: str) -> dict[str, RunbookRow | None]:
    """Return the runbook of a key by its environment; for a group those of all its environments, None without one.

    Of several of one deployment the one that counts, without `@2` in the key.
    UnknownRunbookError, or RunbookError for a group, where there is none at all.
    """
    asked = parse_key(key)
    if not asked.names_group(project):
        row = known_runbook(journal, project, key)
        return {row.environment: row}
    keys = asked.in_each(project)
    if asked.number:
        found = {name: journal.find(project.name, each) for name, each in keys.items()}
    else:
        known = deployments.known_deployments(journal, project, keys, [asked.release])
        found = {name: known[where].shown if (where := (name, asked.release)) in known else None for name in keys}
    if not any(found.values()):
        known_runbook(journal, project, key)
    return found


def rows(journal: Journal, project: Project, wanted: Filter) -> list[RunbookRow]:
    """Return the runbooks that may be meant, as far as the journal can tell without their events."""
    environments = project.members(wanted.environment) if wanted.environment else None
    releases = [wanted.release] if wanted.release else None
    return journal.runbooks(project.name, environments=environments, releases=releases, open_only=wanted.only_open)


def checked(journal: Journal, project: Project, environment: str = "") -> list[RunbookRow]:
    """Return the runbooks whose checks look again: the open ones, and of what is signed off what stands there still.

    That is a deployment's latest runbook, where no newer release has one there (see `deployments.standing`).
    """
    found = rows(journal, project, Filter(environment=environment))
    closed = journal.closed(found)
    signed_off = {row.digest for row in deployments.standing(found, closed)}
    return [row for row in found if row.digest not in closed or row.digest in signed_off]


def meant(journal: Journal, project: Project, found: Iterable[RunbookRow], wanted: Filter) -> list[Following]:
    """Return those of some runbooks that are meant, with their progress; the journal remembers the unreadable ones."""
    at, asked = now(), overview.acts_for(wanted.owner, project)
    followed = []
    for row in found:
        with journal.passing_over(row.key):
            each = Following(journal, row, project=project)
            followed += [each] if _is_meant(each.progress, wanted, asked, at) else []
    return followed


def _is_meant(progress: Progress, wanted: Filter, asked: set[str], at: datetime) -> bool:
    late = not wanted.overdue or bool(overview.overdue(progress, now=at))
    names = {owner.lower() for owner in overview.owners(progress)}
    return late and (not wanted.owner or bool(names & asked))


def is_unfinished(progress: Progress) -> bool:
    """Tell whether something required is open in a runbook, or to be confirmed."""
    return progress.state == "open" and bool(progress.required_open or progress.unconfirmed_required)
