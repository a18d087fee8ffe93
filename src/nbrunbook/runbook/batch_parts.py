"""A batch in an author's code: name = batch(…), and the functions that @name.fetch and so on give it."""

from __future__ import annotations

import ast
import copy
from collections.abc import Mapping, Sequence

from nbrunbook.runbook.our_names import THROTTLES, called

PARTS: Mapping[str, tuple[str, ...]] = {
    "fetch": ("db", "cursor", "batch_size"),
    "process": ("db", "rows"),
    "left": ("db",),
}
"""By a function's part in it, what it is called with."""
NEEDED = ("fetch", "process")
DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def variable(statement: ast.AST, names: Mapping[str, str]) -> tuple[str, ast.Call | None]:
    """Return the variable that holds a batch, and what made it; empty and None for any other statement."""
    if not isinstance(statement, ast.Assign | ast.AnnAssign) or not isinstance(statement.value, ast.Call):
        return "", None
    if called(statement.value, names) != "batch":
        return "", None
    targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
    named = targets[0].id if len(targets) == 1 and isinstance(targets[0], ast.Name) else ""
    return named, statement.value


def variables(statements: Sequence[ast.stmt], names: Mapping[str, str]) -> frozenset[str]:
    """Return the names under which some statements hold batches."""
    return frozenset(name for each in statements for name, _ in (variable(each, names),) if name)


def given_to(statement: ast.AST, batches: frozenset[str]) -> list[tuple[str, ast.Attribute]]:
    """Return the batches to which a function is given, each with the decorator: fill and fill.fetch."""
    if not batches or not isinstance(statement, DEFINITIONS):
        return []
    above = [each for each in statement.decorator_list if isinstance(each, ast.Attribute)]
    return [(each.value.id, each) for each in above if isinstance(each.value, ast.Name) and each.value.id in batches]


def without_options(statement: ast.stmt, names: Mapping[str, str]) -> ast.stmt:
    """Return what makes a batch with nothing but the functions that hold it back; the plan has the rest."""
    _, made = variable(statement, names)
    if made is None or not isinstance(statement, ast.Assign | ast.AnnAssign):
        return statement
    call, found = copy.copy(made), copy.copy(statement)
    held = [each.value for each in made.keywords if each.arg == "throttle"]
    listed = [one for each in held for one in (each.elts if isinstance(each, ast.List | ast.Tuple) else [each])]
    own = [each for each in listed if called(each, names) not in THROTTLES]
    call.args, call.keywords = [], [ast.keyword("throttle", ast.List(own, ast.Load()))] if own else []
    found.value = call
    return found
