"""The top level of Python that an author wrote: which names its statements bind, and which they use. Nothing is run."""

from __future__ import annotations

import ast
import symtable
from collections.abc import Iterable, Iterator

from nbrunbook.documents import python_source

DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
SCOPES = (ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
"""Expressions with names of their own."""
EVERYTHING = "*"
"""What `from x import *` binds: any name at all."""


def statements(source: str) -> list[ast.stmt]:
    """Return the statements of a source, parted as `apart` does; SyntaxError where it is no Python."""
    return list(apart(python_source.statements(source)))


def apart(body: Iterable[ast.stmt]) -> Iterator[ast.stmt]:
    """Yield statements with an import of several names as one for each, so that one name more touches no other."""
    for each in body:
        if isinstance(each, ast.Import):
            yield from (ast.copy_location(ast.Import(names=[alias]), each) for alias in each.names)
        elif isinstance(each, ast.ImportFrom):
            ones = (ast.ImportFrom(module=each.module, names=[alias], level=each.level) for alias in each.names)
            yield from (ast.copy_location(one, each) for one in ones)
        else:
            yield each


def assigned(statement: ast.AST) -> set[str]:
    """Return the names that a statement binds: x = 1, import x, def x."""
    return set(_assigned(statement))


def bound(statement: ast.stmt) -> set[str]:
    """Return those and the names whose value a statement may change: x["a"] = 1, x.update(a=1)."""
    return {*_assigned(statement), *_changed(statement)}


def _assigned(node: ast.AST) -> Iterator[str]:
    if isinstance(node, DEFINITIONS):
        yield node.name
        return
    if isinstance(node, SCOPES):
        return
    if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
        yield node.id
    elif isinstance(node, ast.alias):
        yield node.asname or node.name.partition(".")[0]
    elif isinstance(node, ast.ExceptHandler | ast.MatchAs | ast.MatchStar) and node.name:
        yield node.name
    elif isinstance(node, ast.MatchMapping) and node.rest:
        yield node.rest
    for child in ast.iter_child_nodes(node):
        yield from _assigned(child)


def _changed(node: ast.AST) -> Iterator[str]:
    if isinstance(node, (*DEFINITIONS, *SCOPES)):
        return
    if isinstance(node, ast.Attribute | ast.Subscript) and not isinstance(node.ctx, ast.Load):
        yield from _base(node)
    elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        yield from _base(node.value.func)
    for child in ast.iter_child_nodes(node):
        yield from _changed(child)


def _base(node: ast.expr) -> Iterator[str]:
    """The name at the beginning of x.y["z"]."""
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    if isinstance(node, ast.Name):
        yield node.id


def used(statement: ast.stmt) -> set[str]:
    """Return the names of the top level that a statement reads, then or when what it defines is called.

    Python's own names are among them; those that a function has for itself are not.
    """
    try:
        return set(_global(symtable.symtable(ast.unparse(statement), "<cell>", "exec")))
    except (SyntaxError, ValueError, RecursionError):
        return {node.id for node in ast.walk(statement) if isinstance(node, ast.Name)}


def _global(table: symtable.SymbolTable) -> Iterator[str]:
    at_top = table.get_type() == "module"
    yield from (
        each.get_name() for each in table.get_symbols() if each.is_referenced() and (at_top or each.is_global())
    )
    for child in table.get_children():
        yield from _global(child)
