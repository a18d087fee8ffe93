"""Beside a manage.py: a Django site, whose settings this process has not read and which may have a journal."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from nbrunbook.errors import NbrunbookError
from nbrunbook.project import author_files, paths, sites
from nbrunbook.project.local_state import holds_journal, own_journal
from nbrunbook.project.settings import Project

APP = "nbrunbook.django"
NAMED = re.compile(r"""DJANGO_SETTINGS_MODULE["'],\s*["']([\w.]+)["']""")
"""Where manage.py names the settings, as `startproject` writes it."""
MOST_FILES = 200
"""Modules of the settings' package that are looked at."""


def refuse_another_journal(project: Project | None, start: Path | None = None) -> None:
    """Raise NbrunbookError where the journal is the Django site's matter, and this process does not know its settings.

    A journal that is configured outside of the settings is taken, and so is a plain one that is there already: what
    people have signed stays valid; and a manage.py above the project's root is none of its own. `project` is None
    where none was found.
    """
    if sites.registered() or (project is not None and project.journal_setting is not None):
        return
    folder = sites.folder_of_manage(start)
    if folder is None or not has_app(folder):
        return
    if project is not None and (paths.below(folder, project.root) is None or plain_journal(project)):
        return
    raise NbrunbookError(
        f"the journal is the Django site's in {folder}, and its settings were not read",
        "manage.py runbook, or DJANGO_SETTINGS_MODULE in the environment",
        "'python manage.py runbook VERB' is the same command line; NBRUNBOOK_JOURNAL names another journal",
    )


def has_app(folder: Path) -> bool:
    """Tell whether the settings of the manage.py in a folder name our app; they are looked at, and not run.

    True where it cannot be told which module has the settings.
    """
    manage = _text(folder / "manage.py")
    if "django" not in manage.lower():
        return False
    named = NAMED.search(manage)
    package = folder / named[1].partition(".")[0] if named else folder
    if named is None or not (package.is_dir() or package.with_suffix(".py").is_file()):
        return True
    return any(APP in _text(each) for each in islice(_modules(package), MOST_FILES))


def _modules(package: Path) -> Iterator[Path]:
    yield from sorted(package.rglob("*.py")) if package.is_dir() else [package.with_suffix(".py")]


def _text(path: Path) -> str:
    try:
        return author_files.read(path, at_most=author_files.LARGEST_SETTINGS).decode("utf-8", "replace")
    except (OSError, ValueError):
        return ""


def plain_journal(project: Project) -> Path | None:
    """Return the file of the journal that a plain command line has made for a project; None where there is none."""
    url = own_journal(project.root)
    places = (Path(url.removeprefix("sqlite:///")), url.before)
    return next((each for each in places if each and holds_journal(each)), None)
