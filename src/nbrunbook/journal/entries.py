"""What goes into a journal, and what stands there: a runbook's row, drafts of events."""

from __future__ import annotations

import hashlib
import json
import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from nbrunbook.errors import JournalBrokenError
from nbrunbook.journal.chain import Stored
from nbrunbook.project.operator import Known
from nbrunbook.runbook import events
from nbrunbook.runbook.events import Event, Kind


@dataclass(frozen=True, kw_only=True)
class RunbookRow:
    """A runbook's row: facts that never change."""

    digest: str
    """sha256 of `body`; the first event's prev_hash."""
    project: str
    key: str
    release: str
    environment: str
    plan_digest: str
    body: str
    """Canonical JSON of all its facts."""

    @property
    def facts(self) -> dict[str, Any]:
        """What `metadata.nbrunbook` says of it, but for the plan; JournalBrokenError where the row was edited."""
        try:
            facts = json.loads(self.body) if events.digest(self.body) == self.digest else None
        except (ValueError, RecursionError):
            facts = None
        if not isinstance(facts, dict):
            do = f"'nbrunbook verify {shlex.quote(self.key)}' says what"
            raise JournalBrokenError(self.key, 0, f"the runbook's row of {self.key} was edited", do)
        return facts


@dataclass(frozen=True, kw_only=True)
class Draft:
    """An event that is about to be written: what the caller decides."""

    kind: Kind
    step: str = ""
    operator: str
    known: Known
    known_by: str
    data: Mapping[str, str] = field(default_factory=dict)
    contents: Sequence[bytes] = ()
    """Blobs that go in with it."""
    plans: Sequence[str] = ()
    """Bodies of plans that go in with it."""
    redacts: str = ""
    """The id of an event whose data is blanked with it; empty for none."""
    redacts_blobs: Sequence[str] = ()
    """Names of blobs whose content is blanked with it."""
    begins: RunPlace | None = None
    """Where the run begins that it starts."""
    ends: str = ""
    """The id of the run that is over with it; empty for none."""
    alone: str = ""
    """The runner that is the last one of that run; empty where others may work on it still. See runners.end."""


@dataclass(frozen=True, kw_only=True)
class RunPlace:
    """Where a run is about to begin."""

    host: str
    folder: str


Decide = Callable[[Sequence[Event]], Draft]


def sha256(content: bytes) -> str:
    """Return the name under which a blob is kept."""
    return hashlib.sha256(content).hexdigest()


def row_of(facts: Mapping[str, Any]) -> RunbookRow:
    """Return the row for a runbook's facts."""
    body = events.canonical(dict(facts))
    return RunbookRow(
        digest=events.digest(body),
        project=facts["project"],
        key=facts["key"],
        release=facts["release"],
        environment=facts["environment"],
        plan_digest=facts["plan_digest"],
        body=body,
    )


def row_fault(runbook: RunbookRow) -> str | None:
    """Return what does not hold about a runbook's own row, or None."""
    try:
        said = row_of(json.loads(runbook.body))
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        return f"the runbook's row was edited: its body cannot be read ({error})"
    names = ("digest", "project", "key", "release", "environment", "plan_digest", "body")
    wrong = [name for name in names if getattr(said, name) != getattr(runbook, name)]
    return f"the runbook's row was edited: its body and its {', '.join(wrong)} disagree" if wrong else None


def stored_event(found: Any) -> Stored:
    """A row as texts: SQLite keeps whatever somebody put there behind the triggers."""
    texts: dict[str, Any] = {
        name: value if value is None or isinstance(value, str) else repr(value)
        for name, value in found._mapping.items()
        if name not in ("seq", "listed")
    }
    return Stored(**texts, seq=found.seq if isinstance(found.seq, int) else 0)


def stored_row(found: Any) -> RunbookRow:
    """Return the runbook of a row, of texts: SQLite keeps whatever somebody put there behind the triggers."""
    names = {"plan_digest": "plan", **{name: name for name in ("project", "key", "release", "environment", "body")}}
    texts = {
        name: each if isinstance(each := getattr(found, column), str) else repr(each) for name, column in names.items()
    }
    return RunbookRow(digest=found.digest, **texts)
