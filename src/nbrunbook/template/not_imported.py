"""Types in the parameters cell that nobody imports, so that it fails at each opening of the runbook: RB222."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from nbrunbook.documents import notebook, python_source
from nbrunbook.template.placed_cells import File, Place
from nbrunbook.template.problems import Problem

HOMES = {"Literal": "typing", "Optional": "typing", "Secret": "nbrunbook", "Version": "nbrunbook"}
"""What a declaration may name and Python does not know by itself."""


def problems(files: Sequence[File]) -> Iterator[Problem]:
    """Yield one problem for each such name; what an earlier cell of any part imports is there."""
    known: set[str] = set()
    for place in (place for file in files for place in file.places):
        nodes = list(_nodes(place)) if place.cell["cell_type"] == "code" else []
        known |= {name for node in nodes for name in _imported(node)}
        if "*" not in known and "parameters" in notebook.tags(place.cell):
            used = {node.id: node.lineno for node in reversed(nodes) if isinstance(node, ast.Name) and node.id in HOMES}
            for name, line in used.items():
                if name not in known:
                    hint = f"write above it: from {HOMES[name]} import {name}"
                    yield place.problem("RB222", f"{name} is not imported: the cell fails", hint, line)


def _nodes(place: Place) -> Iterator[ast.AST]:
    try:
        statements = python_source.statements(place.cell["source"])
    except SyntaxError:
        return
    for statement in statements:
        yield from ast.walk(statement)


def _imported(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import | ast.ImportFrom):
        yield from (each.asname or each.name for each in node.names)
