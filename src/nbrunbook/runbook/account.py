"""An account of a runbook, as an auditor asks for it: when, how it ended, and who took part in it. Pure.

What was out of the ordinary is in `unusual`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from nbrunbook.errors import one_line
from nbrunbook.runbook.events import PASSED, Event
from nbrunbook.runbook.past_runs import is_decision
from nbrunbook.runbook.progress import Progress
from nbrunbook.runbook.replay import let_go
from nbrunbook.runbook.times import Clock, span
from nbrunbook.runbook.words import reason_words, who
from nbrunbook.texts import many

DID: Mapping[str, str] = {
    "made": "made the runbook",
    "ticked": "{} done",
    "by hand": "{} done by hand",
    "decided": "said what became of {run}",
    "confirmed": "{} confirmed as reworded",
    "skipped": "{} skipped",
    "undone": "{} undone",
    "approved": "{} approved",
    "started": "pressed Run",
    "paused": "paused a batch",
    "resumed": "resumed a batch",
    "resized": "set the size of a batch",
    "taken": "{} taken on",
    "added": "{} added",
    "noted": "{note}",
    "opened": "{section} opened",
    "closed": "{section} closed again",
    "revised": "revised it",
    "redacted": "{text} redacted",
    "whole skipped": "skipped it as a whole",
    "abandoned": "abandoned it",
    "signed_off": "signed off",
    "reopened": "reopened it",
    "archived": "wrote a record",
}
"""What an operator did, in the order in which it is told, with or without how often."""


@dataclass(kw_only=True)
class Person:
    """Somebody who took part, as the journal names them."""

    name: str
    known: dict[str, None] = field(default_factory=dict)
    """Each way in which it is known who it was; empty for somebody whom only others name."""
    counted: Counter[str] = field(default_factory=Counter)
    """How often they did each of DID themselves."""
    for_others: Counter[str] = field(default_factory=Counter)
    """How much of it was recorded for somebody else, by their names."""
    named_by: Counter[str] = field(default_factory=Counter)
    """How much others recorded for them, by the names of those who did."""

    @property
    def how_known(self) -> str:
        """How it is known who it was, in words."""
        return ", ".join(self.known) or "only named by others"

    @property
    def did(self) -> str:
        """What they did, in words: 5 done, 1 skipped, signed off."""
        own = (_did(words, self.counted[name]) for name, words in DID.items() if self.counted[name])
        for_others = (f"{count:,} for {name}" for name, count in self.for_others.items())
        by_others = (f"{count:,} recorded by {name}" for name, count in self.named_by.items())
        return "; ".join(filter(None, map(", ".join, (own, for_others, by_others))))


def _did(words: str, count: int) -> str:
    if "{" not in words:
        return words + (f" {count:,} times" if count > 1 else "")
    return words.format(f"{count:,}", **{noun: many(count, noun) for noun in ("note", "section", "text", "run")})


def people(events: Iterable[Event], progress: Progress | None = None) -> list[Person]:
    """Return who took part, in the order in which they came; linear in the number of events.

    `progress` says which steps a machine does: a tick of one is by hand.
    """
    found: dict[str, Person] = {}
    settled: set[str] = set()

    def person(name: str) -> Person:
        return found.setdefault(one_line(name), Person(name=one_line(name)))

    for event in events:
        by, what = person(event.operator), _what(event, settled)
        if what == "ticked" and progress and is_automated(progress, event):
            what = "by hand"
        by.known[f"{event.known} ({event.known_by})"] = None
        by.counted.update([what] if what else [])
        if event.data.get("for"):
            other = person(event.data["for"])
            by.for_others[other.name] += 1
            other.named_by[by.name] += 1
    return list(found.values())


def is_automated(progress: Progress, event: Event) -> bool:
    """Tell whether a machine did the step of an event when that was recorded."""
    step = progress.worded_at(event).by_id.get(event.step)
    return step is not None and step.automation is not None


def _what(event: Event, settled: set[str]) -> str:
    """Which of DID an event is, empty for none; `settled` are the steps that are, and is kept up to date."""
    kind, step = event.kind, event.step
    if kind in ("ticked", "skipped") and step:
        again = step in settled
        settled.add(step)
        return "decided" if is_decision(event) else "confirmed" if again else kind
    if kind in ("unticked", "unskipped"):
        settled.discard(step)
        return "undone"
    if kind in PASSED:
        settled.add(step)
    if is_decision(event):
        return "decided"
    if kind == "skipped":
        return "whole skipped"
    if kind == "opened" and not step:
        return "made"
    return kind if kind in DID and not (kind == "taken" and let_go(event)) else ""


def course(progress: Progress, events: Iterable[Event], clock: Clock) -> list[tuple[str, str]]:
    """Return from when to when it went, how it ended, and how far it was, each under its name."""
    made = next((event for event in events if event.kind == "opened" and not event.step), None)
    first, last = progress.began, progress.signed_off or progress.ended
    found = [("Made", f"{clock(made.at)} by {who(made)}")] if made else []
    found += [("First work", f"{clock(first.at)} by {who(first)}")] if first else []
    state = progress.state.replace("_", " ")
    if last is None:
        found.append(("Ended", f"not yet: it is {state}"))
    else:
        took = f", {span((last.at - first.at).total_seconds())} after the first work" if first else ""
        found.append((state.capitalize(), f"{clock(last.at)} by {who(last)}{took}{reason_words(last)}"))
    left = f", {len(progress.open_steps)} left open" if progress.signed_off and progress.open_steps else ""
    return [*found, ("Steps", f"{progress.summary()}{left}")]
