"""Environments as the configuration declares them: where releases go, and which are released together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nbrunbook.errors import ConfigurationError
from nbrunbook.project.names import check_name

ENVIRONMENT_KEYS = ("group", "since", "approval", "committed")
"""Keys of an environment's table that are ours; every other one is a parameter's value."""


@dataclass(frozen=True, kw_only=True)
class Environment:
    """One table of [tool.nbrunbook.environments]."""

    name: str
    group: str | None = None
    since: str | None = None
    approval: str | None = None
    """"verified" where only verified operators may approve."""
    committed: bool = False
    """Whether its runbooks are made of committed steps only."""
    values: Mapping[str, Any] = field(default_factory=dict)
    """Values of parameters, as TOML gives them."""

    @property
    def verified_approvals(self) -> bool:
        """Whether only verified operators may approve."""
        return self.approval == "verified"


def declared_environments(path: Path, tables: dict[str, Any]) -> dict[str, Environment]:
    """Return the environments in a table of tables, by name; ConfigurationError, with `path`, for what is not known."""
    found = {}
    for name, table in tables.items():
        if not isinstance(table, dict):
            raise ConfigurationError(path, f"environments.{name} = {table!r}", "a table")
        check_name(name, "environment")
        ours = {key: table[key] for key in ENVIRONMENT_KEYS if key in table}
        for key, value in ours.items():
            kind, called = (bool, "true or false") if key == "committed" else (str, "a string")
            if not isinstance(value, kind):
                raise ConfigurationError(path, f"environments.{name}.{key} = {value!r}", called)
        if ours.get("approval") not in (None, "verified"):
            raise ConfigurationError(path, f"environments.{name}.approval = {ours['approval']!r}", '"verified"')
        values = {key: value for key, value in table.items() if key not in ENVIRONMENT_KEYS}
        for key in ("release", "environment"):
            if key in values:
                raise ConfigurationError(path, f"environments.{name}.{key} = {values[key]!r}", "no such key there")
        found[name] = Environment(name=name, values=values, **ours)
    for each in found.values():
        if each.group is not None:
            check_name(each.group, "group")
        if each.group in found:
            raise ConfigurationError(
                path, f"environments.{each.name}.group = {each.group!r}", "a name that no environment has"
            )
    return found
