"""What the setting NBRUNBOOK says: every key of the configuration, in capitals, and two of Django's own."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.functional import Promise

from nbrunbook.errors import ConfigurationError, NbrunbookError
from nbrunbook.project import configuration, sites, template_homes
from nbrunbook.project.settings import Project, project_of

SETTING = Path("settings.NBRUNBOOK")
"""What errors name, with the key."""
PLAIN = (str, bool, int, float, date, time)
"""What TOML knows, beside lists and tables."""
OWN = ("ENVIRONMENT", "DATABASE")
"""Keys that no file of the configuration has."""


@dataclass(frozen=True, kw_only=True)
class Site:
    """A Django project, as its settings describe it."""

    project: Project
    """Its `journal_setting` is NBRUNBOOK_JOURNAL's, else NBRUNBOOK["JOURNAL"]; None where neither is set."""
    environment: str | None
    """Where this process stands; None where the settings do not say."""
    database: str | None
    """NBRUNBOOK["DATABASE"]: the alias that the journal is to be in."""


def configured() -> Site:
    """Return what the settings say now; ConfigurationError, which names the setting, for what is not known there."""
    said = getattr(settings, "NBRUNBOOK", {})
    if not isinstance(said, Mapping):
        raise ConfigurationError(SETTING, repr(said), "a dict")
    own = {key: said.get(key) for key in OWN}
    for key, value in own.items():
        if value is not None and not isinstance(value, str):
            raise _wrong(key, f" = {value!r}", "a string")
    _check_no_url(own, said)
    table = {_lower(key): _plain(key, value) for key, value in said.items() if key not in OWN and value is not None}
    try:
        defaults = {"name": default_name(), "templates": template_homes.default_of_site(root())}
        project = project_of(root(), SETTING, {**defaults, **table}, default_name())
    except ConfigurationError as error:
        raise _told(error) from None
    _check_environment(project, own["ENVIRONMENT"])
    return Site(project=project, environment=own["ENVIRONMENT"] or None, database=own["DATABASE"] or None)


def _check_no_url(own: Mapping[str, str | None], said: Mapping[str, object]) -> None:
    """Refuse URLs where none is expected, without their texts: they may hold passwords."""
    if "://" in (own.get("DATABASE") or ""):
        raise _wrong("DATABASE", " is a URL", 'an alias of settings.DATABASES; a URL without a password is "JOURNAL"')
    if not isinstance(said.get("JOURNAL"), str | None):
        raise _wrong("JOURNAL", f" is a {type(said['JOURNAL']).__name__}", "a string")


def _wrong(key: str, found: str, expected: str) -> ConfigurationError:
    """The key as settings write it, and what is found of it: ` = 3`, ` is a URL`, or a key within it and its value."""
    place = Path(f'{SETTING}["{key}"]')
    return ConfigurationError(place, found, expected, between="" if found.startswith(" ") else ": ")


def _told(error: ConfigurationError) -> ConfigurationError:
    """An error of the configuration's file, as one of the setting: its keys are in capitals, a table is a dict."""
    said = re.fullmatch(r"([a-z_]+)\.?(.*)", error.found.removeprefix(f"{SETTING}: "), re.DOTALL)
    if said is None or said[1] not in configuration.KEYS:
        return error
    return _wrong(said[1].upper(), said[2], error.expected.replace("a table", "a dict"))


def _check_environment(project: Project, environment: str | None) -> None:
    if not environment:
        return
    try:
        project.environment(environment)
    except NbrunbookError as error:
        raise _wrong("ENVIRONMENT", f" = {environment!r}", error.expected or str(error)) from None


def _lower(key: object) -> str:
    if isinstance(key, str) and key.isupper() and key.lower() in configuration.KEYS:
        return key.lower()
    known = (*OWN, *(each.upper() for each in configuration.KEYS))
    raise ConfigurationError(SETTING, f"unknown key {key!r}", f"one of: {', '.join(known)}")


def _plain(key: str, value: Any) -> Any:
    """A value as TOML would give it: settings have paths, tuples and lazy texts, too."""
    if isinstance(value, Path | Promise):
        return str(value)
    if isinstance(value, Mapping):
        return {str(name): _plain(key, each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(key, each) for each in value]
    if isinstance(value, PLAIN):
        return value
    raise _wrong(key, f"a value of the type {type(value).__name__}", "strings, numbers, dates, lists and dicts")


def default_name() -> str:
    """Return the first part of ROOT_URLCONF; of the settings' module where there is none."""
    module = getattr(settings, "ROOT_URLCONF", None) or settings.SETTINGS_MODULE or "site"
    return str(module).partition(".")[0]


def root() -> Path:
    """Return BASE_DIR; without it the folder of manage.py, at or above the settings' module, else its package's."""
    base = getattr(settings, "BASE_DIR", None)
    if base:
        return Path(base).resolve()
    module = sys.modules.get(str(settings.SETTINGS_MODULE))
    file = Path(getattr(module, "__file__", None) or Path.cwd() / "settings.py").resolve()
    return sites.folder_of_manage(file.parent) or file.parents[str(settings.SETTINGS_MODULE).count(".")]
