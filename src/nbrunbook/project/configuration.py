"""The keys of the configuration, and what may stand at each: the same checks wherever they are written down. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nbrunbook.errors import ConfigurationError
from nbrunbook.project import journal_urls
from nbrunbook.project.naming import is_name

FOLDERS = ("runbooks", "records")
KEYS: Mapping[str, Any] = {
    "name": str,
    "templates": object,  # see template_homes.py
    "runbooks": str,
    "records": str,
    "journal": str,
    "open_url": str,
    "expect": list,
    "ignore": list,
    "owners": dict,
    "operators": dict,
    "environments": dict,
    "databases": dict,
}
KINDS = {str: "a string", list: "a list", dict: "a table"}
PLACEHOLDER = re.compile(r"{([^{}]*)}")
"""What `open_url` fills in."""


def table_in(path: Path, document: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Return the table of a name in another one, empty where there is none; ConfigurationError for what is no table."""
    found = document.get(name, {})
    if not isinstance(found, dict):
        raise ConfigurationError(path, f"{name} = {found!r}", "a table")
    return found


def check(path: Path, table: dict[str, Any]) -> None:
    """Refuse keys that are not known, and values of another kind; ConfigurationError, with `path`."""
    if not isinstance(table, dict):
        raise ConfigurationError(path, f"tool.nbrunbook = {table!r}", "a table")
    for alias, person in table_in(path, table, "operators").items():
        if not isinstance(person, str):
            raise ConfigurationError(path, f"operators.{alias} = {person!r}", "a name")
    for key, value in table.items():
        if key not in KEYS:
            raise ConfigurationError(path, f"unknown key {key!r}{_where(path)}", f"one of: {', '.join(KEYS)}")
        if not isinstance(value, KEYS[key]):
            said = "databases" if key == "databases" else f"{key} = {value!r}"  # that may hold a password
            raise ConfigurationError(path, said, KINDS[KEYS[key]])
        if key in FOLDERS and (not value.strip() or not value.isprintable()):
            raise ConfigurationError(path, f"{key} = {value!r}", "the path of a folder")
    if "name" in table and not is_name(table["name"]):
        raise ConfigurationError(path, f"name = {table['name']!r}", "one line of text")
    if journal_urls.HAS_PASSWORD.search(table.get("journal", "")):
        raise ConfigurationError(
            path, "journal holds a password", "a URL without one; give it with PGPASSWORD or in ~/.pgpass"
        )


def _where(path: Path) -> str:
    """Where a project's keys stand in a file: what is copied from a page is written for the other one."""
    return " at its top: it has no [tool.nbrunbook]" if path.name == "nbrunbook.toml" else " in [tool.nbrunbook]"


def owners(path: Path, table: dict[str, Any]) -> dict[str, tuple[str, ...]]:
    """Return who acts for each owner; ConfigurationError, with `path`, for what is no name and no list of names."""
    found = {}
    for owner, people in table.items():
        listed = [people] if isinstance(people, str) else people
        if not isinstance(listed, list) or not all(isinstance(each, str) for each in listed):
            raise ConfigurationError(path, f"owners.{owner} = {people!r}", "a name or a list of names")
        found[owner] = tuple(listed)
    return found


def open_url(path: Path, setting: str | None) -> str | None:
    """Return an `open_url` as it was set; ConfigurationError, with `path`, for what is no such address."""
    if setting is None:
        return None
    names = PLACEHOLDER.findall(setting)
    if not names or not set(names) <= {"path", "key"} or not re.fullmatch(r"https?://\S+", setting):
        raise ConfigurationError(path, f"open_url = {setting!r}", "an address (https://…) with {path} or {key} in it")
    return setting


def texts(path: Path, table: Mapping[str, Any], name: str) -> tuple[str, ...]:
    """Return the list of strings at a key, empty where there is none; ConfigurationError for another list."""
    found = table.get(name, [])
    if not all(isinstance(each, str) for each in found):
        raise ConfigurationError(path, f"{name} = {found!r}", "a list of strings")
    return tuple(found)


def ignored(path: Path, table: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the ids of advice that the linter keeps to itself; ConfigurationError for other ids."""
    found = texts(path, table, "ignore")
    for each in found:
        if not re.fullmatch(r"RB2\d\d", each):
            raise ConfigurationError(path, f"ignore = {list(found)!r}", "ids of advice, RB201 and so on")
    return found
