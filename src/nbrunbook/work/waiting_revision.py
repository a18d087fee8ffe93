"""Whether a revision waits: an open runbook's template was changed on disk and gives other steps.

`status` asks each time, and a live runbook every few seconds: what reads templates is loaded where one has changed.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from nbrunbook.errors import NbrunbookError, ParameterError, TemplateError
from nbrunbook.project.settings import Project
from nbrunbook.template import files as template_files
from nbrunbook.work.following import Following

WAITS = "the template changed since: nbrunbook revise {key}"


def waits(following: Following, project: Project) -> bool:
    """Tell whether a revision waits: the template on disk gives other steps than the runbook has.

    A template that is not there, or that is unchanged, has nothing to bring;
    one that changed and cannot become a plan just now has: `revise` says what keeps it from it.
    """
    try:
        if following.progress.state != "open" or not _has_changed(following, project):
            return False
        from nbrunbook.work.revision import renew

        return renew(following, project, {}).plan.digest != following.progress.versions[-1].plan.digest
    except (TemplateError, ParameterError):
        return True
    except (NbrunbookError, OSError, ValueError):
        return False


def revision_waits_words(following: Following, project: Project) -> str:
    """Return that a revision waits, and how to look at it; empty where none does."""
    return WAITS.format(key=following.key) if waits(following, project) else ""


def traces(following: Following, project: Project) -> tuple[Any, ...]:
    """Return what tells cheaply whether to ask `waits` again: the files' times and sizes, and the plan in force."""
    try:
        path = template_path(following, project)
        files = template_files.files_of(path) if path else []
        seen = tuple((str(each), each.stat().st_mtime_ns, each.stat().st_size) for each in files)
    except (NbrunbookError, OSError):
        seen = ()
    return (len(following.progress.versions), following.progress.state, *seen)


def template_path(following: Following, project: Project) -> Path | None:
    """Return where the template of a runbook lies now; None where it is not there.

    `cut` may have moved it since, from templates/next to the folder of its release:
    what stands in templates/next by now is of the release that follows.
    """
    about, own = following.template, template_files.taken(project.templates, following.runbook.release)
    named = template_files.of_parts(about["name"], [part["path"] for part in about["parts"]])
    if (
        named
        and template_files.is_template(project.root / named)
        and not (own and about["name"] in template_files.FOLDERS)
    ):
        return project.root / named
    return own


def _has_changed(following: Following, project: Project) -> bool:
    path = template_path(following, project)
    if path is None:
        return False
    known = sorted(part["sha256"] for part in following.template["parts"])
    return known != sorted(hashlib.sha256(each.read_bytes()).hexdigest() for each in template_files.files_of(path))
