"""Kept states in a journal: rows beside the chain, by which a runbook is opened without reading all of its events.

What they hold, and why it may be gone by, says `runbook/kept_state.py`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

import sqlalchemy as sa

from nbrunbook.errors import JournalBrokenError, NbrunbookError
from nbrunbook.journal import queries
from nbrunbook.journal.entries import RunbookRow
from nbrunbook.journal.reading import Reader
from nbrunbook.runbook import events, kept_state, replay
from nbrunbook.runbook.events import Event
from nbrunbook.runbook.kept_state import KeptState
from nbrunbook.runbook.plan import Plan
from nbrunbook.runbook.plan_json import plan_from_json


def keep(connection: sa.Connection, runbook: RunbookRow, text: str) -> None:
    """Keep a state in place of the one before, in the transaction of its event."""
    connection.execute(queries.KEEP_STATE, {"runbook": runbook.digest, "digest": events.digest(text), "body": text})


def text_kept(journal: Reader, runbook: RunbookRow) -> str | None:
    """Return what is kept of a runbook, as it stands there; None for nothing, an empty text for what was edited."""
    with journal.reading() as connection:
        found = connection.execute(queries.KEPT_STATE, {"runbook": runbook.digest}).first()
    return None if found is None else str(found.body) if events.digest(str(found.body)) == found.digest else ""


def opening(journal: Reader, runbook: RunbookRow) -> tuple[KeptState | None, list[Event]]:
    """Return a kept state with the events that it names and all after it; else None, and all events.

    A state does not serve any more where a text was blanked since: what it came from is not what stands there now.
    """
    with journal.reading() as connection:
        seen = journal.within(connection)
        kept = kept_state.parsed(text_kept(seen, runbook) or "", runbook=runbook.digest)
        found = _named(seen, runbook, kept) if kept and kept.rules == kept_state.RULES else None
        return (None, seen.events(runbook)) if found is None else (kept, found)


def _named(seen: Reader, runbook: RunbookRow, kept: KeptState) -> list[Event] | None:
    """The events that a state names, and those after it; None where one is missing or does not hold in itself."""
    with seen.reading() as connection:
        asked = queries.named_and_after(kept.seqs, kept.seq)
        found = connection.execute(asked, {"runbook": runbook.digest}).all()
    try:
        read = [seen.read_event(runbook.key, each) for each in found]
    except JournalBrokenError:
        return None
    named = [(each, event) for each, event in zip(found, read, strict=True) if each.seq <= kept.seq]
    sound = all(
        events.digest(each.body) == each.hash and (event.runbook, event.seq) == (runbook.key, each.seq)
        for each, event in named
    )
    blanked = any(event.kind == "redacted" for event in read[len(named) :])
    return read if sound and not blanked and len(named) == len(kept.seqs) else None


# Holding it against the events


def fault(journal: Reader, runbook: RunbookRow, text: str | None, found: Sequence[Event]) -> str | None:
    """Return what does not hold about what is kept of a runbook; `found` are its events, whose chain holds.

    None, too, for what nobody goes by: a state of other rules, or of before something was redacted.
    """
    if text is None:
        return None
    kept = kept_state.parsed(text, runbook=runbook.digest)
    if kept is None:
        return "what the table kept_state holds of it was edited"
    before = found[: kept.seq]
    if kept.rules != kept_state.RULES or any(event.kind == "redacted" for event in found[kept.seq :]):
        return None
    if len(before) < kept.seq or before[-1].hash() != kept.hash:
        return f"the table kept_state holds a state of it at an event {kept.seq} that is not in its chain"
    try:
        start = replay.start(_plan(journal, runbook.plan_digest))
        progress = replay.apply_all(start, before, dict(_plans(journal, before)))
    except (NbrunbookError, ValueError, RecursionError):
        return None  # a plan that is missing or was edited is a fault of its own
    if kept_state.text_of(progress, runbook=runbook.digest, last_hash=kept.hash) != kept.text:
        return f"the table kept_state says otherwise than its events up to event {kept.seq}"
    return None


def _plans(journal: Reader, found: Sequence[Event]) -> Iterator[tuple[str, Plan]]:
    for digest in {event.data["plan"] for event in found if event.kind == "revised" and "plan" in event.data}:
        yield digest, _plan(journal, digest)


def _plan(journal: Reader, digest: str) -> Plan:
    return plan_from_json(json.loads(journal.plan_body(digest)))
