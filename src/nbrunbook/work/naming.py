"""Which project this is, where its configuration does not say: the one that its journal knows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from nbrunbook.errors import NbrunbookError, ProjectNotFoundError
from nbrunbook.journal.journal import Journal
from nbrunbook.project import manage, naming, sites
from nbrunbook.project.settings import Project, find_project, is_configured
from nbrunbook.texts import listed


def project_here(start: Path | None = None, *, tell: Callable[[str], None] = lambda _: None) -> Project:
    """Return the project at or above a folder, under the name that its runbooks have in its journal.

    It is the one that is written; else, of those that it may have, the first that the journal knows, else the only one
    that the journal knows, which is told, else the first. Who says its name elsewhere, as `[project] name`, does not
    take the only one of a journal that may be other people's. Raises as `project_with_journal` and `Journal.if_any` do.
    """
    project = project_with_journal(start)
    if project.is_named:
        return project
    journal, declared = Journal.if_any(project.journal), naming.declared(project.root)
    known = journal.projects() if journal is not None else []
    if declared in known:
        return replace(project, name=declared)
    likely = naming.names(project.root)
    name = next((name for name in likely if name in known), "")
    if not name and len(known) == 1 and (project.journal_setting is None or not declared):
        (name,) = known
        tell(
            f"this project is {name!r}, the only one that the journal knows, and not {likely[0]!r}: "
            "write its name down (name = … in the configuration; nbrunbook init does)"
        )
    return replace(project, name=name or likely[0])


def project_with_journal(start: Path | None = None) -> Project:
    """Return the project at or above a folder, whose journal is about to be asked for: that of a Django site, too.

    Where the environment names its settings they are read, but for a project elsewhere that has its own configuration.
    Raises as `find_project`, `sites.enter` and `manage.refuse_another_journal` do.
    """
    if sites.are_named() and (sites.folder_of_manage(start) or not is_configured(start)):
        sites.enter(start)
    try:
        project = find_project(start)
    except ProjectNotFoundError:  # an image need not have git
        manage.refuse_another_journal(None, start)
        raise
    manage.refuse_another_journal(project, start)
    return project


def name_at(root: Path, *, tell: Callable[[str], None] = lambda _: None) -> str:
    """Return the name of the project in a folder, which need not be configured yet, nor have a journal to ask."""
    try:
        project = find_project(root)
        project = project if project.is_named else project_here(root, tell=tell)
    except NbrunbookError:
        return naming.names(root)[0]
    return project.name if project.root == root.resolve() else naming.names(root)[0]


def unknown_to(journal: Journal, project: Project) -> str:
    """Return in words that a journal knows others and not a project; empty where it knows it, or nobody."""
    known = journal.projects()
    if not known or project.name in known:
        return ""
    others = listed([repr(name) for name in known], 3)
    return f"the journal {journal.where} knows no project {project.name!r}: it knows {others}"
