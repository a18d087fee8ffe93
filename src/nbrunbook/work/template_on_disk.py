"""The template of an open runbook as it is on disk now: where it lies, and whether it changed since."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from nbrunbook.documents import notebook
from nbrunbook.errors import NbrunbookError
from nbrunbook.project.settings import Project
from nbrunbook.template import files as template_files
from nbrunbook.work.following import Following


def traces(following: Following, project: Project) -> tuple[Any, ...]:
    """Return what tells cheaply whether anything changed: the files' times and sizes, and the plan in force."""
    try:
        path = template_path(following, project)
        files = template_files.files_of(path, project.template_homes) if path else []
        seen = tuple((str(each), each.stat().st_mtime_ns, each.stat().st_size) for each in files)
    except (NbrunbookError, OSError):
        seen = ()
    return (len(following.progress.versions), following.progress.state, *seen)


def template_path(following: Following, project: Project) -> Path | None:
    """Return where the template of a runbook lies now; None where it is not there.

    `cut` may have moved it since, from templates/next to the folder of its release:
    what stands in templates/next by now is of the release that follows.
    """
    about, own = following.template, template_files.called_in(project.template_homes, following.runbook.release)
    named = template_files.of_parts(about["name"], [part["path"] for part in about["parts"]])
    if (
        named
        and template_files.is_template(project.root / named)
        and not (own and about["name"] in template_files.FOLDERS)
    ):
        return project.root / named
    return own


def has_changed(following: Following, project: Project) -> bool:
    """Tell whether its files are other ones than those that the plan in force was read from; no where it is gone."""
    path = template_path(following, project)
    if path is None:
        return False
    known = sorted(part["sha256"] for part in following.template["parts"])
    return known != sorted(
        hashlib.sha256(notebook.read_bytes(each)).hexdigest()
        for each in template_files.files_of(path, project.template_homes)
    )
