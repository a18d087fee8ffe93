"""The parameters of a template as declared, and their values: checked, parsed, bound and shown."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from nbrunbook.documents.letters import meant
from nbrunbook.errors import ParameterError
from nbrunbook.project.versions import Version

SECRET_NAME = re.compile(r"[A-Z][A-Z0-9_]*")
"""What the name of an environment variable looks like; a literal secret seldom does."""

SIMPLE_TYPES = ("str", "int", "float", "bool", "Secret", "Version")


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
    elif type_.base == "Version" and isinstance(value, str):
        return _version(parameter, value)
    elif type_.base == "float" and _is("int", value):
        return float(value)
    elif _is(type_.base, value):
        return _text(parameter, value)
    raise ParameterError(parameter.name, _shown_for(type_, value), type_.name)


def _version(parameter: Parameter, text: str) -> Version:
    try:
        return Version(_text(parameter, text))
    except ValueError:
        raise ParameterError(parameter.name, repr(text), "a version, such as 2.5.0 or 2026-11-30") from None


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


def bind_values(parameters: list[Parameter], table: Mapping[str, Any], given: Mapping[str, str]) -> dict[str, Any]:
    """Return every value: given ones (text) before the environment's table before defaults.

    A parameter without any is left out; see `require_all`.
    """
    by_name = {parameter.name: parameter for parameter in parameters}
    table, given = ({meant(name, by_name): value for name, value in each.items()} for each in (table, given))
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
