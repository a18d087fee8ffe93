"""Code cells as Python: parsed, and never run; lines of IPython's are taken out."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from dataclasses import dataclass

from nbrunbook.documents import python_source

MAGIC = re.compile(r"^\s*(?:(?:\w[\w., ]*=\s*)?[%!].*|\?{1,2}[\w.]+|[\w.]+\?{1,2})\s*$")
"""A line of IPython's, not of Python's (https://ipython.readthedocs.io/en/stable/interactive/magics.html)."""


@dataclass(frozen=True, kw_only=True)
class Code:
    """A code cell as read."""

    tree: ast.Module | None
    """None where it is not Python."""
    magic: Mapping[int, str]
    """Lines of IPython's -> what they begin with."""


def read(source: str) -> Code:
    """Return Python as it stands; where that is none, with IPython's lines taken out."""
    tree = _parsed(source)
    if tree is not None:
        return Code(tree=tree, magic={})
    lines = source.split("\n")
    if source.lstrip().startswith("%%"):
        first = next(number for number, line in enumerate(lines, 1) if line.strip())
        return Code(tree=ast.Module(body=[], type_ignores=[]), magic={first: lines[first - 1].split()[0]})
    magic = {number: line.split()[0] for number, line in enumerate(lines, 1) if MAGIC.match(line)}
    python = [re.sub(r"\S.*", "pass", line) if number in magic else line for number, line in enumerate(lines, 1)]
    return Code(tree=_parsed("\n".join(python)), magic=magic)


def _parsed(source: str) -> ast.Module | None:
    try:
        return ast.Module(body=python_source.statements(source), type_ignores=[])
    except SyntaxError:
        return None
