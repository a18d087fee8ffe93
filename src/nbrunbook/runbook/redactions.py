"""Redactions: which texts in a journal may be blanked, and which were. Pure rules; nothing here writes.

A `redacted` names the events that were blanked in its data, as `seq`: its own target first and,
where that is a `redacted` too, whatever that one named. `blobs` names the files that went with it.
`elsewhere` says again, without texts, which `.once` steps a blanked sign-off had kept; FACTS, what of a run is no text.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from nbrunbook.runbook.events import ENDS, Event

NEEDED: Mapping[str, str] = {
    "opened": "it names the notebook that the runbook was made with, and holds no text of an operator's",
    "revised": "it names the plan that the runbook goes by since then",
    "archived": "it says which record was written, and proves that the record is what was written",
}
"""Kinds whose data a runbook cannot do without, and why."""

BLOBS: Mapping[str, str] = {
    "opened": "notebook",
    "signed_off": "notebook",
    "ticked": "file",
    **dict.fromkeys(ENDS, "log"),
}
"""By its kind, the name under which an event's data names a blob."""

FACTS = ("run", "key", "forced", "timeout", "seconds", "attempts", "host_is_gone", "batch_size")
"""What the events of a run say that is no text: later runs go by it, and readers of what came out."""


REFUSED_ROWS = (
    "the table nbrunbook_quarantine in the databases of the batch: it keeps the keys of refused rows, and why they were"
)


@dataclass(frozen=True, kw_only=True)
class Redaction:
    """One event that is to be blanked."""

    event: Event
    blob: str
    """The name of the file that came with it; empty for none."""

    def data(self, reason: str, *, blobs: Sequence[str] = (), kept: str = "") -> dict[str, str]:
        """Return what its `redacted` says; what an earlier one said that is blanked now is said again.

        `kept` is what a sign-off had kept of other runbooks, without texts.
        """
        before = self.event.data if self.event.kind == "redacted" else {}
        gone = [*blobs, *before.get("blobs", "").split()]
        found = {"seq": f"{self.event.seq} {before.get('seq', '')}".strip(), "reason": reason}
        found |= {"blobs": " ".join(gone)} if gone else {}
        found |= {"elsewhere": kept} if kept else {}
        return found | {name: self.event.data[name] for name in ("after", *FACTS) if name in self.event.data}


def blob_of(event: Event) -> str:
    """Return the name of the blob that an event names; empty for none."""
    return event.data.get(BLOBS.get(event.kind, ""), "")


def refusal(events: Sequence[Event], seq: int) -> str | None:
    """Return why an event may not be redacted, in words; None where it may."""
    event = find(events, seq)
    if event is None:
        return f"there is no event {seq}; 'nbrunbook journal KEY' numbers them"
    if event.redacted:
        return "it was redacted before"
    if not set(event.data) - {"let_go", "needs", *FACTS}:
        return f"{event.kind} says nothing that could be redacted"
    return NEEDED.get(event.kind)


def of(events: Sequence[Event], seq: int) -> Redaction:
    """Return what is blanked with an event that may be."""
    event = next(each for each in events if each.seq == seq)
    return Redaction(event=event, blob=blob_of(event))


def find(events: Iterable[Event], seq: int) -> Event | None:
    """Return one event of a runbook by its number, or None."""
    return next((event for event in events if event.seq == seq), None)


def named(events: Iterable[Event]) -> frozenset[int]:
    """Return the numbers of the events that were blanked by a `redacted`."""
    return frozenset(int(each) for each in _said(events, "seq") if re.fullmatch("[0-9]{1,18}", each))


def blanked(events: Iterable[Event]) -> frozenset[str]:
    """Return the names of the blobs that were blanked by a `redacted`."""
    return frozenset(_said(events, "blobs"))


def restored(events: Sequence[Event]) -> Sequence[Event]:
    """Return events with what of those of runs is said again where they were blanked; linear in their number."""
    again = {
        int(event.data["seq"].split()[-1]): {name: event.data[name] for name in FACTS if name in event.data}
        for event in events
        if event.kind == "redacted" and re.fullmatch(r"[0-9 ]{0,99}[0-9]{1,18}", event.data.get("seq", ""))
    }
    return [replace(event, again=again.get(event.seq, {})) if event.redacted else event for event in events]


def _said(events: Iterable[Event], name: str) -> Iterator[str]:
    for event in events:
        if event.kind == "redacted":
            yield from event.data.get(name, "").split()


def still_shown(events: Sequence[Event], seq: int) -> list[str]:
    """Return what else may still show the text of an event, and what to do about it, in words."""
    event = of(events, seq).event
    later = [each for each in events if each.seq > seq]
    found = [f"the step's id, {event.step}: it is part of the chain and stays"] if event.kind == "added" else []
    found += [REFUSED_ROWS] if event.kind == "quarantined" or "quarantined" in event.data.get("board", "") else []
    return [*found, *_of_the_same_run(events, event), *_kept_by(later)]


def run_of(event: Event) -> str:
    """Return the id of the run that an event is about; empty for none."""
    return event.id if event.kind == "started" else event.fact("run")


def _of_the_same_run(events: Sequence[Event], event: Event) -> Iterator[str]:
    """Other events that say something of a run, which are blanked by themselves."""
    for each in events if run_of(event) else ():
        if each.seq != event.seq and run_of(each) == run_of(event) and not refusal(events, each.seq):
            command = f"nbrunbook redact {shlex.quote(each.runbook)} {each.seq}"
            yield f"event {each.seq}, {each.kind}, of the same run: '{command}' blanks it"


def code_still_shown(events: Sequence[Event]) -> list[str]:
    """Return what else may still show the code of a runbook, and what to do about it, in words."""
    return [*_kept_by(events), "the template, and git's history of it", "the runbook's file, and git's history of it"]


def _kept_by(events: Sequence[Event]) -> list[str]:
    found = []
    for each in events:
        if each.kind == "signed_off" and blob_of(each):
            command = f"nbrunbook redact {shlex.quote(each.runbook)} {each.seq}"
            found.append(f"the notebook that was kept at sign-off {each.seq}: '{command}' blanks it")
        if each.kind == "archived":
            record = each.data.get("record")
            command = f"nbrunbook archive {shlex.quote(each.runbook)}"
            found.append(f"the record {record}: remove it, and '{command}' writes another")
            found.append(f"git's history of the record {record}, where it was committed")
    return found
