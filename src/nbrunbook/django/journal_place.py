"""Where a site's journal is: the order in which it is looked for, and what is refused."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.db import DEFAULT_DB_ALIAS, connections

from nbrunbook.django.configured import Site
from nbrunbook.errors import NbrunbookError, one_line
from nbrunbook.project.journal_urls import ABSENT, journal_url
from nbrunbook.project.settings import Project

ELSEWHERE = 'NBRUNBOOK_JOURNAL=postgresql+psycopg://USER@HOST/DATABASE, or settings.NBRUNBOOK["DATABASE"] = "ALIAS"'
MEMORY = (":memory:", "")
KINDS = {"mysql": "MySQL", "oracle": "Oracle", "unknown": "no database"}
"""What Django's vendors are called; it would have to connect to tell MariaDB."""
_asked: list[Path] = []


def placed(site: Site) -> Project:
    """Return a site's project with its journal, which is looked for when somebody asks for it.

    What a test writes that asked for a journal lies beside that.
    """
    found = replace(site.project, journal_setting=partial(journal_setting, site), serves=_serves(site))
    if not _asked:
        return found
    return replace(found, runbooks=_asked[-1] / "runbooks", records=_asked[-1] / "records", is_trial=True)


def journal_setting(site: Site) -> str:
    """Return the URL of a site's journal; while tests run the one that a test asked for, else ABSENT.

    It is looked for in this order: NBRUNBOOK_JOURNAL, the alias that DATABASE names, the configuration's `journal`,
    and `default`, which serves a site with one environment. NbrunbookError where there is none among them.
    """
    if _asked or tests_run():
        return in_folder(_asked[-1]) if _asked else ABSENT
    project, named = site.project, os.environ.get("NBRUNBOOK_JOURNAL")
    if named:
        return journal_url(project.root, named)
    if site.database:
        return _in_database(site.database, f'the database {site.database!r}, as settings.NBRUNBOOK["DATABASE"] says,')
    said = project.journal_setting
    if isinstance(said, str) and said:
        return said
    if len(project.environments) > 1:
        names = ", ".join(project.environments)
        raise NbrunbookError(
            f"no journal is named, and this site has {len(project.environments)} environments ({names}), which share "
            "one: the database of each holds its own data",
            ELSEWHERE,
            "name one that all of them reach",
        )
    return _in_database(DEFAULT_DB_ALIAS, "no journal is named, and the database 'default'")


def tests_run() -> bool:
    """Tell whether Django's test environment is set up: by its runner, by pytest-django, or by hand."""
    utils: Any = sys.modules.get("django.test.utils")
    return utils is not None and hasattr(utils._TestState, "saved_data")


def in_folder(folder: Path) -> str:
    """Return the URL of the journal of a test in a folder."""
    return f"sqlite:///{folder / 'journal.db'}"


def ask_for(folder: Path) -> None:
    """Let a journal be in a folder until `give_up` is called as often: for tests."""
    _asked.append(folder)


def give_up() -> None:
    """Let the journal be where it was before the last `ask_for`."""
    _asked.pop()


def _serves(site: Site) -> str:
    """Return the one environment that the journal serves, where it is in the site's own database; else nothing."""
    named = os.environ.get("NBRUNBOOK_JOURNAL") or site.database or site.project.journal_setting
    return "" if named or _asked or tests_run() else site.environment or ""


def _in_database(alias: str, why: str) -> str:
    if alias not in connections:
        raise NbrunbookError(f"{why} does not exist", f"one of settings.DATABASES: {', '.join(connections)}")
    try:
        found = connections[alias]
    except ImproperlyConfigured as error:
        raise NbrunbookError(f"{why} cannot be loaded ({one_line(str(error))})", "its driver, installed") from None
    if found.vendor == "postgresql":
        return f"django://{alias}"
    if found.vendor == "sqlite":
        return f"sqlite:///{_beside(str(found.settings_dict['NAME']), why)}"
    kind = KINDS.get(found.vendor, found.vendor)
    raise NbrunbookError(f"{why} is {kind}, which keeps no journal", "PostgreSQL or SQLite", f"name one: {ELSEWHERE}")


def _beside(name: str, why: str) -> Path:
    """The file of the journal beside the site's own: `db.sqlite3` gets `db.nbrunbook.sqlite3`."""
    path = name.removeprefix("file:").partition("?")[0] if name.startswith("file:") else name
    if path in MEMORY or "mode=memory" in name or name.startswith("file::memory:"):
        raise NbrunbookError(f"{why} is in memory, which keeps no journal", "a file", f"name one: {ELSEWHERE}")
    file = Path(path).absolute()
    return file.with_name(f"{file.stem}.nbrunbook{file.suffix}")
