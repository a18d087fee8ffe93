"""Declarations: the parameters of a template, read without running them, and written in the author's own lines."""

from __future__ import annotations

import ast
import io
import json
import tokenize
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import NoneType
from typing import Any

from nbrunbook.documents import python_source
from nbrunbook.errors import ParameterError
from nbrunbook.project.versions import Version
from nbrunbook.runbook.parameters import MISSING, SIMPLE_TYPES, Parameter, Secret, Type, check

RELEASE = "release: str = {}  # what is being shipped"
ENVIRONMENT = 'environment: str = "staging"  # where it goes'


def for_release(source: str, release: str) -> str:
    """Return declarations with the release's name in place, and what is missing on top, behind the imports.

    Comments, order and all other values stay to the letter. What is not Python stays whole: that is a finding.
    """
    try:
        declared = {name: node for node in python_source.statements(source) if (name := _name(node))}
    except SyntaxError:
        return source
    quoted = json.dumps(release, ensure_ascii=False)
    missing = [ENVIRONMENT] if "environment" not in declared else []
    if "release" in declared:
        source = _with_value(source, declared["release"], quoted)
    else:
        missing.insert(0, RELEASE.format(quoted))
    if not source.strip():
        return "\n".join(missing)
    return _with_lines(source, missing) if missing else source


def _name(node: ast.stmt) -> str:
    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        return node.target.id
    if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
        return node.targets[0].id
    return ""


def _with_lines(source: str, added: list[str]) -> str:
    """The source with lines behind its imports, which stand apart; on top where it has none."""
    end = 0
    for node in python_source.statements(source):
        # A statement that begins on an import's line must not be cut either.
        if not isinstance(node, (ast.Import, ast.ImportFrom)) and not _is_docstring(node) and node.lineno > end:
            break
        end = node.end_lineno or end
    lines = source.split("\n")
    above, below = lines[:end], lines[end:]
    if not above:
        return "\n".join([*added, *below])
    while below and not below[0].strip():
        below.pop(0)
    return "\n".join([*above, "", *added, *below])


def imports(source: str) -> str:
    """Return the imports of a parameters cell, each once and on a line; empty where it is not Python."""
    try:
        nodes = [node for node in python_source.statements(source) if isinstance(node, ast.Import | ast.ImportFrom)]
    except SyntaxError:
        return ""
    return "\n".join(dict.fromkeys(map(python_source.shown, nodes)))


def _is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _with_value(source: str, node: ast.stmt, value: str) -> str:
    """The source with another value; a declaration without one gets it behind its annotation."""
    old = getattr(node, "value", None)
    place: Any = old or getattr(node, "annotation", node)
    lines = source.split("\n")
    first, last = place.lineno - 1, place.end_lineno - 1
    # ast counts columns in bytes of UTF-8.
    before = lines[first].encode()[: place.col_offset].decode()
    after = lines[last].encode()[place.end_col_offset :].decode()
    kept = "" if old else f"{python_source.shown(place)} = "
    lines[first : last + 1] = [f"{before}{kept}{value}{after}"]
    return "\n".join(lines)


@dataclass(frozen=True, kw_only=True)
class ParameterFault:
    """What is wrong in the parameters cell, as data."""

    line: int
    message: str
    expected: str


def read(source: str) -> tuple[list[Parameter], list[ParameterFault]]:
    """Return the declarations in a parameters cell, and what is wrong with it. Nothing is run."""
    try:
        statements = python_source.statements(source)
    except SyntaxError as error:
        message = f"the parameters cell is not Python ({error.msg})"
        return [], [
            ParameterFault(line=error.lineno or 1, message=message, expected="assignments such as name: str = 'x'")
        ]
    comments = _comments(source)
    parameters: dict[str, Parameter] = {}
    faults: list[ParameterFault] = []
    for node in statements:
        if isinstance(node, (ast.Import, ast.ImportFrom)) or _is_docstring(node):
            continue
        try:
            parameter = _declaration(node, comments)
        except _NotUnderstoodError as error:
            faults.append(ParameterFault(line=node.lineno, message=error.message, expected=error.expected))
            continue
        if parameter.name in parameters:
            message = f"parameter {parameter.name} is declared twice"
            faults.append(ParameterFault(line=node.lineno, message=message, expected="one declaration"))
        parameters[parameter.name] = parameter
    return list(parameters.values()), faults


class _NotUnderstoodError(Exception):
    def __init__(self, message: str, expected: str) -> None:
        self.message, self.expected = message, expected


def _comments(source: str) -> dict[int, str]:
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    found = {}
    try:
        for token in tokens:
            if token.type == tokenize.COMMENT:
                found[token.start[0]] = token.string.lstrip("#").strip()
    except (tokenize.TokenError, IndentationError):
        pass
    return found


def _declaration(node: ast.stmt, comments: Mapping[int, str]) -> Parameter:
    expected = "assignments such as name: str = 'x'"
    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        name, annotation, value = node.target.id, node.annotation, node.value
    elif isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
        name, annotation, value = node.targets[0].id, None, node.value
    else:
        raise _NotUnderstoodError("a statement that declares nothing", expected)
    default = MISSING if value is None else _default(name, value)
    type_ = _type(name, annotation) if annotation is not None else _type_of(name, default)
    parameter = Parameter(
        name=name,
        type=type_,
        default=default,
        help=comments.get(node.end_lineno or node.lineno, ""),
        line=node.lineno,
    )
    if default is not MISSING:
        try:
            checked = check(parameter, default)
        except ParameterError as error:
            raise _NotUnderstoodError(error.found, error.expected) from None
        return replace(parameter, default=checked) if type_.base == "Version" else parameter
    return parameter


def _default(name: str, node: ast.expr) -> Any:
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Secret":
        if len(node.args) == 1 and isinstance(node.args[0], ast.Constant):
            try:
                return Secret(str(node.args[0].value))
            except ValueError:
                pass
        raise _NotUnderstoodError(
            f"parameter {name}: a Secret that names no environment variable",
            'Secret("NAME_OF_A_VARIABLE")',
        )
    try:
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Version":
            return Version(*map(ast.literal_eval, node.args))
        return ast.literal_eval(node)
    except (ValueError, TypeError):
        raise _NotUnderstoodError(
            f"parameter {name}: its default is computed, or no version",
            'a literal value, Secret("NAME") or Version("2.5.0")',
        ) from None


def _type_of(name: str, default: Any) -> Type:
    if default is None:
        return Type(name="str | None", base="str", optional=True)
    base = type(default).__name__
    if base in SIMPLE_TYPES:
        return Type(name=base, base=base)
    if isinstance(default, list) and all(isinstance(item, str) for item in default):
        return Type(name="list[str]", base="list")
    raise _NotUnderstoodError(
        f"parameter {name}: a default of type {base}", f"one of: {', '.join(SIMPLE_TYPES)}, list[str]"
    )


def _type(name: str, node: ast.expr) -> Type:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        written = node.value
        try:
            node = python_source.expression(written)
        except SyntaxError:
            raise _NotUnderstoodError(f"parameter {name}: the annotation {written!r} is no type", "a type") from None
    shown = python_source.shown(node)
    if isinstance(node, ast.Name) and node.id in SIMPLE_TYPES:
        return Type(name=shown, base=node.id)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        sides = [node.left, node.right]
        rest = [side for side in sides if not _is_none(side)]
        if len(rest) == 1:
            return _optional(_type(name, rest[0]), shown)
    if isinstance(node, ast.Subscript):
        outer = python_source.shown(node.value).rpartition(".")[2]
        if outer == "Optional":
            return _optional(_type(name, node.slice), shown)
        if outer == "Literal":
            choices: list[ast.expr] = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
            values = tuple(choice.value for choice in choices if isinstance(choice, ast.Constant))
            if len(values) == len(choices) and all(isinstance(value, (str, int, NoneType)) for value in values):
                return Type(name=shown, base="literal", choices=values)
        inner = node.slice.id if isinstance(node.slice, ast.Name) else ""
        if outer == "list" and inner in ("str", "int", "float", "bool"):
            return Type(name=shown, base="list", item=inner)
    raise _NotUnderstoodError(
        f"parameter {name}: the annotation {shown} is not understood",
        f"{', '.join(SIMPLE_TYPES)}, Literal[…], list[str] or one of them | None",
    )


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _optional(type_: Type, shown: str) -> Type:
    return Type(name=shown, base=type_.base, choices=type_.choices, optional=True, item=type_.item)


def with_standard(parameters: list[Parameter], release: str) -> list[Parameter]:
    """Return the parameters with `release` and `environment`, which are always there."""
    declared = {parameter.name for parameter in parameters}
    text = Type(name="str", base="str")
    added = [
        Parameter(name="release", type=text, default=release, help="what is being shipped"),
        Parameter(name="environment", type=text, help="where it goes"),
    ]
    return [parameter for parameter in added if parameter.name not in declared] + parameters
