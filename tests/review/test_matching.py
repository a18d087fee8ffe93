"""What left its order."""

from __future__ import annotations

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from nbrunbook.review import matching


def _in_order(old: list[str], kept: list[str]) -> bool:
    return kept == [each for each in old if each in kept]


@given(st.permutations("abcdef"))
def test_the_fewest_move(new: list[str]) -> None:
    """What stays is in its old order, and no longer part of the new order is."""
    old = sorted(new)
    stayed = [each for each in new if each not in matching.moved(old, new)]
    assert _in_order(old, stayed)
    assert not any(_in_order(old, list(more)) for more in combinations(new, len(stayed) + 1))


def test_nothing_moves_where_nothing_stands() -> None:
    """Of no ids none moves."""
    assert matching.moved([], []) == set()
