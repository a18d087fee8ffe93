"""Our names in an author's code: what it calls the decorators, and the package they come from. Nothing is run."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence

from nbrunbook.documents import top_level
from nbrunbook.runbook.automation import KINDS

THROTTLES = ("window", "replica_lag")
"""Ours; one's own is a function."""
OURS = (*KINDS, *THROTTLES)
"""What authors import from us, as far as a plan is read from it."""
PACKAGE = "nbrunbook"
PACKAGES = (PACKAGE, "nb")
"""How authors call the package in front of a dot, where they do not say."""


def our_names(statements: Sequence[ast.stmt]) -> dict[str, str]:
    """Return what names mean something of ours: as it is usual, unless the code binds such a name to something else."""
    return dict(_names(statements))


def _names(statements: Sequence[ast.stmt]) -> Iterator[tuple[str, str]]:
    others = {name for each in statements for name in top_level.assigned(each)}
    yield from ((name, name) for name in OURS if name not in others)
    yield from ((name, PACKAGE) for name in PACKAGES if name not in others)
    for each in statements:
        for alias in each.names if isinstance(each, ast.Import | ast.ImportFrom) else ():
            of_ours = isinstance(each, ast.ImportFrom) and each.module == PACKAGE and alias.name in OURS
            if of_ours or (isinstance(each, ast.Import) and alias.name == PACKAGE):
                yield alias.asname or alias.name, alias.name


def called(node: ast.expr, names: Mapping[str, str]) -> str:
    """Return what of ours is called, or named: check for check(…), nbrunbook.check and nb.check; else empty."""
    node = node.func if isinstance(node, ast.Call) else node
    if isinstance(node, ast.Attribute):
        of_ours = isinstance(node.value, ast.Name) and names.get(node.value.id) == PACKAGE
        return node.attr if of_ours else ""
    found = names.get(node.id, "") if isinstance(node, ast.Name) else ""
    return found if found != PACKAGE else ""
