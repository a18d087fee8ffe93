"""What the verbs share: the project, a session, who is at work, and how results are shown."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from nbrunbook.errors import NbrunbookError, visible
from nbrunbook.project import ci, operator
from nbrunbook.project.operator import Operator
from nbrunbook.project.settings import Project, find_project, project_if_any

if TYPE_CHECKING:
    from nbrunbook.journal.journal import Journal
    from nbrunbook.template.template import Template
    from nbrunbook.work.session import Session

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON for a machine.")
release_option = click.option("--release", metavar="NAME", help="The release, where the template is templates/next.")
key_argument = click.argument("key", metavar="KEY")
for_option = click.option("--for", "on_behalf", metavar="WHO", help="Record it for somebody without Jupyter.")


def template_of(path: Path) -> Template:
    """Return the template at a path, or of a name such as `next` in the project's folder of templates."""
    from nbrunbook.template import files as template_files
    from nbrunbook.template.template import read_template

    project = project_if_any()
    named = template_files.template_named(path, project.templates if project else None)
    return read_template(named, declared=project.declared if project else ())


def operator_of(project: Project) -> Operator:
    """Return who is at work on this machine."""
    return operator.from_machine(project.root, project.operators)


def session_on(key: str) -> Session:
    """Return a session on a runbook of the project that we stand in."""
    from nbrunbook.work.opening import open_session

    project = find_project()
    return open_session(project, key, operator_of(project))


def refuse_to_lose(project: Project, *instead: str) -> None:
    """Refuse a journal that ends with the CI's machine."""
    from nbrunbook.journal.journal import Journal

    journal = Journal(project.journal)
    if ci.is_ci() and not journal.shared:
        raise NbrunbookError(
            f"the journal {project.relative(Path(journal.where))} would be lost with this CI job",
            "the team's journal: NBRUNBOOK_JOURNAL=postgresql+psycopg://…",
            "; ".join((*instead, "CI=false for a machine that stays")),
        )


def tell_if_new(project: Project, journal: Journal) -> None:
    """Say that a journal was made just now although there are records: the old one may be lost."""
    if journal.is_new and any(project.records.glob("*/*.html")):
        tell(f"the journal {journal.where} is new, although there are records in {project.relative(project.records)}")


def show(text: str = "") -> None:
    """Print a result; what would steer the terminal is shown as what it is."""
    click.echo(visible(text))


def tell(text: str) -> None:
    """Talk about what is going on."""
    click.echo(visible(text), err=True)


def show_json(value: Any) -> None:
    """Print a result for a machine."""
    click.echo(json.dumps(value, indent=2, ensure_ascii=False))
