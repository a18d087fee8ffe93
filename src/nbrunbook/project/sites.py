"""Sites: a web application that says where its project is, and how it is configured, in its own settings."""

from __future__ import annotations

import importlib
import importlib.util
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from nbrunbook.errors import NbrunbookError

if TYPE_CHECKING:
    from nbrunbook.project.settings import Project

Find = Callable[["Path | None"], "Project"]
"""From a folder (None: the working directory) to the project there; raises as `find_project` does."""
SETTINGS = "DJANGO_SETTINGS_MODULE"
_finds: list[Find] = []


def register(find: Find | None) -> None:
    """Have a site say which project this is; None takes that back. A process has one site at most."""
    _finds[:] = [find] if find else []


def registered() -> Find | None:
    """Return what a site says; None where there is none."""
    return _finds[0] if _finds else None


def are_named() -> bool:
    """Tell whether the environment names the settings of a site."""
    return bool(os.environ.get(SETTINGS))


def enter(start: Path | None = None) -> None:
    """Set Django up where the environment names its settings: an app of ours there registers the site.

    The folder of the manage.py at or above `start` (the working directory) is where its modules are imported from.

    Nothing happens without the variable or without Django, nor a second time. NbrunbookError for settings that cannot
    be read.
    """
    if registered() or not are_named() or importlib.util.find_spec("django") is None:
        return
    folder = folder_of_manage(start)
    if folder and str(folder) not in sys.path:
        sys.path.insert(0, str(folder))
    try:
        importlib.import_module("django").setup()
    except Exception as error:
        raise NbrunbookError(
            f"the settings that {SETTINGS} names ({os.environ[SETTINGS]}) cannot be set up: "
            f"{type(error).__name__}: {error}",
            "what manage.py reads",
            f"mend them, or unset {SETTINGS}",
        ) from error


def folder_of_manage(start: Path | None = None) -> Path | None:
    """Return the folder at or above one (the working directory) that has a manage.py; None where there is none."""
    here = (start or Path.cwd()).absolute()
    return next((each for each in (here, *here.parents) if (each / "manage.py").is_file()), None)
