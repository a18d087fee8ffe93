"""Fingerprints: whether a function does what it did, told from the source. Pure; nothing is run.

A function's fingerprint is that of its statement and of all statements at the top level that bind, or may change, a
name that it uses, and that those use in turn. Comments, blank lines, quotes and where it stands are none of it.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from typing import Any

from nbrunbook.documents import python_source, top_level
from nbrunbook.runbook import events

NOT_COMPARED = ("ctx", "kind", "type_comment")
"""Fields of Python's trees that say nothing about what is done: u"a" is "a"."""


class Fingerprints:
    """The functions at the top level of some code."""

    def __init__(self, statements: Sequence[ast.stmt]) -> None:
        """`statements` are those of all cells in order, as top_level.py gives them."""
        self.statements = statements
        self._binding: dict[str, list[int]] = {}
        for number, statement in enumerate(statements):
            for name in top_level.bound(statement):
                self._binding.setdefault(name, []).append(number)
        self._used: dict[int, set[str]] = {}

    def of(self, function: str) -> str:
        """Return the fingerprint of a function, in hex."""
        return events.digest(events.canonical([_shape(self.statements[number]) for number in self.needed(function)]))

    def text(self, function: str) -> str:
        """Return what a function goes by as Python, without comments and in one layout: for showing what changed."""
        return "\n\n".join(python_source.shown(self.statements[number]) for number in self.needed(function))

    def needed(self, function: str) -> list[int]:
        """Return which statements a function goes by, itself among them, in their order."""
        names, found, seen = [function, top_level.EVERYTHING], set[int](), set[str]()
        while names:
            name = names.pop()
            if name in seen:
                continue
            seen.add(name)
            for number in self._binding.get(name, ()):
                found.add(number)
                names += self._uses(number)
        return sorted(found)

    def _uses(self, number: int) -> set[str]:
        if number not in self._used:
            self._used[number] = top_level.used(self.statements[number])
        return self._used[number]


def _shape(value: Any) -> Any:
    """A part of a tree as JSON, alike in all versions of Python: what is empty is left out, texts are ASCII."""
    if isinstance(value, ast.AST):
        fields: Mapping[str, Any] = dict(ast.iter_fields(value))
        said = {name: each for name, each in fields.items() if name not in NOT_COMPARED and each not in (None, [])}
        return [type(value).__name__, {name: _shape(each) for name, each in said.items()}]
    return [_shape(each) for each in value] if isinstance(value, list) else ascii(value)
