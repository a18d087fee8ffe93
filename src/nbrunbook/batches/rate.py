"""The rate of a database: rows a second over the last minutes."""

from __future__ import annotations

from collections import deque

WINDOW_SECONDS = 180.0
EVERY_SECONDS = 1.0
"""How far samples are apart: a few hundred are kept."""


class Rate:
    """What was done when; `at` is any clock that goes on by seconds."""

    def __init__(self) -> None:
        self._samples: deque[tuple[float, int]] = deque()
        self._last: tuple[float, int] | None = None

    def note(self, at: float, done: int) -> None:
        """Note how many rows are done."""
        samples = self._samples
        if not samples or at - samples[-1][0] >= EVERY_SECONDS:
            samples.append((at, done))
            while at - samples[0][0] > WINDOW_SECONDS:
                samples.popleft()
        self._last = (at, done)

    def forget(self) -> None:
        """Begin anew, after a pause or a hold."""
        self._samples.clear()
        self._last = None

    @property
    def value(self) -> float | None:
        """Rows a second; None where that is not known yet."""
        if not self._samples or self._last is None or self._last[0] - self._samples[0][0] < 0.1:
            return None
        (first, before), (last, after) = self._samples[0], self._last
        return max(0.0, round((after - before) / (last - first), 2))
