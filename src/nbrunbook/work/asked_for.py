"""Which releases are asked for where, and which of a deployment's runbooks says where it stands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from nbrunbook.project import versions
from nbrunbook.runbook.events import Event

if TYPE_CHECKING:
    from nbrunbook.journal.entries import RunbookRow


# Deployments


def runbook_number(key: str) -> int:
    """Return which runbook of its deployment a key is of: 1, then 2 for staging/1.0@2."""
    counted = key.rpartition("@")[2]
    return int(counted) if "@" in key and counted.isdecimal() else 1


def deciding_runbook(runbooks: Iterable[RunbookRow], closed: Mapping[str, Event]) -> RunbookRow | None:
    """Return the runbook that says where its deployment stands: the latest one that was not abandoned.

    `closed` is what `Journal.closed` says of them. None where there is none but abandoned ones.
    """
    alive = [each for each in runbooks if each.digest not in closed or closed[each.digest].kind != "abandoned"]
    return max(alive, key=lambda each: runbook_number(each.key), default=None)


def is_asked_for(release: str, since: str | None) -> bool:
    """Tell whether a release without a runbook is asked for in an environment with this baseline."""
    return since is None or not versions.is_before(release, since)
