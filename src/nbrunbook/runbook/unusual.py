"""What was out of the ordinary on a runbook, as an auditor reads it: one line each, in the order of KINDS. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from nbrunbook.runbook import unusual_runs
from nbrunbook.runbook.events import Event
from nbrunbook.runbook.plan import Step
from nbrunbook.runbook.progress import Progress
from nbrunbook.runbook.replay import OF_SECTIONS
from nbrunbook.runbook.status import OPEN
from nbrunbook.runbook.times import Clock, span
from nbrunbook.runbook.waiting import due_at
from nbrunbook.runbook.words import reason_words, reworded_words, uncommitted, who

KINDS: Mapping[str, str] = {
    "skipped": "an operator said why it was not done",
    "undone": "it was done or skipped, and taken back; it may have been settled again later",
    "late": "it was settled after it was due, or never",
    "by hand": "a person did what a machine does",
    "failed": "the machine tried it, and it did not pass",
    "undecided": "the machine tried it, and could not say whether it passes",
    "stopped": "an operator stopped the machine at it",
    "decided": "nobody knew what became of a run, and an operator said it",
    "forced": "it was done, and the machine did it once more",
    "warned": "it passed, and said what to look at",
    "regressed": "a check that had passed failed, and opened its step again",
    "left open": "it is optional, and nobody settled it",
    "added": "an operator put it in",
    "on behalf": "somebody else did it than who recorded it",
    "reworded": "it was settled as another text, whether somebody confirmed it since or not",
    "removed": "a revision took it away after it was settled",
    "revised": "the template changed during the work",
    "not committed": "no commit holds what it was made from",
    "only if needed": "a section that is closed as a rule was opened, or closed again",
    "given up": "it was abandoned, or skipped as a whole",
    "reopened": "it had been signed off or given up before",
    "redacted": "a text was blanked",
    "code redacted": "code that a machine runs was blanked",
    "another runbook": "this deployment has an earlier one",
}
"""What counts as out of the ordinary."""


@dataclass(frozen=True, kw_only=True)
class Unusual:
    """One thing that was out of the ordinary."""

    kind: str
    """One of KINDS."""
    subject: str = ""
    """The id of the step, or of the section, that it is about; empty for the runbook."""
    words: str
    """How it came, who, when and why."""


def unusual(progress: Progress, events: Sequence[Event], template: Mapping[str, Any], clock: Clock) -> list[Unusual]:
    """Return all of it; nothing where all went as it was written down.

    `template` is what the runbook's facts say of the template that it was made from.
    """
    found = [*_of_steps(progress, clock), *_of_events(events, clock), *_of_the_runbook(events, template, clock)]
    found += [
        Unusual(kind=kind, subject=step, words=words) for kind, step, words in unusual_runs.of(progress, events, clock)
    ]
    order = list(KINDS)
    return sorted(found, key=lambda each: order.index(each.kind))


def name_of(progress: Progress, subject: str) -> str:
    """Return the title of a step or a section, also of one that a revision took away; else its id."""
    if subject in progress.plan.by_id:
        return progress.title(progress.plan.by_id[subject])
    gone = next((step.title for step in progress.removed if step.id == subject), "")
    is_section = any(section.id == subject for section in progress.plan.sections)
    return gone or (progress.heading(subject) if is_section else "") or subject


def _of_steps(progress: Progress, clock: Clock) -> Iterator[Unusual]:
    ended = progress.signed_off or progress.ended
    until = ended.at if ended else clock.now
    for step in progress.counted:
        state = progress.of(step.id)
        by = state.by
        if state.status == "skipped" and by:
            where = f" in {state.where}" if state.where else ""
            yield Unusual(kind="skipped", subject=step.id, words=f"{_told(by, clock)}{where}{reason_words(by)}")
        late = _late(progress, step, by, until, clock)
        if late:
            yield Unusual(kind="late", subject=step.id, words=late)
        elif by is None and progress.signed_off:
            yield Unusual(kind="left open", subject=step.id, words="optional, and not settled at the sign-off")
        if state.reworded:
            yield Unusual(
                kind="reworded", subject=step.id, words=f"{reworded_words(progress, step, clock)}; not confirmed"
            )
        elif state.confirmed:
            words = f"confirmed {_told(state.confirmed, clock)}{reason_words(state.confirmed)}"
            yield Unusual(kind="reworded", subject=step.id, words=words)
    for step in progress.removed:
        was = progress.steps.get(step.id, OPEN)
        if was.by:
            yield Unusual(kind="removed", subject=step.id, words=f"it was {was.status} {_told(was.by, clock)}")


def _late(progress: Progress, step: Step, by: Event | None, until: datetime, clock: Clock) -> str:
    due = due_at(progress, step)
    if due is None or due >= (by.at if by else until):
        return ""
    if by is None:
        return f"not settled; it was due {clock(due)}"
    return f"settled {_told(by, clock)}, {span((by.at - due).total_seconds())} after it was due"


def _of_events(events: Iterable[Event], clock: Clock) -> Iterator[Unusual]:
    """What stays out of the ordinary, whatever came after it."""
    for event in events:
        words = f"{_told(event, clock)}{reason_words(event)}"
        if event.kind in ("unticked", "unskipped"):
            yield Unusual(kind="undone", subject=event.step, words=f"{event.kind} {words}")
        elif event.kind == "added":
            yield Unusual(kind="added", subject=event.step, words=words)
        elif event.kind in OF_SECTIONS and event.step:
            yield Unusual(kind="only if needed", subject=event.step, words=f"{event.kind} {words}")
        elif event.kind == "abandoned" or (event.kind == "skipped" and not event.step):
            yield Unusual(kind="given up", words=f"{event.kind} {words}")
        elif event.kind == "reopened":
            yield Unusual(kind="reopened", words=words)
        elif event.kind == "redacted":
            target, blobs = event.data.get("seq", "").partition(" ")[0], event.data.get("blobs")
            what = f"what event {target or '(redacted)'} said" if target or not blobs else "code that its steps load"
            yield Unusual(kind="redacted" if target or not blobs else "code redacted", words=f"{what}, {words}")
        if event.data.get("for"):
            did = "done" if event.kind == "ticked" else event.kind
            yield Unusual(kind="on behalf", subject=event.step, words=f"{did} {_told(event, clock)}")


def _of_the_runbook(events: Sequence[Event], template: Mapping[str, Any], clock: Clock) -> Iterator[Unusual]:
    key = events[0].runbook
    if "@" in key:
        words = f"this is {key}: {key.partition('@')[0]} came before it"
        yield Unusual(kind="another runbook", words=words)
    made = [("", template)]
    for event in events:
        if event.kind == "revised":
            summary = event.data.get("summary", "")
            yield Unusual(kind="revised", words=f"{_told(event, clock)}{f' — {summary}' if summary else ''}")
            made.append((f"revision of {clock(event.at)}: ", json.loads(event.data.get("template", "{}"))))
    for name, facts in made:
        if uncommitted(facts):
            yield Unusual(kind="not committed", words=f"{name}{uncommitted(facts)}")


def _told(event: Event, clock: Clock) -> str:
    return f"by {who(event)}, {clock(event.at)}"
