"""Fingerprints: whether a function does what it did, told from the source. Pure; nothing is run.

A function's fingerprint is that of its statement and of all statements at the top level that bind, or may change, a
name that it uses, and that those use in turn. Comments, blank lines, quotes and where it stands are none of it.
A batch has the fingerprint of the variable that holds it, which the functions that are given to it change.
"""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from nbrunbook.documents import python_source, top_level
from nbrunbook.runbook import batch_parts, events
from nbrunbook.runbook.our_names import our_names
from nbrunbook.runbook.reaching import chosen, reachable

NOT_COMPARED = ("ctx", "kind", "type_comment")
"""Fields of Python's trees that say nothing about what is done: u"a" is "a"."""


class Fingerprints:
    """The functions at the top level of some code."""

    def __init__(self, statements: Sequence[ast.stmt]) -> None:
        """`statements` are those of all cells in order, as top_level.py gives them."""
        self.statements = statements
        self._texts: dict[int, str] = {}

    def of(self, function: str) -> str:
        """Return the fingerprint of a function, in hex."""
        found = hashlib.sha256(function.encode(errors="surrogatepass"))
        found.update(b"".join(chosen(self._digests, self._bits(function))))
        return found.hexdigest()

    def texts(self, function: str) -> list[str]:
        """Return the statements that a function goes by as Python, without comments and in one layout."""
        return [self._text(number) for number in self.needed(function)]

    def needed(self, function: str) -> list[int]:
        """Return which statements a function goes by, itself among them, in their order."""
        return chosen(range(len(self.statements)), self._bits(function))

    def _bits(self, function: str) -> int:
        return self._reached.get(function, 0) | self._reached.get(top_level.EVERYTHING, 0)

    @cached_property
    def _reached(self) -> Mapping[str, int]:
        """By name, the statements that it goes by, as the bits of a number.

        Statements lead to the names that they use, and names to the statements that bind them.
        """
        count, names = len(self.statements), dict[str, int]()
        following: list[set[int]] = [set() for _ in self.statements]
        binding = [top_level.bound(statement) | self._given(statement) for statement in self.statements]
        for name in (name for each in binding for name in sorted(each)):
            names.setdefault(name, count + len(names))
        following += [set() for _ in names]
        for number, statement in enumerate(self.statements):
            for name in binding[number]:
                following[names[name]].add(number)
            following[number] = {names[name] for name in top_level.used(statement) if name in names}
        found = reachable(following)
        return {name: found[node] & ((1 << count) - 1) for name, node in names.items()}

    def _given(self, statement: ast.stmt) -> set[str]:
        return {name for name, _ in batch_parts.given_to(statement, self._batches)}

    @cached_property
    def _batches(self) -> frozenset[str]:
        return batch_parts.variables(self.statements, our_names(self.statements))

    @cached_property
    def _digests(self) -> list[bytes]:
        shapes = (events.canonical(_shape(statement)) for statement in self.statements)
        return [hashlib.sha256(shape.encode()).digest() for shape in shapes]

    def _text(self, number: int) -> str:
        if number not in self._texts:
            self._texts[number] = python_source.shown(self.statements[number])
        return self._texts[number]


def _shape(tree: ast.AST) -> list[str]:
    """A tree in prefix notation, alike in all versions of Python: what is empty is left out, texts are ASCII."""
    said, left = list[str](), list[Any]([tree])
    while left:
        value = left.pop()
        if isinstance(value, ast.AST):
            fields = {name: each for name, each in ast.iter_fields(value) if name not in NOT_COMPARED}
            fields = {name: each for name, each in fields.items() if each not in (None, [])}
            said.append(" ".join((type(value).__name__, *fields)))
            left += reversed(fields.values())
        elif isinstance(value, list):
            said.append(str(len(value)))
            left += reversed(value)
        else:
            said.append(ascii(value))
    return said
