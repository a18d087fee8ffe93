"""Expressions: the `when` of a step, over the parameters. Nothing in one can be called.

`release`, and a parameter whose type is Version, compare as releases do: 2026.9.0 is before 2026.10.0.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Collection, Mapping
from typing import Any

from nbrunbook.documents import python_source
from nbrunbook.errors import NbrunbookError
from nbrunbook.project.versions import Release
from nbrunbook.texts import short


class ExpressionError(NbrunbookError):
    """A `when` that cannot be decided."""


RELEASE = "release"
"""The parameter that is a release's name in every template."""
ORDERS = (ast.Lt, ast.LtE, ast.Gt, ast.GtE)

LONGEST = 1_000
"""Characters of an expression; nobody reads more, and each name in it that is wrong shows it whole."""

ALLOWED = (
    ast.BoolOp, ast.And, ast.Or, ast.UnaryOp, ast.Not, ast.USub, ast.Compare, ast.Eq,
    ast.NotEq, ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.In, ast.NotIn, ast.Is, ast.IsNot, ast.Name,
    ast.Load, ast.Constant, ast.Tuple, ast.List,
)  # fmt: skip


def names_in(expression: str) -> list[str]:
    """Return the names in a `when`; ExpressionError where it is more than comparisons.

    Names, literals, comparisons, `in`, `not`, `and` and `or`: nothing can be called.
    """
    if len(expression) > LONGEST:
        raise ExpressionError(f"when={short(expression)!r} has {len(expression):,} characters", f"{LONGEST:,} at most")
    try:
        tree = python_source.expression(expression)
    except SyntaxError as error:
        raise ExpressionError(
            f"when={expression!r} does not parse ({error.msg})",
            "a comparison such as kind != 'patch'",
        ) from None
    for node in ast.walk(tree):
        if not isinstance(node, ALLOWED):
            raise ExpressionError(
                f"when={expression!r} holds a {type(node).__name__}",
                "names, literals, comparisons, in, not, and, or",
            )
    return [node.id for node in ast.walk(tree) if isinstance(node, ast.Name)]


def no_versions(expression: str, versions: Collection[str]) -> list[Any]:
    """Return the literals that a `when` asks to be older or newer than one of these names, and that never are.

    A text that holds a number stands in some order: sprint-9 is before sprint-10.
    """
    compared = [node for node in ast.walk(python_source.expression(expression)) if isinstance(node, ast.Compare)]
    return [
        other.value
        for node in compared
        for operator, *pair in zip(node.ops, [node.left, *node.comparators], node.comparators, strict=False)
        for name, other in (pair, pair[::-1])
        if isinstance(operator, ORDERS) and isinstance(name, ast.Name) and name.id in versions
        if isinstance(other, ast.Constant) and not _has_number(other.value)
    ]


def _has_number(value: Any) -> bool:
    return isinstance(value, str) and any(each in "0123456789" for each in value)


def decide(expression: str, values: Mapping[str, Any]) -> bool | None:
    """Return what a `when` says for some values; None where one that it names has no value."""
    if any(name not in values for name in names_in(expression)):
        return None
    try:
        return bool(_value(python_source.expression(expression), values))
    except TypeError as error:
        raise ExpressionError(
            f"when={expression!r} cannot be decided ({error})", "values that can be compared"
        ) from None


def _value(node: ast.expr, values: Mapping[str, Any]) -> Any:
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, ast.Name):
        value = values[node.id]
        return Release(value) if node.id == RELEASE and isinstance(value, str) else value
    if isinstance(node, (ast.Tuple, ast.List)):
        return [_value(item, values) for item in node.elts]
    if isinstance(node, ast.UnaryOp):
        operand = _value(node.operand, values)
        return not operand if isinstance(node.op, ast.Not) else -operand
    if isinstance(node, ast.BoolOp):
        parts = (_value(part, values) for part in node.values)
        return all(parts) if isinstance(node.op, ast.And) else any(parts)
    if isinstance(node, ast.Compare):
        return _compared(node, values)
    raise TypeError(type(node).__name__)


COMPARISONS: Mapping[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Eq: lambda a, b: a == b,
    ast.NotEq: lambda a, b: a != b,
    ast.Lt: lambda a, b: a < b,
    ast.LtE: lambda a, b: a <= b,
    ast.Gt: lambda a, b: a > b,
    ast.GtE: lambda a, b: a >= b,
    ast.In: lambda a, b: a in b,
    ast.NotIn: lambda a, b: a not in b,
    ast.Is: lambda a, b: a is b,
    ast.IsNot: lambda a, b: a is not b,
}


def _compared(node: ast.Compare, values: Mapping[str, Any]) -> bool:
    left = _value(node.left, values)
    for operator, right_node in zip(node.ops, node.comparators, strict=True):
        right = _value(right_node, values)
        if not COMPARISONS[type(operator)](left, right):
            return False
        left = right
    return True
