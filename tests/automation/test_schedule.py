"""Schedule: how often, how far apart, how long."""

from __future__ import annotations

from math import inf

import pytest

from nbrunbook.automation.schedule import Schedule

TWICE = Schedule(attempts=2, every_seconds=30, timeout_seconds=100)


def next_at(schedule: Schedule, kind: str, attempt: int, *, attempt_at: float, now: float) -> float | None:
    """Return when a run that began at 1000 is tried again."""
    return schedule.next_at(kind, attempt, began_at=1000, attempt_at=attempt_at, now=now)


@pytest.mark.parametrize("kind", ["failed", "undecided"])
def test_what_did_not_pass_is_tried_again(kind: str) -> None:
    """Attempts begin so far apart as is said; one that took longer is followed at once."""
    assert next_at(TWICE, kind, 1, attempt_at=1000, now=1001) == 1030
    assert next_at(TWICE, kind, 1, attempt_at=1000, now=1031) == 1031


@pytest.mark.parametrize("kind", ["passed", "warned", "stopped"])
def test_what_passed_or_was_stopped_is_not_tried_again(kind: str) -> None:
    """Neither is there more to learn, nor does anybody want it."""
    assert next_at(TWICE, kind, 1, attempt_at=1000, now=1001) is None


def test_the_last_attempt_is_the_last() -> None:
    """An action has one attempt, and a check as many as it says."""
    assert next_at(TWICE, "failed", 2, attempt_at=1030, now=1031) is None
    assert next_at(Schedule(), "failed", 1, attempt_at=1000, now=1001) is None


def test_nothing_waits_for_an_attempt_that_would_be_out_of_time() -> None:
    """The timeout is for all attempts together."""
    assert next_at(TWICE, "failed", 1, attempt_at=1069, now=1080) == 1099
    assert next_at(TWICE, "failed", 1, attempt_at=1070, now=1080) is None
    assert TWICE.deadline(1000) == 1100
    assert Schedule().deadline(1000) == inf
