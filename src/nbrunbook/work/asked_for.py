"""Which releases are asked for where, and which of a deployment's runbooks says where it stands."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from nbrunbook.project import versions
from nbrunbook.project.settings import Project
from nbrunbook.runbook.events import Event

if TYPE_CHECKING:
    from nbrunbook.journal.entries import RunbookRow


# Deployments


def runbook_number(key: str) -> int:
    """Return which runbook of its deployment a key is of: 1, then 2 for staging/1.0@2."""
    counted = key.rpartition("@")[2]
    return int(counted) if "@" in key and re.fullmatch("[0-9]{1,9}", counted) else 1


def deciding_runbook(runbooks: Iterable[RunbookRow], closed: Mapping[str, Event]) -> RunbookRow | None:
    """Return the runbook that says where its deployment stands: the latest one that was not abandoned.

    `closed` is what `Journal.closed` says of them. None where there is none but abandoned ones.
    """
    alive = [each for each in runbooks if each.digest not in closed or closed[each.digest].kind != "abandoned"]
    return max(alive, key=lambda each: runbook_number(each.key), default=None)


# Releases


def replaced(releases: Collection[str]) -> set[str]:
    """Return those releases of one environment than which another one there is certainly newer."""
    newest_first = sorted(releases, key=versions.key, reverse=True)
    return {each for each in releases if any(versions.is_before(each, other) for other in newest_first)}


def is_asked_for(project: Project, environment: str, release: str, names: Sequence[str] | None = None) -> bool:
    """Tell whether a release is asked for in an environment: where its template applies, and not before its `since`.

    `names` holds what the template names, as for `applies_in`.
    """
    return is_since(release, project.settings(environment).since) and applies_in(names, environment, project)


def is_since(release: str, since: str | None) -> bool:
    """Tell whether a release is not before a baseline; one that cannot be compared with it is not."""
    return since is None or not versions.is_before(release, since)


def applies_in(names: Sequence[str] | None, environment: str, project: Project) -> bool:
    """Tell whether a template that names these environments and groups is for one environment; None names all."""
    return names is None or environment in names or project.settings(environment).group in names
