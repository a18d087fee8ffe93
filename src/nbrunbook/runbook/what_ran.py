"""What ran: of the code that a plan names, the lines by which a step's function goes. Pure; nothing is run.

Those of the function, and of all statements at the top level that bind, or may change, a name that it uses, and that
those use in turn (`fingerprints.py`), with the comments above them.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from nbrunbook.documents import top_level
from nbrunbook.runbook.fingerprints import Fingerprints
from nbrunbook.runbook.plan import Plan

GAP = "⋮"
"""A line that stands for those that are left out."""
Lines = tuple[tuple[int, int], ...]
"""The first and the last of each group of lines, counted from 1."""


@dataclass(frozen=True, kw_only=True)
class Excerpt:
    """Some lines of a code cell."""

    number: int
    """Of the cell in the plan, counted from 1."""
    name: str
    """The cell's sha256."""
    lines: Lines
    text: str


class Code:
    """The code cells that a plan names, as far as they are there."""

    def __init__(self, plan: Plan, source: Callable[[str], str | None]) -> None:
        """`source` gives the text of a cell by its sha256; None where it is gone."""
        self.plan = plan
        self.sources = {name: source(name) for name in plan.code}
        parsed = [_statements(self.sources[name]) for name in plan.code]
        self._unreadable = any(each is None for each in parsed)
        """A later Python may not read what an earlier one ran: then each cell is shown whole."""
        self._places = [number for number, each in enumerate(parsed) for _ in each or ()]
        self._statements = [statement for each in parsed for statement in each or ()]
        self._fingerprints = Fingerprints(self._statements)

    def of(self, function: str) -> list[Excerpt]:
        """Return the lines by which a function goes, cell by cell; none of a cell that is gone."""
        if self._unreadable:
            needed = {number: [(1, len(split(text)))] for number, text in self._there()}
        else:
            needed = {}
            for index in self._fingerprints.needed(function):
                needed.setdefault(self._places[index], []).append(_span(self._statements[index]))
        return [self._excerpt(number, spans) for number, spans in sorted(needed.items())]

    def _there(self) -> list[tuple[int, str]]:
        texts = [self.sources[name] for name in self.plan.code]
        return [(number, text) for number, text in enumerate(texts) if text is not None]

    def _excerpt(self, number: int, spans: Iterable[tuple[int, int]]) -> Excerpt:
        name = self.plan.code[number]
        text = self.sources[name] or ""
        lines = _joined(split(text), spans)
        return Excerpt(number=number + 1, name=name, lines=lines, text=excerpt(text, lines))


def split(source: str) -> list[str]:
    """Return the lines of a source as Python counts them."""
    return re.split("\r\n|\r|\n", source)


def excerpt(source: str, lines: Lines) -> str:
    """Return some lines of a source; where some are left out between them, a line says so."""
    every = split(source)
    return f"\n{GAP}\n".join("\n".join(every[first - 1 : last]) for first, last in lines)


def lines_words(lines: Lines) -> str:
    """Return which lines they are: 1, 3-7."""
    return ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in lines)


def lines_from(words: str) -> Lines:
    """Return the lines that `lines_words` told; ValueError for anything else."""
    pairs = [each.partition("-") for each in words.split(", ")]
    return tuple((int(first), int(last or first)) for first, _, last in pairs)


def _statements(source: str | None) -> Sequence[ast.stmt] | None:
    """None where it cannot be read."""
    try:
        return top_level.statements(source) if source is not None else ()
    except SyntaxError:
        return None


def _span(statement: ast.stmt) -> tuple[int, int]:
    decorators = getattr(statement, "decorator_list", ())
    first = min([statement.lineno, *(each.lineno for each in decorators)])
    return first, statement.end_lineno or statement.lineno


def _joined(every: Sequence[str], spans: Iterable[tuple[int, int]]) -> Lines:
    """Spans in order, with the comments right above them; those between which nothing but blank lines stand as one."""
    found: list[tuple[int, int]] = []
    for first, last in sorted(spans):
        while first > 1 and every[first - 2].lstrip().startswith("#"):
            first -= 1
        if found and not any(line.strip() for line in every[found[-1][1] : first - 1]):
            first, last = found[-1][0], max(last, found[-1][1])
            del found[-1]
        found.append((first, last))
    return tuple(found)
