"""Schedule: how often a run is tried, how far apart, and how long it may take. Pure.

Instants are seconds of `time.monotonic`, which stands still while the machine sleeps: a timeout of two minutes means
two minutes in which it could work, and a laptop that was closed for an hour is not too late when it is opened.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

from nbrunbook.runbook.events import NOT_PASSED


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """As a plan has it (see `runbook.automation`)."""

    attempts: int = 1
    """The most; an action has one."""
    every_seconds: int | None = None
    """From the beginning of one attempt to that of the next; one that takes longer is followed at once."""
    timeout_seconds: int | None = None
    """For all attempts together; None for no limit."""

    def deadline(self, began_at: float) -> float:
        """Return when a run that began then is out of time."""
        return began_at + self.timeout_seconds if self.timeout_seconds else inf

    def next_at(self, kind: str, attempt: int, *, began_at: float, attempt_at: float, now: float) -> float | None:
        """Return when the next attempt begins, after one, counted from 1, that came out as `kind`; None for never.

        Nothing waits for an attempt that would begin out of time.
        """
        if kind not in NOT_PASSED or attempt >= self.attempts:
            return None
        at = max(now, attempt_at + (self.every_seconds or 0))
        return at if at < self.deadline(began_at) else None
