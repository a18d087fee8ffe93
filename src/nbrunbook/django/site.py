"""The site: which project a Django process belongs to, and which environment."""

from __future__ import annotations

from pathlib import Path

from django.apps import apps

from nbrunbook.django.configured import configured
from nbrunbook.django.journal_place import placed
from nbrunbook.project import paths, template_homes
from nbrunbook.project.settings import Project, project_on_disk


def project(start: Path | None = None) -> Project:
    """Return the site's project; for a folder outside of its root, the one that is there.

    Raises as `find_project` does: an error names the setting.
    """
    found = template_homes.with_apps(placed(configured()), (Path(each.path) for each in apps.get_app_configs()))
    if start is not None and paths.below(paths.plain(start), found.root) is None:
        return project_on_disk(start)
    return found


def environment() -> str | None:
    """Return NBRUNBOOK["ENVIRONMENT"]: where this process stands; None where the settings do not say."""
    return configured().environment
