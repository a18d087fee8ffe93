"""Which nodes of a graph lead to which others."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from nbrunbook.runbook.reaching import chosen, reachable

GRAPHS = st.integers(1, 12).flatmap(
    lambda count: st.lists(st.sets(st.integers(0, count - 1), max_size=4), min_size=count, max_size=count)
)


def _walked(following: list[set[int]], start: int) -> list[int]:
    seen, left = {start}, [start]
    while left:
        fresh = following[left.pop()] - seen
        seen |= fresh
        left += fresh
    return sorted(seen)


@given(GRAPHS)
def test_it_is_what_walking_finds(following: list[set[int]]) -> None:
    """For each node, whatever circles there are."""
    found = [chosen(range(len(following)), bits) for bits in reachable(following)]
    assert found == [_walked(following, node) for node in range(len(following))]


def test_a_long_chain_and_a_long_circle_are_no_recursion() -> None:
    """As long as a stranger may write one."""
    count = 20_000
    chain = reachable([{node + 1} if node + 1 < count else set() for node in range(count)])
    assert (chosen(range(count), chain[-1]), chain[0].bit_count()) == ([count - 1], count)
    circle = reachable([{(node + 1) % count} for node in range(count)])
    assert circle[0] == circle[-1] == (1 << count) - 1
