"""The size of chunks: it follows how long one should take, by at most a factor of two. Pure."""

from __future__ import annotations

from nbrunbook.runbook.batch_facts import LARGEST_SIZE

MOST = 2.0
"""By how much a chunk may grow or shrink."""


def next_size(size: int, rows: int, seconds: float, target_seconds: float) -> int:
    """Return how many rows the next chunk asks for, after one of `rows` took so long.

    One that gave less than it was asked for says nothing of larger ones.
    """
    factor = target_seconds / seconds if seconds > 0 else MOST
    if rows < size and factor > 1:
        return size
    return within(round(size * min(MOST, max(1 / MOST, factor))))


def halved(size: int) -> int:
    """Return the size after a lock that did not come free, or a deadlock."""
    return within(size // 2)


def within(size: int) -> int:
    """Return a size that is none too small and none too large."""
    return max(1, min(LARGEST_SIZE, size))
