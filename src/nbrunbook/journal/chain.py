"""Chains: whether the rows of one runbook are what was written. Pure rules; nothing here reads.

Every fault is found, not only the first: after one the chain is followed from what stands there.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from nbrunbook.journal.tables import LIFE_KINDS
from nbrunbook.runbook import events, past_runs, redactions
from nbrunbook.runbook.events import Event


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One thing that does not hold, and where."""

    runbook: str = ""
    """The key; empty where it is about no runbook."""
    seq: int | None = None
    """The event's number in its runbook."""
    record: str = ""
    """The record's name below the folder of records."""
    words: str

    def __str__(self) -> str:
        event = f"event {self.seq}" if self.seq else ""
        where = ", ".join(part for part in (self.record, self.runbook, event) if part)
        return f"{where}: {self.words}" if where else self.words


@dataclass(frozen=True, kw_only=True)
class Stored:
    """An event's row, as it stands in the database, with that of its data."""

    id: str
    seq: int
    kind: str
    body: str
    hash: str
    salt: str | None
    data: str | None
    kept: str | None
    """The id of the data's row; None where there is none."""


@dataclass(frozen=True, kw_only=True)
class Checked:
    """What a runbook's rows say, and what does not hold about them."""

    events: Sequence[Event]
    """Those that can be read."""
    faults: Sequence[Fault]

    @property
    def is_open(self) -> bool:
        """Whether the runbook is open by its events."""
        life = [each for each in self.events if each.kind in LIFE_KINDS and (each.kind != "skipped" or not each.step)]
        return not life or life[-1].kind == "reopened"


def row_of_event(event: Event) -> Stored:
    """Return the row that an event is written as."""
    kept = event.id if event.data_digest or event.data or event.salt else None
    data = events.canonical(dict(event.data)) if event.data or event.salt else None
    return Stored(
        id=event.id,
        seq=event.seq,
        kind=event.kind,
        body=event.body(),
        hash=event.hash(),
        salt=event.salt or None,
        data=data,
        kept=kept,
    )


def check_chain(key: str, digest: str, rows: Sequence[Stored]) -> Checked:
    """Return what a runbook's rows say; `digest` is that of the runbook's own row, where the chain starts."""
    each_read = [read_row(row) for row in rows]
    found = [event for event, _ in each_read if event is not None]
    redacted = redactions.named(found)
    faults, previous, expected = [], frozenset({digest}), 1
    for row, (event, unreadable) in zip(rows, each_read, strict=True):
        if row.seq > expected:
            faults.append(Fault(runbook=key, seq=expected, words=_missing(expected, row.seq - 1)))
            previous = frozenset()
        words = [*_in_itself(event, row, key), *_said(event, row, event.seq in redacted)] if event else []
        words = words or ([unreadable] if unreadable else [])
        if event and previous and event.prev_hash not in previous:
            words.append(f"it does not follow {f'event {expected - 1}' if expected > 1 else 'the row of its runbook'}")
        faults += [Fault(runbook=key, seq=row.seq, words=each) for each in words]
        previous, expected = frozenset({row.hash, events.digest(row.body)}), row.seq + 1
    faults += [Fault(runbook=key, seq=seq, words=words) for seq, words in past_runs.faults(found)]
    if not rows:
        faults.append(Fault(runbook=key, seq=1, words=_missing(1, 1)))
    return Checked(events=found, faults=faults)


def _missing(first: int, last: int) -> str:
    return "it is missing" if first == last else f"it and all up to event {last} are missing"


def read_row(row: Stored) -> tuple[Event | None, str]:
    """Return the event of a row, None where it is none, and what cannot be read of it."""
    try:
        return events.from_body(row.body, data=row.data, salt=row.salt), ""
    except (ValueError, RecursionError):
        pass
    try:
        return events.from_body(row.body, data=None, salt=row.salt), "its data cannot be read"
    except (ValueError, RecursionError) as error:
        return None, f"it cannot be read ({error})"


def _in_itself(event: Event, row: Stored, key: str) -> Iterator[str]:
    """What does not hold about the body and its columns."""
    if event.body() != row.body:
        yield "the body is not in canonical form"
    if events.digest(row.body) != row.hash:
        yield "the hash is not that of the body"
    if event.runbook != key:
        yield f"it belongs to {event.runbook}"
    columns = {"id": (row.id, event.id), "seq": (row.seq, event.seq), "kind": (row.kind, event.kind)}
    for name, (column, said) in columns.items():
        if column != said:
            yield f"its column {name} says {column}, and its body {said}"


def _said(event: Event, row: Stored, redacted: bool) -> Iterator[str]:
    """What does not hold about the data, which a `redacted` alone may blank."""
    if not event.data_digest:
        if row.kept is not None:
            yield "it was written without data, and there is some now"
    elif row.kept is None:
        yield "its data is missing"
    elif row.salt is None and row.data is None:
        if not redacted:
            yield "its data was blanked, and no `redacted` says so"
    elif row.salt is None:
        yield "there is data although its salt is gone"
    elif events.digest(f"{row.salt}{row.data}") != event.data_digest:
        yield "the data was edited"
    elif redacted:
        yield "it was redacted, and its data stands there again"
