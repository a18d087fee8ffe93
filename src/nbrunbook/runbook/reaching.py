"""Reaching: which nodes of a graph lead to which others, in circles too. Linear in nodes and edges, and pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import compress
from typing import TypeVar

T = TypeVar("T")
DIGITS = bytes.maketrans(b"01", b"\0\1")


def reachable(following: Sequence[Collection[int]]) -> list[int]:
    """Return for each node, as the bits of a number, itself and all that can be reached from it.

    `following` are the nodes that one leads to. Nodes that lead to each other reach the same
    (Tarjan, Depth-first search and linear graph algorithms, 1972; without recursion).
    """
    order: dict[int, int] = {}
    low: dict[int, int] = {}
    reached, circle = [0] * len(following), list[int]()
    is_open = set[int]()
    for root in range(len(following)):
        work: list[tuple[int, Iterator[int]]] = [] if root in order else [(root, iter(following[root]))]
        while work:
            node, rest = work[-1]
            if node not in order:
                order[node] = low[node] = len(order)
                circle.append(node)
                is_open.add(node)
            fresh = None
            for each in rest:
                if each not in order:
                    fresh = each
                    break
                if each in is_open:
                    low[node] = min(low[node], order[each])
            if fresh is not None:
                work.append((fresh, iter(following[fresh])))
                continue
            work.pop()
            if work:
                low[work[-1][0]] = min(low[work[-1][0]], low[node])
            if low[node] == order[node]:
                _close(node, circle, is_open, reached, following)
    return reached


def _close(
    node: int, circle: list[int], is_open: set[int], reached: list[int], following: Sequence[Collection[int]]
) -> None:
    """Say what the nodes of one circle reach, from what those behind it do."""
    members = [circle.pop()]
    while members[-1] != node:
        members.append(circle.pop())
    is_open.difference_update(members)
    bits = _bits(members)
    for each in members:
        for other in following[each]:
            bits |= reached[other]
    for each in members:
        reached[each] = bits


def _bits(members: Sequence[int]) -> int:
    digits = bytearray(max(members) // 8 + 1)
    for each in members:
        digits[each // 8] |= 1 << each % 8
    return int.from_bytes(digits, "little")


def chosen(of_nodes: Iterable[T], bits: int) -> list[T]:
    """Return, of what there is for each node, that of the nodes which a number's bits are, in order."""
    return list(compress(of_nodes, f"{bits:b}"[::-1].encode().translate(DIGITS)))
