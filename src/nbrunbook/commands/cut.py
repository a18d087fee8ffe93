"""nbrunbook cut: give the parts in templates/next their release."""

from __future__ import annotations

import click

from nbrunbook.commands.terminal import show, tell
from nbrunbook.documents import notebook
from nbrunbook.errors import NbrunbookError
from nbrunbook.project.settings import find_project
from nbrunbook.runbook.words import steps_words
from nbrunbook.template import files as template_files
from nbrunbook.template import planning
from nbrunbook.template.cut import cut
from nbrunbook.template.planning import Wanted
from nbrunbook.texts import many


@click.command(name="cut")
@click.argument("release", metavar="RELEASE")
def command(release: str) -> None:
    """Give the parts in templates/next their release: the folder becomes templates/RELEASE.

    Commit the move; git sees that the files were renamed. The next part begins a new templates/next.
    Notebooks need nbrunbook[ci]; Markdown templates do not.

    \b
    Example:
      nbrunbook cut 2026.12.0
    """
    notebook.skip_iri_checks()
    project = find_project()
    template = cut(project, release)
    homes = project.template_homes
    parts = many(len(template_files.files_of(template.path, homes, standing=False)), "part")
    faults: list[object] = [*template.problems]
    try:
        steps = steps_words(planning.make(template, planning.bind(project, template, Wanted())))
    except NbrunbookError as error:  # a value that `plan` refuses, too: the parts are cut all the same
        steps, faults = "steps that cannot be counted", [*faults, error]
    show(f"{project.relative(template.path)}  {parts}, {steps}")
    for each in faults:
        tell(f"  {each}")
