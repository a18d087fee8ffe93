"""Keys as people give them: ENV/RELEASE, with @2 for a second runbook; for ENV a group may stand."""

from __future__ import annotations

from dataclasses import dataclass

from nbrunbook.errors import RunbookError
from nbrunbook.journal.entries import RunbookRow
from nbrunbook.journal.journal import Journal
from nbrunbook.project.settings import Project


@dataclass(frozen=True, kw_only=True)
class Key:
    """A key as it was given, in its parts."""

    given: str
    place: str
    """An environment or a group."""
    release: str
    number: str = ""
    """Which runbook of its deployment: @2; empty for the first one."""

    def names_group(self, project: Project) -> bool:
        """Tell whether it means all environments of a group."""
        return self.place in project.groups

    def in_each(self, project: Project) -> dict[str, str]:
        """Return the keys of single runbooks that it means, by environment; UnknownEnvironmentError for no place."""
        return {each: f"{each}/{self.release}{self.number}" for each in project.members(self.place)}


def parse_key(given: str) -> Key:
    """Return a key in its parts; whether anything has it is not asked."""
    place, _, rest = given.partition("/")
    release, at, number = rest.partition("@")
    return Key(given=given, place=place, release=release, number=f"{at}{number}")


def known_runbook(journal: Journal, project: Project, key: str) -> RunbookRow:
    """Return the runbook of a key; RunbookError, with the ones that may be meant, for one with a group in it."""
    asked = parse_key(key)
    if not asked.names_group(project):
        return journal.runbook(project.name, key)
    runbook = journal.find(project.name, key)
    if runbook is None:
        environments = project.members(asked.place)
        meant = journal.runbooks(project.name, environments=environments, releases=[asked.release])
        keys = ", ".join(each.key for each in meant) or f"none of {', '.join(environments)} has one"
        raise RunbookError(f"{key}: {asked.place} is a group of environments", f"the key of one runbook: {keys}")
    return runbook
