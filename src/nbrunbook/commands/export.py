"""nbrunbook export: write steps as a task list in Markdown."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from nbrunbook.commands import completion
from nbrunbook.commands.here import operator_of
from nbrunbook.commands.terminal import show_code, tell
from nbrunbook.documents import files, notebook
from nbrunbook.errors import NbrunbookError, NotebookError, TemplateError
from nbrunbook.journal.journal import Journal
from nbrunbook.project.settings import find_project, project_if_any
from nbrunbook.template import files as template_files
from nbrunbook.template.template import read_template
from nbrunbook.texts import listed
from nbrunbook.work import export
from nbrunbook.work.export import Exported
from nbrunbook.work.naming import project_here
from nbrunbook.work.opening import open_session


@click.command(name="export")
@click.argument("what", metavar="KEY|TEMPLATE", shell_complete=completion.any_keys_or_file)
@click.option("-o", "target", metavar="FILE", type=click.Path(path_type=Path), help="A new file instead of stdout.")
def command(what: str, target: Path | None) -> None:
    """Write steps as a task list in Markdown, with ids and attributes in comments.

    Of a template: its Markdown to the letter. Of a runbook: its steps as the journal has them now,
    done ones ticked, skipped ones struck through with who and why behind them.
    Code cells are left out. 'nbrunbook import' makes the same steps of it again.
    Notebooks need nbrunbook[ci]; Markdown templates do not.

    \b
    Example:
      nbrunbook export staging/1.0 > tasks.md
    """
    notebook.skip_iri_checks()
    if target is not None and target.exists():
        raise NbrunbookError(f"{target} exists", "a new file", "move it away or choose another name")
    made = _exported(what)
    if target is None:
        _print(made.text)
    else:
        files.write(target, made.text.encode())
        tell(f"{target} is written")
    if made.left_out:
        cells = "1 cell of code" if made.left_out == 1 else f"{made.left_out} cells of code"
        tell(f"{cells} left out: a task list holds text only")
    if made.automated:
        tell(f"done by a machine, which a task list leaves to a person: {listed(made.automated)}")


def _print(text: str) -> None:
    """Through a pipe to the letter; only a terminal has to be kept from being steered."""
    if sys.stdout.isatty():
        show_code(text.removesuffix("\n"))
    else:
        sys.stdout.flush()
        sys.stdout.buffer.write(text.encode())


def _exported(what: str) -> Exported:
    path = _template_named(what) or Path(what)
    if not path.exists():
        if path.suffix in template_files.SUFFIXES:
            raise NotebookError(path, "no such file", "a template, or the key of a runbook")
        project = project_here(tell=tell)
        return export.of_following(open_session(project, what, operator_of(project)), project)
    key = export.key_in(path)
    if key is None:
        around = project_if_any()
        template = read_template(path, homes=around.template_homes if around else ())
        if template.unclear:
            raise TemplateError(path, template.unclear)
        return export.of_template(template)
    project = project_here(tell=tell)
    journal = Journal.if_any(project.journal)
    if journal is None or journal.find(project.name, key) is None:
        raise NotebookError(path, "a runbook that the journal does not know", "a template, or the key of a runbook")
    return export.of_following(open_session(project, key, operator_of(project)), project)


def _template_named(what: str) -> Path | None:
    """The template of a release's name; None for a path and for a key."""
    try:
        return template_files.template_named(Path(what), find_project().template_homes)
    except NbrunbookError:
        return None
