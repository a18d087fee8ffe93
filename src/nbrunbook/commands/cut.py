"""nbrunbook cut: give the parts in templates/next their release."""

from __future__ import annotations

import click

from nbrunbook.commands.terminal import show, tell
from nbrunbook.documents import notebook
from nbrunbook.project.settings import find_project
from nbrunbook.template import files as template_files
from nbrunbook.template.cut import cut
from nbrunbook.texts import many


@click.command(name="cut")
@click.argument("release", metavar="RELEASE")
def command(release: str) -> None:
    """Give the parts in templates/next their release: the folder becomes templates/RELEASE.

    Commit the move; git sees that the files were renamed. The next part begins a new templates/next.
    Notebooks need nbrunbook[ci]; Markdown templates do not.

    \b
    Example: nbrunbook cut 2026.12.0
    """
    notebook.skip_iri_checks()
    project = find_project()
    template = cut(project, release)
    boxes = sum(step.box for step in template.steps)
    parts = len(template_files.parts_in(template.path))
    show(f"{project.relative(template.path)}  {many(parts, 'part')}, {many(boxes, 'step')}")
    for problem in template.problems:
        tell(f"  {problem}")
