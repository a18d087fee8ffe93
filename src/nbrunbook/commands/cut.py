"""nbrunbook cut: give the parts in templates/next their release."""

from __future__ import annotations

from pathlib import Path

import click

from nbrunbook.commands.terminal import show, tell
from nbrunbook.documents import notebook
from nbrunbook.errors import NbrunbookError
from nbrunbook.project.names import check_name
from nbrunbook.project.settings import Project, find_project
from nbrunbook.template import files as template_files
from nbrunbook.template.template import check_template, read_template


@click.command(name="cut")
@click.argument("release", metavar="RELEASE")
def command(release: str) -> None:
    """Give the parts in templates/next their release: the folder becomes templates/RELEASE.

    Commit the move; git sees that the files were renamed. The next part begins a new templates/next.

    \b
    Example: nbrunbook cut 2026.12.0
    """
    notebook.skip_iri_checks()
    project = find_project()
    check_name(release, "release")
    target = _free(project, release)
    source = project.templates / template_files.NEXT
    if not template_files.parts_in(source):
        raise NbrunbookError(
            f"{project.relative(source)} holds no parts",
            "notebooks (.ipynb) or Markdown files (.md)",
            "'nbrunbook new NAME --next' makes one",
        )
    check_template(source)
    source.rename(target)
    template = read_template(target)
    boxes = sum(step.box for step in template.steps)
    show(f"{project.relative(target)}  {len(template_files.parts_in(target))} parts, {boxes} steps")
    for problem in template.problems:
        tell(f"  {problem}")


def _free(project: Project, release: str) -> Path:
    if release in template_files.FOLDERS:
        raise NbrunbookError(f"a release cannot be called {release!r}", "its name, such as 2026.12.0")
    taken = template_files.taken(project.templates, release)
    if taken is not None:
        raise NbrunbookError(f"{project.relative(taken)} exists", "a release without a template")
    return project.templates / release
