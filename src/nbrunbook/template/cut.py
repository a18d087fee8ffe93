"""Cutting a release: the folder of the next release's parts becomes its template."""

from __future__ import annotations

from pathlib import Path

from nbrunbook.errors import NbrunbookError, TemplateError
from nbrunbook.project.names import check_name
from nbrunbook.project.settings import Project
from nbrunbook.template import files as template_files
from nbrunbook.template.template import Template, read_template


def cut(project: Project, release: str) -> Template:
    """Rename the folder of the next release's parts, and return it as a template.

    Raises NbrunbookError where the name is taken, and where there are no parts or nobody can say which steps they are.
    """
    target = _free(project, check_name(release, "release"))
    source = project.templates / template_files.NEXT
    if not template_files.parts_in(source):
        raise NbrunbookError(
            f"{project.relative(source)} holds no parts",
            "notebooks (.ipynb) or Markdown files (.md)",
            "'nbrunbook new NAME --next' makes one",
        )
    unclear = read_template(source).unclear
    if unclear:
        raise TemplateError(source, unclear)
    source.rename(target)
    return read_template(target)


def _free(project: Project, release: str) -> Path:
    if release in template_files.FOLDERS:
        raise NbrunbookError(f"a release cannot be called {release!r}", "its name, such as 2026.12.0")
    taken = template_files.taken(project.templates, release)
    if taken is not None:
        raise NbrunbookError(f"{project.relative(taken)} exists", "a release without a template")
    return project.templates / release
