"""Python that an author wrote, parsed and never run."""

from __future__ import annotations

import ast
import warnings
from typing import Any

LONGEST_NUMBER = 10_000
"""Bits of a whole number; Python writes none down that has many more."""
DEEPEST = 300
"""How deep what is written may stand in itself: whatever walks the tree takes a frame for each.

An `elif` stands in the one before it, and a sum in the next one.
"""


def statements(source: str) -> list[ast.stmt]:
    """Return the statements of a text; SyntaxError for what is no Python, or nobody could read."""
    body: list[ast.stmt] = _parsed(source, "exec").body
    return body


def expression(source: str) -> ast.expr:
    """Return the expression that a text is, with the spaces around it left out; SyntaxError as `statements`."""
    body: ast.expr = _parsed(source.strip(), "eval").body
    return body


def shown(node: ast.AST) -> str:
    """Return Python as it may be written; three dots for what is too deep to be."""
    try:
        return ast.unparse(node)
    except RecursionError:
        return "…"


def _parsed(source: str, mode: str) -> Any:
    try:
        with warnings.catch_warnings(action="ignore"):
            tree = ast.parse(source, mode=mode)
    except (ValueError, MemoryError, RecursionError) as error:
        raise SyntaxError(str(error) or "nested too deeply") from None
    level: list[ast.AST] = [tree]
    for _ in range(DEEPEST):
        level = [child for node in level for child in ast.iter_child_nodes(node)]
        if not level:
            return tree
        numbers = (node.value for node in level if isinstance(node, ast.Constant) and isinstance(node.value, int))
        if any(number.bit_length() > LONGEST_NUMBER for number in numbers):
            raise SyntaxError("a number of too many digits")
    raise SyntaxError(f"it stands more than {DEEPEST} deep in itself")
