"""Kept states: what replaying came to at one event, so that nobody has to replay what went before. Pure.

A kept state holds no fact of its own that a screen shows. It is an index: for each step, and for the runbook, the
numbers of the events that matter still, besides how many notes, runs and failures there were. Whoever opens a runbook
reads those very events, each with its own hash, and goes on from there. So nothing is shown as done without a tick in
the chain, of that step, and no text stands here that a redaction would have to find.

Weighed against it was a whole state whose digest the next event notes: that would have changed what is hashed, of
every kind, and an edited state would still be believed until somebody reads the chain. Weighed too was a list of
events that are replayed alone: a failed check under a step that was done, and is no more, needs the tick of that time,
so a short list that is right in every order is not to be had.

Only what replays makes one (`work.session`, in the transaction of an event). Whatever does not fit, by its event's
hash, its shape, or the rules that made it, is not used: all is replayed, as if nothing were kept. `verify` replays
everything and compares; so does a sign-off before it counts anything.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import Any

from nbrunbook.errors import UnknownPlanError
from nbrunbook.runbook import events, other_answers, replay
from nbrunbook.runbook.events import ENDS, PASSED, Event
from nbrunbook.runbook.notes import HELD, Notes
from nbrunbook.runbook.other_answers import Once
from nbrunbook.runbook.progress import Progress, Version
from nbrunbook.runbook.replay import Plans
from nbrunbook.runbook.status import OPEN, State, Status, StepState

RULES = 1
"""Of the rules that replay, and of this form: raised whenever some events come to something else than before."""
EVERY = 50
"""After how many events a state is kept again: so many are replayed at most by whoever opens the runbook."""

OF_STEP: Mapping[str, Sequence[str]] = {
    "by": ("ticked", "skipped", *PASSED),
    "approved": ("approved",),
    "taken": ("taken",),
    "reopened": ("unticked", "unskipped", "failed"),
    "confirmed": ("ticked", "skipped", *PASSED),
    "run": ("started",),
    "last": ENDS,
    "since": ENDS,
    "paused": ("paused",),
    "resized": ("resized",),
}
"""By the field of a StepState, of which kinds the event may be that stands there."""
COUNTED = ("runs", "failures", "run_key")
"""Its fields that are no event."""
OF_RUNBOOK: Mapping[str, Sequence[str]] = {
    "began": replay.WORK,
    "signed_off": ("signed_off",),
    "ended": ("abandoned", "skipped"),
    "archived": ("archived",),
}
"""The same of a Progress."""

Read = Callable[[str], Sequence[Event]]
"""All notes on a step, by its id; on the runbook itself by the empty one."""


@dataclass(frozen=True, kw_only=True)
class KeptState:
    """What was kept, as it was read and before any of it is believed."""

    text: str
    seq: int
    """The number of the event after which it was made."""
    hash: str
    """The hash of that event."""
    rules: int
    facts: Mapping[str, Any]

    @cached_property
    def seqs(self) -> frozenset[int]:
        """The numbers of all events that it names, its own too."""
        return frozenset((self.seq, *_numbers(self.facts)))


def _numbers(facts: Mapping[str, Any]) -> Iterator[int]:
    yield from (facts[name] for name in OF_RUNBOOK if name in facts)
    yield from (*facts["additions"], *facts["revisions"], *facts["sections"].values(), *facts["notes"][1:])
    for each in facts["steps"].values():
        yield from (each[name] for name in OF_STEP if name in each)
        yield from each.get("notes", ())[1:]


# Making one


def text_of(progress: Progress, *, runbook: str, last_hash: str) -> str:
    """Return a state as canonical JSON; `runbook` is the digest of the runbook's row, `last_hash` that of its event."""
    facts = {
        "runbook": runbook,
        "seq": progress.seq,
        "hash": last_hash,
        "rules": RULES,
        "created_at": events.instant(progress.created_at) if progress.created_at else "",
        "steps": {step_id: _of_step(state) for step_id, state in progress.steps.items()},
        "sections": {section_id: event.seq for section_id, event in progress.sections.items()},
        "opened": sorted(progress.opened_sections),
        "additions": [event.seq for event in progress.additions],
        "revisions": [version.event.seq for version in progress.versions if version.event],
        "places": dict(progress.places),
        "notes": _noted(progress.notes),
        "kept": _kept_again(progress),
        **{name: event.seq for name in OF_RUNBOOK if (event := getattr(progress, name)) is not None},
    }
    return events.canonical(facts)


def _kept_again(progress: Progress) -> str:
    """What a `redacted` said again of a sign-off that is blanked, without texts; else the sign-off says it."""
    return "" if progress.kept == _kept_by(progress.signed_off) else other_answers.kept(progress.kept)


def _kept_by(signed_off: Event | None) -> dict[str, Once]:
    return other_answers.from_kept(signed_off.data.get("elsewhere", "") if signed_off else "")


def _of_step(state: StepState) -> dict[str, Any]:
    named = {name: event.seq for name in OF_STEP if (event := getattr(state, name)) is not None}
    counted = {name: value for name in COUNTED if (value := getattr(state, name))}
    return named | counted | ({"notes": _noted(state.notes)} if state.notes else {})


def _noted(notes: Notes) -> list[int]:
    """How many there are, and the numbers of the last ones."""
    return [len(notes), *(note.seq for note in notes.last)]


# Going on from one


def parsed(text: str, *, runbook: str) -> KeptState | None:
    """Return what was kept of a runbook, by the digest of its row; None for what is no kept state of it."""
    try:
        facts = json.loads(text)
        found = KeptState(text=text, seq=facts["seq"], hash=facts["hash"], rules=facts["rules"], facts=facts)
        is_sound = facts["runbook"] == runbook and all(isinstance(each, int) for each in found.seqs)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None
    return found if is_sound and max(found.seqs) == found.seq else None


def restored(kept: KeptState, start: Progress, named: Iterable[Event], plans: Plans, read: Read) -> Progress:
    """Return the progress at a kept state's event; ValueError for one that does not fit in whatever way.

    `start` is as `replay.start` made it, `named` are the events of `seqs`, `plans` those of the revisions among them;
    `read` brings notes that are not named.
    """
    try:
        return _restored(kept, start, {event.seq: event for event in named}, plans, read)
    except (TypeError, KeyError, AttributeError, IndexError, UnknownPlanError) as error:
        raise ValueError(f"a kept state that does not fit ({error!r})") from error


def _restored(kept: KeptState, start: Progress, by_seq: Mapping[int, Event], plans: Plans, read: Read) -> Progress:
    facts = kept.facts
    if kept.rules != RULES or by_seq[kept.seq].hash() != kept.hash:
        raise ValueError("a state of other rules, or of another chain")
    own: dict[str, Any] = {
        name: _one(by_seq, facts[name], kinds) for name, kinds in OF_RUNBOOK.items() if name in facts
    }
    revisions = [_one(by_seq, seq, ("revised",)) for seq in facts["revisions"]]
    versions = [Version(plan=plans[event.data["plan"]], event=event) for event in revisions]
    sections = {name: _one(by_seq, seq, replay.OF_SECTIONS, name) for name, seq in facts["sections"].items()}
    progress = replace(
        start,
        plan=(versions or start.versions)[-1].plan,
        state=_state(own),
        steps={step_id: _step(by_seq, step_id, each, read) for step_id, each in facts["steps"].items()},
        created_at=events.from_instant(facts["created_at"]) if facts["created_at"] else None,
        opened_sections=frozenset(facts["opened"]),
        sections=sections,
        notes=_notes(by_seq, facts["notes"], "", read),
        places=facts["places"],
        additions=tuple(_one(by_seq, seq, ("added",)) for seq in facts["additions"]),
        versions=(*start.versions, *versions),
        seq=kept.seq,
        kept=other_answers.from_kept(facts["kept"]) or _kept_by(own.get("signed_off")),
        **own,
    )
    progress = replay.with_additions(progress)
    if text_of(progress, runbook=facts["runbook"], last_hash=kept.hash) != kept.text:
        raise ValueError("a state that nobody would keep so")
    return progress


def _state(own: Mapping[str, Event]) -> State:
    if "signed_off" in own:
        return "signed_off"
    ended = own.get("ended")
    return "open" if ended is None else "skipped" if ended.kind == "skipped" else "abandoned"


def _one(by_seq: Mapping[int, Event], seq: int, kinds: Sequence[str], step: str | None = None) -> Event:
    event = by_seq[seq]
    if event.kind not in kinds or step not in (None, event.step):
        raise ValueError(f"event {seq} is {event.kind} of {event.step!r}")
    return event


def _step(by_seq: Mapping[int, Event], step_id: str, facts: Mapping[str, Any], read: Read) -> StepState:
    own: dict[str, Any] = {
        name: _one(by_seq, facts[name], kinds, step_id) for name, kinds in OF_STEP.items() if name in facts
    }
    by = own.get("by")
    status: Status = "open" if by is None else "skipped" if by.kind == "skipped" else "done"
    counted = {name: facts[name] for name in COUNTED if name in facts}
    if any(type(value) is not type(getattr(OPEN, name)) for name, value in counted.items()):
        raise ValueError(f"counts that are none: {counted}")
    return StepState(status=status, notes=_notes(by_seq, facts.get("notes", [0]), step_id, read), **own, **counted)


def _notes(by_seq: Mapping[int, Event], noted: Sequence[int], step_id: str, read: Read) -> Notes:
    count, *last = noted
    if count < len(last) or len(last) != min(count, HELD):
        raise ValueError(f"{count} notes, of which {len(last)} are named")
    held = [_one(by_seq, seq, ("noted",), step_id) for seq in last]
    return Notes(held, earlier=count - len(held), read=partial(read, step_id))
