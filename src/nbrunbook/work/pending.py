"""The ledger: what is pending where. Pure rules; `deployments` reads what they are asked about.

A deployment is settled where the latest of its runbooks that was not abandoned is signed off or skipped.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

from nbrunbook.project import versions
from nbrunbook.runbook import events, looks
from nbrunbook.runbook.events import Event
from nbrunbook.runbook.plan import Step
from nbrunbook.runbook.progress import Progress
from nbrunbook.runbook.running import RunState, by_state
from nbrunbook.runbook.times import Clock
from nbrunbook.runbook.waiting import blocked_by, due_at, is_overdue, quoted_titles
from nbrunbook.texts import many

PendingState = Literal[
    "not instantiated",
    "not made yet",
    "open",
    "waiting",
    "waiting for approval",
    "overdue",
    "not signed off",
    "abandoned",
    "unreadable",
    "check failed",
    "check undecided",
]

STATES: Mapping[PendingState, str] = {
    "not instantiated": "it has a template and no runbook there",
    "not made yet": "the code that answers has its template, and the journal has no runbook there",
    "open": "a required step could be done now",
    "waiting": "nothing can be done now: time has to pass, or others have to do something first",
    "waiting for approval": "nothing can be done before a second operator approves",
    "overdue": "a required step should have been settled by now",
    "not signed off": "all that is required is settled, and nobody has signed it off",
    "abandoned": "its runbooks were given up, and none took their place",
    "unreadable": "rows of its runbook in the journal cannot be read",
    "check failed": "it is signed off, and a check of it fails since",
    "check undecided": "it is signed off, and nobody knows since what a check of it says",
}

NOT_MADE: tuple[PendingState, ...] = ("not instantiated", "not made yet")
"""Of a release that has no runbook: templates of some revision were asked, or those of the code that is live here."""
DOES_NOT_FAIL = ("waiting", "check failed", "check undecided")
"""What `pending --check` passes over: nothing could be done now, or it is signed off, which nothing takes back."""


@dataclass(frozen=True, kw_only=True)
class Stand:
    """Where a runbook that is open stands now."""

    state: PendingState
    until: datetime | None = None
    """For `waiting`: when something can be done again; None where that is not a matter of time."""
    due: datetime | None = None
    """For `overdue`: since when."""
    reason: str = ""
    """What it waits for or what is overdue, in words; empty where the state says all."""


@dataclass(frozen=True, kw_only=True)
class Pending:
    """A release without a settled deployment in an environment."""

    environment: str
    release: str
    state: PendingState
    template: str | None = None
    """Its path from the project's root; None where only the journal knows the release."""
    runbook: str | None = None
    """The key of the runbook that decides; None where there is none."""
    settled: int | None = None
    total: int | None = None
    """How many steps count; None where its template cannot be read."""
    summary: str = ""
    """The runbook's progress in words: 3 of 9 done."""
    until: datetime | None = None
    due: datetime | None = None
    reason: str = ""
    failing: tuple[Event, ...] = ()
    """What says of its checks that they fail since the sign-off."""
    asked_at: datetime = field(default_factory=events.now)
    """When it was so."""

    @property
    def fails(self) -> bool:
        """Whether something could be done now: what `pending --check` fails for."""
        return self.state not in DOES_NOT_FAIL

    def words(self, clock: Clock) -> str:
        """Return the state in words."""
        if self.state in NOT_MADE:
            return self.state if self.total is None else f"{self.state}, {many(self.total, 'step')}"
        if self.state == "not signed off":
            return f"all settled, not signed off, {self.summary}"
        if self.failing:
            return f"signed off, {looks.counted_words(self.failing)} since"
        until = f" until {clock.day(self.until)}" if self.until else ""
        return f"{self.state}{until}, {self.summary}" if self.summary else f"{self.state}{until}"

    def why(self, clock: Clock) -> str:
        """Return the reason, with when it was due; empty where the state says all."""
        if self.failing:
            return "; ".join(looks.all_words(self.failing, clock, with_message=True))
        return f"{self.reason}, due {clock.day(self.due)}" if self.due else self.reason

    def to_json(self) -> dict[str, Any]:
        """Return it as `pending --json` shows it."""
        return {
            "release": self.release,
            "template": self.template,
            "state": self.state,
            "runbook": self.runbook,
            "settled": self.settled,
            "total": self.total,
            "until": events.instant(self.until) if self.until else None,
            "reason": self.why(Clock(now=self.asked_at, zone=UTC)) or None,
        }


def in_order(found: Iterable[Pending]) -> tuple[Pending, ...]:
    """Return what is pending in an environment, oldest release first."""
    return tuple(sorted(found, key=lambda each: versions.key(each.release)))


# Runbooks that are open


def where_it_stands(progress: Progress, *, now: datetime) -> Stand:
    """Return where a runbook that is open stands. Only required steps count."""
    if not progress.required_open:
        unconfirmed = quoted_titles(progress, progress.unconfirmed_required, 1)
        reason = f"reworded since done, and not confirmed: {unconfirmed}" if unconfirmed else ""
        return Stand(state="open" if unconfirmed else "not signed off", reason=reason)
    late = [step for step in progress.required_open if is_overdue(progress, step, now=now)]
    if late:
        due = min(at for at in (due_at(progress, step) for step in late) if at is not None)
        return Stand(state="overdue", due=due, reason=quoted_titles(progress, late, 1))
    blocked = {step.id: blocked_by(progress, step, now=now) for step in progress.required_open}
    at = by_state(progress)
    ready = [step for step in progress.required_open if blocked[step.id] is None and step not in at.get("running", [])]
    if not ready and "running" in at:
        return Stand(state="waiting", reason=f"the machine is at {quoted_titles(progress, at['running'], 1)}")
    if not ready:
        waits = [each for each in blocked.values() if each is not None]
        until = min((each.until for each in waits if each.until), default=None)
        return Stand(state="waiting", until=until, reason="" if until else waits[0].why)
    if all(_needs_approval(progress, step) for step in ready):
        return Stand(state="waiting for approval", reason=quoted_titles(progress, ready, 1))
    told = ((WORDS[state], at[state]) for state in WORDS if state in at)
    return Stand(state="open", reason="; ".join(f"{words} {quoted_titles(progress, of, 1)}" for words, of in told))


WORDS: Mapping[RunState, str] = {
    "unknown": "nobody knows what became of",
    "failed": "failed:",
    "undecided": "undecided:",
}
"""What is told of an open runbook's runs, in front of the steps' titles."""


def _needs_approval(progress: Progress, step: Step) -> bool:
    return step.needs_approval and progress.of(step.id).approved is None
