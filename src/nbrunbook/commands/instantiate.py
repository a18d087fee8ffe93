"""nbrunbook instantiate: make the runbook of a release for an environment."""

from __future__ import annotations

import shlex
from pathlib import Path

import click

from nbrunbook import notebook, places, project, runbook, session
from nbrunbook.commands import opening
from nbrunbook.commands.opening import json_option, release_option, show, show_json, tell
from nbrunbook.commands.plan import for_runbook
from nbrunbook.errors import NbrunbookError
from nbrunbook.journal import Journal
from nbrunbook.operator import Operator
from nbrunbook.plan import Plan
from nbrunbook.project import Project
from nbrunbook.runbook import Built
from nbrunbook.template import Template


@click.command(name="instantiate")
@click.argument("path", metavar="TEMPLATE", type=click.Path(path_type=Path))
@click.option("-e", "environment", metavar="ENV", required=True, help="Where the release was deployed to.")
@click.option("-p", "given", nargs=2, multiple=True, metavar="NAME VALUE", help="A parameter's value.")
@release_option
@click.option("--execute", is_flag=True, help="Run the author's cells too.")
@click.option("--again", is_flag=True, help="Start another runbook for a deployment that has one.")
@json_option
def command(
    path: Path,
    environment: str,
    given: tuple[tuple[str, str], ...],
    release: str | None,
    execute: bool,
    again: bool,
    as_json: bool,
) -> int:
    """Make the runbook of a release for an environment.

    It is written to runbooks/ENV/RELEASE.ipynb and registered in the journal.

    \b
    Example: nbrunbook instantiate templates/1.0.ipynb -e staging -p kind patch
    """
    notebook.skip_iri_checks()
    found = project.find()
    operator = opening.operator_of(found)
    read, values, made = for_runbook(found, path, environment, dict(given), release)
    project.check_name(made.release, "release")
    _require_release(found, read, made.release)
    deployment = f"{made.environment}/{made.release}"
    known = Journal.open(found.journal) if Journal(found.journal).exists() else None
    key = session.free_key(known, found, deployment, operator, again=again) if known else deployment
    about = runbook.facts(read, made, found, key=key, created_by=operator.name, created_at=session.now())
    target = found.runbook_path(key)
    _refuse_unknown_file(found, target)
    built = runbook.build(read, made, values, found, about, execute=execute)
    journal = known or Journal.open(found.journal, create=True)
    if journal.is_new and any(found.records.glob("*/*.html")):
        tell(f"the journal {journal.where} is new, although there are records in {found.relative(found.records)}")
    _publish(journal, built, operator, target)
    _report(found, made, key, target, as_json=as_json)
    if built.failure is not None:
        raise built.failure
    return 0


def _require_release(found: Project, read: Template, release: str) -> None:
    """Refuse the name of a folder of parts for a release, and one part of several for a template."""
    if release in places.FOLDERS:
        raise NbrunbookError(
            f"{read.path} is of a release without a name",
            "--release NAME",
            "or give its parts one: nbrunbook cut NAME",
        )
    if read.path.is_file() and read.path.absolute().parent.parent == found.templates:
        raise NbrunbookError(f"{read.path} is one part of a template", f"all of it: {read.path.parent}")


def _refuse_unknown_file(found: Project, target: Path) -> None:
    if target.exists():
        name = found.relative(target)
        raise NbrunbookError(
            f"{name} exists, and the journal does not know it",
            "a place that is free",
            f"'nbrunbook work {name}' takes it into the journal; or move it away",
        )


def _publish(journal: Journal, built: Built, operator: Operator, target: Path) -> None:
    """Rename the file within the transaction that registers it."""
    placed = False

    def place(temporary: Path) -> None:
        nonlocal placed
        notebook.put(temporary, target)
        placed = True

    try:
        with notebook.beside(target) as temporary:
            temporary.write_bytes(built.content)
            session.register(journal, built, operator, publish=lambda: place(temporary))
    except OSError as error:
        raise NbrunbookError(
            f"{target} cannot be written ({error.strerror})", "a folder that can be written to"
        ) from None
    except NbrunbookError:
        if placed:
            target.unlink(missing_ok=True)
        raise


def _report(found: Project, made: Plan, key: str, target: Path, *, as_json: bool) -> None:
    steps = sum(not step.is_group and step.applies is not False for step in made.steps)
    if as_json:
        show_json({"runbook": key, "path": found.relative(target), "steps": steps})
        return
    show(f"{key}  {found.relative(target)}  {steps} steps")
    show(f"open it with: nbrunbook work {shlex.quote(key)}")
