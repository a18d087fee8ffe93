"""Jobs: what workers have to know of one batch, wherever they are. Pure data."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Literal

from nbrunbook.project.databases import Database
from nbrunbook.runbook.batch_facts import BATCH_SIZE, TARGET_SECONDS

LEASE_SECONDS = 60.0
"""How long a database is somebody's after a sign of life; another one takes it over then."""

OnError = Literal["stop", "quarantine"]


@dataclass(frozen=True, kw_only=True)
class Job:
    """One batch of one runbook."""

    project: str
    key: str
    """The runbook's; with project and step it names the cursors."""
    step: str
    databases: tuple[Database, ...]
    target_seconds: float = TARGET_SECONDS
    batch_size: int = BATCH_SIZE
    """Of the first chunk."""
    on_error: OnError = "stop"
    max_errors: int | None = None
    """How many rows may be quarantined, in all databases together, before all of them stop; None for no limit."""
    repeatable: bool = False
    """Whether its author says that a chunk may be done twice: needed for a database that has no fenced cursor."""
    lease_seconds: float = LEASE_SECONDS
    runner: str = ""
    """Who works: an id, the same for all workers of a process."""
    run: str = ""
    """Which run it is: a stopped database is opened again by another run than the one that it stopped in."""
    rerun: bool = False
    """Whether this run tries the quarantined rows again."""
    recheck: bool = False
    """Whether what is done is looked at again: the step was done before, and is open again."""
    gone: tuple[str, ...] = ()
    """Runners of which nothing lives: what they had is free at once, without their leases' end."""

    def named(self, name: str) -> Database:
        """Return one of its databases by its name."""
        return next(each for each in self.databases if each.name == name)

    def to_json(self) -> str:
        """Return it as text; a password is named in it, never told."""
        return json.dumps(asdict(self))


def job_from_json(text: str | bytes) -> Job:
    """Return the job that `to_json` gave."""
    facts = json.loads(text)
    databases = tuple(Database(**each) for each in facts["databases"])
    return Job(**{**facts, "databases": databases, "gone": tuple(facts["gone"])})
