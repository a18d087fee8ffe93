"""Measuring: two things side by side, so that whatever else the machine does slows both."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

SMALLEST = os.environ.get("NBRUNBOOK_BENCHMARK") == "smallest"
"""Whether all is as small as it can be: so the tests see that each benchmark runs to its end."""
PATIENCE_SECONDS = 300
Side = Callable[[int], object]
"""Does its work once; gets the number of the round, so that no round repeats another's work."""


def wait_for(what: Callable[[], object]) -> None:
    """Wait until something is so; RuntimeError where it never is."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not what():
        if time.monotonic() > deadline:
            raise RuntimeError("waited in vain")
        time.sleep(0.02)


def size(usual: int, *, smallest: int) -> int:
    """Return how many of something are measured."""
    return smallest if SMALLEST else usual


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """What we cost, what something else costs, and how many times as much we may cost."""

    what: str
    ours: float
    theirs: float
    at_most: float
    unit: str = "s"

    @property
    def ratio(self) -> float:
        """How many times as much we cost."""
        return self.ours / self.theirs

    def row(self) -> tuple[str, ...]:
        """Return what, ours, theirs, ratio, target and verdict, as shown."""
        verdict = "ok" if self.ratio <= self.at_most else "over"
        costs = (_shown(cost, self.unit) for cost in (self.ours, self.theirs))
        return (self.what, *costs, f"{self.ratio:.2f} x", f"{self.at_most:g} x", verdict)


@dataclass(frozen=True, kw_only=True)
class Figure:
    """What we cost where there is nothing to hold it against, and perhaps the most that it may be."""

    what: str
    ours: float
    at_most: float | None = None
    unit: str = "s"

    def row(self) -> tuple[str, ...]:
        """Return the cells of a comparison's row, those of an opponent empty."""
        if self.at_most is None:
            return (self.what, _shown(self.ours, self.unit), "", "", "", "")
        verdict = "ok" if self.ours <= self.at_most else "over"
        return (self.what, _shown(self.ours, self.unit), "", "", f"{self.at_most:g} {self.unit}", verdict)


def _shown(cost: float, unit: str) -> str:
    if not unit:
        return f"{cost:,.0f}"
    if unit == "B":
        return f"{cost / 1000:.0f} KB"
    return f"{cost:.2f} s" if cost >= 1 else f"{cost * 1000:.1f} ms"


def side_by_side(*sides: Side, rounds: int) -> list[float]:
    """Return the median seconds of each side; all take turns, after one round that does not count (smallest: does)."""
    seconds: list[list[float]] = [[] for _ in sides]
    for number in range(rounds if SMALLEST else rounds + 1):
        for side, found in zip(sides, seconds, strict=True):
            start = time.perf_counter()
            side(number)
            found.append(time.perf_counter() - start)
    return [median(found[-rounds:]) for found in seconds]
