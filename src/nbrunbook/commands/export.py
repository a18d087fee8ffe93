"""nbrunbook export: write steps as a task list in Markdown."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from nbrunbook.commands.here import operator_of
from nbrunbook.commands.terminal import show, tell
from nbrunbook.documents import files, notebook
from nbrunbook.errors import NbrunbookError, NotebookError
from nbrunbook.journal.journal import Journal
from nbrunbook.project.settings import find_project
from nbrunbook.runbook import events
from nbrunbook.runbook.metadata import facts_in
from nbrunbook.template import files as template_files
from nbrunbook.template.template import read_template
from nbrunbook.work import export
from nbrunbook.work.export import Exported
from nbrunbook.work.opening import open_session
from nbrunbook.work.session import Session


@click.command(name="export")
@click.argument("what", metavar="KEY|TEMPLATE")
@click.option("-o", "target", metavar="FILE", type=click.Path(path_type=Path), help="A new file instead of stdout.")
def command(what: str, target: Path | None) -> None:
    """Write steps as a task list in Markdown, with ids and attributes in comments.

    Of a template: its Markdown to the letter. Of a runbook: its steps as the journal has them now,
    done ones ticked, skipped ones struck through with who and why behind them.
    Code cells are left out. 'nbrunbook import' makes the same steps of it again.

    \b
    Example: nbrunbook export staging/1.0 > tasks.md
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


def _print(text: str) -> None:
    """Through a pipe to the letter; only a terminal has to be kept from being steered."""
    if sys.stdout.isatty():
        show(text.removesuffix("\n"))
    else:
        sys.stdout.flush()
        sys.stdout.buffer.write(text.encode())


def _exported(what: str) -> Exported:
    path = _template_named(what) or Path(what)
    if not path.exists():
        if path.suffix in (".ipynb", ".md"):
            raise NotebookError(path, "no such file", "a template, or the key of a runbook")
        return _of_runbook(what)
    about = facts_in(notebook.read_metadata(path)) if path.suffix == ".ipynb" and path.is_file() else {}
    if not about:
        return export.of_template(read_template(path))
    project = find_project()
    known = (
        Journal.open(project.journal).find(project.name, about["key"]) if Journal(project.journal).exists() else None
    )
    if known is None:
        raise NotebookError(path, "a runbook that the journal does not know", "a template, or the key of a runbook")
    return _of_runbook(known.key)


def _template_named(what: str) -> Path | None:
    """The template of a release's name; None for a path and for a key."""
    try:
        return template_files.template_named(Path(what), find_project().templates)
    except NbrunbookError:
        return None


def _of_runbook(key: str) -> Exported:
    project = find_project()
    opened = open_session(project, key, operator_of(project))
    folder = Path(project.relative(project.runbook_path(key))).parent.as_posix()
    content = next(filter(None, map(opened.journal.blob, _names(opened))), None)
    if content is None:
        raise NbrunbookError(f"the journal holds no notebook of {key}", "the runbook as it was made")
    cells = notebook.parse(content, Path(f"{key}.ipynb")).cells
    return export.of_runbook(opened.progress, cells, key=key, folder=folder, now=events.now())


def _names(opened: Session) -> list[str]:
    return [event.data.get("notebook", "") for event in opened.events if event.kind == "opened"]
