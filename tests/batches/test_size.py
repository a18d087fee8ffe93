"""The size of chunks."""

from __future__ import annotations

from nbrunbook.batches.size import halved, next_size


def test_it_follows_the_target_by_at_most_a_factor_of_two() -> None:
    """Up and down; beyond that the next chunk will tell."""
    assert next_size(100, 100, 0.8, 1.0) == 125
    assert next_size(100, 100, 0.001, 1.0) == next_size(100, 100, 0.0, 1.0) == 200
    assert next_size(100, 100, 60.0, 1.0) == 50


def test_a_chunk_that_gave_less_lets_none_grow() -> None:
    """Its time says nothing of a full one; one that was too slow even so shrinks."""
    assert next_size(100, 3, 0.001, 1.0) == 100
    assert next_size(100, 3, 1.5, 1.0) == 67


def test_there_is_always_a_row() -> None:
    """And never more than there is memory for."""
    assert halved(1) == next_size(1, 1, 9.0, 1.0) == 1
    assert next_size(90_000, 90_000, 0.1, 1.0) == 100_000
