"""nbrunbook new: start a template or a part."""

from __future__ import annotations

import shlex

import click

from nbrunbook.commands.terminal import show, tell
from nbrunbook.documents import notebook
from nbrunbook.project.settings import find_project
from nbrunbook.template.starter import find_starter, starters
from nbrunbook.template.starting import start_part, start_release


@click.command(name="new")
@click.argument("name", metavar="[NAME]", required=False)
@click.option("--from", "starter", metavar="STARTER", help="What to start from: release; with --next: step.")
@click.option("--next", "is_part", is_flag=True, help="A part of the release that has no name yet.")
@click.option("--list", "only_list", is_flag=True, help="Describe the starters.")
def command(name: str | None, starter: str | None, is_part: bool, only_list: bool) -> None:
    """Start a template for a release, or with --next a part of the next one.

    It is written to templates/NAME.ipynb or templates/next/NAME.ipynb, and never over a file that is there.
    A NAME that ends in .md makes a Markdown file instead of a notebook, which needs nbrunbook[ci].

    \b
    Example:
      nbrunbook new 2026.12.0
      nbrunbook new drop-legacy-sku --next --from remove-column
    """
    if only_list:
        for each in starters():
            show(f"{each.name:14} {each.description}")
        return
    if name is None:
        raise click.UsageError("Missing argument 'NAME', or --list.")
    notebook.skip_iri_checks()
    chosen = find_starter(starter or ("step" if is_part else "release"))
    project = find_project()
    target = (start_part if is_part else start_release)(project, name, chosen)
    show(project.relative(target))
    look = shlex.quote(project.relative(target.parent if is_part else target))
    if chosen.code and target.suffix == ".md":
        tell("Markdown has no code: what the machine would do in a notebook from this starter, a person does here")
    tell(f"from the starter {chosen.name!r}: edit it, then look at it with: nbrunbook plan {look}")
