"""nbrunbook import: turn a Markdown checklist into a template."""

from __future__ import annotations

from pathlib import Path

import click

from nbrunbook.commands.terminal import show, tell
from nbrunbook.documents import notebook
from nbrunbook.template.importing import import_checklist
from nbrunbook.texts import many


@click.command(name="import")
@click.argument("path", metavar="FILE.md", type=click.Path(path_type=Path))
@click.option(
    "-o",
    "target",
    required=True,
    metavar="TEMPLATE",
    type=click.Path(path_type=Path),
    help="The file to write, .ipynb or .md.",
)
def command(path: Path, target: Path) -> None:
    """Turn a Markdown checklist into a template.

    The text stays to the letter; ids are pinned behind the steps. Of front matter the title is kept,
    and what it says under `nbrunbook`; a Markdown file keeps all of it.
    A first code block with the info string "python parameters" holds the template's parameters.
    Relative links and images lead from the template's folder: mend them where it is another one.
    A notebook needs nbrunbook[ci]; a TEMPLATE that ends in .md does not.

    \b
    Example:
      nbrunbook import docs/release-checklist.md -o templates/1.0.ipynb
    """
    notebook.skip_iri_checks()
    template = import_checklist(path, target)
    boxes = sum(step.box for step in template.steps)
    show(f"{target}  {many(boxes, 'step')}")
    for problem in template.problems:
        tell(f"  {problem}")
