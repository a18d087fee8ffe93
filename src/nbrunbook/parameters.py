"""The parameters of a template: typed declarations, read without running them, and their values."""

from __future__ import annotations

import ast
import io
import json
import os
import re
import tokenize
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import NoneType
from typing import Any

from nbrunbook.errors import ParameterError

SECRET_NAME = re.compile(r"[A-Z][A-Z0-9_]*")
"""What the name of an environment variable looks like; a literal secret seldom does."""

SIMPLE_TYPES = ("str", "int", "float", "bool", "Secret")


class Secret:
    """The name of an environment variable that holds a secret; the value is never written down."""

    def __init__(self, name: str) -> None:
        if not SECRET_NAME.fullmatch(name):
            raise ValueError("a Secret holds the NAME of an environment variable (A-Z, 0-9, _), not the secret")
        self.name = name

    @property
    def value(self) -> str:
        """The secret itself, from this process's environment; LookupError where it is not set."""
        try:
            return os.environ[self.name]
        except KeyError:
            raise LookupError(f"the environment variable {self.name} is not set") from None

    def __repr__(self) -> str:
        return f'Secret("{self.name}")'

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other.name == self.name

    def __hash__(self) -> int:
        return hash(("Secret", self.name))


class Missing:
    """What stands for a default that is not there."""


MISSING = Missing()


@dataclass(frozen=True, kw_only=True)
class Type:
    """What a parameter takes."""

    name: str
    """As shown: str, int, Literal['a', 'b'], list[str], str | None."""
    base: str
    """One of SIMPLE_TYPES, or "literal", "list"."""
    choices: tuple[Any, ...] = ()
    optional: bool = False
    item: str = "str"
    """A list's items: one of SIMPLE_TYPES."""


@dataclass(frozen=True, kw_only=True)
class Parameter:
    """One declaration of the cell tagged `parameters`."""

    name: str
    type: Type
    default: Any = MISSING
    help: str = ""
    """The comment behind it."""
    line: int | None = None
    """Counted from 1 in its cell; None for one that the author left out."""

    @property
    def required(self) -> bool:
        """Whether a value must be given."""
        return self.default is MISSING


@dataclass(frozen=True, kw_only=True)
class Fault:
    """What is wrong in the parameters cell, as data."""

    line: int
    message: str
    expected: str


def read(source: str) -> tuple[list[Parameter], list[Fault]]:
    """Return the declarations in a parameters cell, and what is wrong with it. Nothing is run."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
        line = getattr(error, "lineno", None) or 1
        message = f"the parameters cell is not Python ({getattr(error, 'msg', error)})"
        return [], [Fault(line=line, message=message, expected="assignments such as name: str = 'x'")]
    comments = _comments(source)
    parameters: dict[str, Parameter] = {}
    faults: list[Fault] = []
    for node in tree.body:
        if isinstance(node, (ast.Import, ast.ImportFrom)) or _is_docstring(node):
            continue
        try:
            parameter = _declaration(node, comments)
        except _NotUnderstoodError as error:
            faults.append(Fault(line=node.lineno, message=error.message, expected=error.expected))
            continue
        if parameter.name in parameters:
            message = f"parameter {parameter.name} is declared twice"
            faults.append(Fault(line=node.lineno, message=message, expected="one declaration"))
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


def _is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


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
            check(parameter, default)
        except ParameterError as error:
            raise _NotUnderstoodError(error.found, error.expected) from None
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
        return ast.literal_eval(node)
    except (ValueError, TypeError, MemoryError, RecursionError):
        raise _NotUnderstoodError(
            f"parameter {name}: its default is computed",
            'a literal value or Secret("NAME")',
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
            node = ast.parse(written, mode="eval").body
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            raise _NotUnderstoodError(f"parameter {name}: the annotation {written!r} is no type", "a type") from None
    shown = ast.unparse(node)
    if isinstance(node, ast.Name) and node.id in SIMPLE_TYPES:
        return Type(name=shown, base=node.id)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        sides = [node.left, node.right]
        rest = [side for side in sides if not _is_none(side)]
        if len(rest) == 1:
            return _optional(_type(name, rest[0]), shown)
    if isinstance(node, ast.Subscript):
        outer = ast.unparse(node.value).rpartition(".")[2]
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


def check(parameter: Parameter, value: Any) -> Any:
    """Return a value that fits the declaration; ParameterError for one that does not."""
    type_ = parameter.type
    if value is None and type_.optional:
        return None
    if type_.base == "literal":
        if any(value == choice and type(value) is type(choice) for choice in type_.choices):
            return _text(parameter, value)
        found, expected = _shown(value), f"one of: {', '.join(map(repr, type_.choices))}"
        raise ParameterError(parameter.name, found, expected)
    if type_.base == "list":
        if isinstance(value, list) and all(_is(type_.item, item) for item in value):
            return [_text(parameter, item) for item in value]
    elif type_.base == "Secret" and isinstance(value, Secret):
        return value
    elif type_.base == "float" and _is("int", value):
        return float(value)
    elif _is(type_.base, value):
        return _text(parameter, value)
    raise ParameterError(parameter.name, _shown_for(type_, value), type_.name)


def _is(base: str, value: Any) -> bool:
    if base == "float":
        return type(value) in (float, int) and value == value and abs(value) != float("inf")
    return type(value).__name__ == base


def _shown_for(type_: Type, value: Any) -> str:
    """What was found; never what may be a secret."""
    return "a literal" if type_.base == "Secret" else _shown(value)


def _shown(value: Any) -> str:
    if isinstance(value, Secret):
        return "a Secret"
    text = f"{value!r} (a {type(value).__name__})"
    return text if len(text) < 120 else text[:117] + "…"


def _text(parameter: Parameter, value: Any) -> Any:
    if isinstance(value, str) and (re.search(r"[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]", value)):
        raise ParameterError(parameter.name, "a value with a line break or control character", "one line of text")
    return value


def parse(parameter: Parameter, text: str) -> Any:
    """Return the value that a text from the command line stands for, by the annotation."""
    type_ = parameter.type
    if type_.base == "Secret":
        return _secret(parameter, text)
    if type_.optional and text in ("None", "none", ""):
        return None
    if type_.base == "literal":
        by_text = {str(choice): choice for choice in type_.choices}
        return check(parameter, by_text.get(text, text))
    if type_.base == "list":
        return check(parameter, _items(parameter, text))
    return check(parameter, _scalar(type_.base, text))


def _secret(parameter: Parameter, text: str) -> Secret:
    if not SECRET_NAME.fullmatch(text):
        raise ParameterError(
            parameter.name,
            "what was given does not look like the name of an environment variable",
            "a name such as DEPLOY_API_TOKEN",
            "a secret itself is never given on the command line",
        )
    return Secret(text)


def _items(parameter: Parameter, text: str) -> Any:
    if text.lstrip().startswith("["):
        try:
            return json.loads(text)
        except json.JSONDecodeError:
            return text
    return [_scalar(parameter.type.item, part.strip()) for part in text.split(",") if part.strip()]


def _scalar(base: str, text: str) -> Any:
    if base == "bool":
        return {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}.get(text.lower(), text)
    if base in ("int", "float"):
        try:
            return int(text, 10) if base == "int" else float(text)
        except ValueError:
            return text
    return text


def with_standard(parameters: list[Parameter], release: str) -> list[Parameter]:
    """Return the parameters with `release` and `environment`, which are always there."""
    declared = {parameter.name for parameter in parameters}
    text = Type(name="str", base="str")
    added = [
        Parameter(name="release", type=text, default=release, help="what is being shipped"),
        Parameter(name="environment", type=text, help="where it goes"),
    ]
    return [parameter for parameter in added if parameter.name not in declared] + parameters


def bind(parameters: list[Parameter], table: Mapping[str, Any], given: Mapping[str, str]) -> dict[str, Any]:
    """Return every value: given ones (text) before the environment's table before defaults.

    A parameter without any is left out; see `missing`.
    """
    by_name = {parameter.name: parameter for parameter in parameters}
    for name in given:
        if name not in by_name:
            raise ParameterError.unknown(name, by_name)
    return dict(_bound(by_name, table, given))


def _bound(
    by_name: Mapping[str, Parameter], table: Mapping[str, Any], given: Mapping[str, str]
) -> Iterator[tuple[str, Any]]:
    for name, parameter in by_name.items():
        if name in given:
            yield name, parse(parameter, given[name])
        elif name in table:
            value = table[name]
            if parameter.type.base == "Secret" and isinstance(value, str):
                yield name, _secret(parameter, value)
            else:
                yield name, check(parameter, value)
        elif not parameter.required:
            yield name, parameter.default


def require_all(parameters: list[Parameter], values: Mapping[str, Any]) -> None:
    """Raise ParameterError for the first parameter that has no value."""
    for parameter in parameters:
        if parameter.name not in values:
            raise ParameterError(
                parameter.name, "no value", f"a {parameter.type.name}", f"give it: -p {parameter.name} VALUE"
            )


def shown(value: Any) -> str:
    """Return a value as `{{name}}` shows it; a Secret shows the name of its variable."""
    if isinstance(value, Secret):
        return value.name
    if isinstance(value, list):
        return ", ".join(str(item) for item in value)
    return str(value)
