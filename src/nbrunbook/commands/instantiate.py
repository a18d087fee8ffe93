"""nbrunbook instantiate: make the runbook of a release for an environment."""

from __future__ import annotations

import shlex
from pathlib import Path

import click

from nbrunbook import ci, notebook, places, project, runbook, session
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
@click.option("--detached", is_flag=True, help="Make the file alone; 'work FILE' takes it into a journal.")
@json_option
def command(
    path: Path,
    environment: str,
    given: tuple[tuple[str, str], ...],
    release: str | None,
    execute: bool,
    again: bool,
    detached: bool,
    as_json: bool,
) -> int:
    """Make the runbook of a release for an environment.

    It is written to runbooks/ENV/RELEASE.ipynb and registered in the journal.
    In CI a journal that is a file is refused, since it would be lost with the machine.

    \b
    Example: nbrunbook instantiate templates/1.0.ipynb -e staging -p kind patch
    """
    notebook.skip_iri_checks()
    found = project.find()
    _refuse_to_lose(found, again=again, detached=detached)
    operator = opening.operator_of(found)
    read, values, made = for_runbook(found, path, environment, dict(given), release)
    project.check_name(made.release, "release")
    _require_release(found, read, made.release)
    deployment = f"{made.environment}/{made.release}"
    known = Journal.open(found.journal) if not detached and Journal(found.journal).exists() else None
    key = session.free_key(known, found, deployment, operator, again=again) if known else deployment
    about = runbook.facts(read, made, found, key=key, created_by=operator.name, created_at=session.now())
    target = found.runbook_path(key)
    _refuse_unknown_file(found, target)
    built = runbook.build(read, made, values, found, about, execute=execute)
    journal = None if detached else known or Journal.open(found.journal, create=True)
    if journal and journal.is_new and any(found.records.glob("*/*.html")):
        tell(f"the journal {journal.where} is new, although there are records in {found.relative(found.records)}")
    _publish(journal, built, operator, target)
    _report(found, made, key, target, as_json=as_json, detached=detached)
    if built.failure is not None:
        raise built.failure
    return 0


def _refuse_to_lose(found: Project, *, again: bool, detached: bool) -> None:
    """Refuse a journal that ends with the CI's machine, and a detached second runbook, whose key nobody knows."""
    if detached and again:
        raise click.UsageError("--again needs the journal, which --detached leaves out.")
    journal = Journal(found.journal)
    if ci.is_ci() and not detached and not journal.shared:
        raise NbrunbookError(
            f"the journal {found.relative(Path(journal.where))} would be lost with this CI job",
            "the team's journal: NBRUNBOOK_JOURNAL=postgresql+psycopg://…",
            "or --detached, which makes the file alone; CI=false for a machine that stays",
        )


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


def _publish(journal: Journal | None, built: Built, operator: Operator, target: Path) -> None:
    """Rename the file within the transaction that registers it; without a journal, just so."""
    placed = False

    def place(temporary: Path) -> None:
        nonlocal placed
        notebook.put(temporary, target)
        placed = True

    try:
        with notebook.beside(target) as temporary:
            temporary.write_bytes(built.content)
            if journal is None:
                place(temporary)
            else:
                session.register(journal, built, operator, publish=lambda: place(temporary))
    except OSError as error:
        raise NbrunbookError(
            f"{target} cannot be written ({error.strerror})", "a folder that can be written to"
        ) from None
    except NbrunbookError:
        if placed:
            target.unlink(missing_ok=True)
        raise


def _report(found: Project, made: Plan, key: str, target: Path, *, as_json: bool, detached: bool) -> None:
    steps = sum(not step.is_group and step.applies is not False for step in made.steps)
    path, link = found.relative(target), found.link(key)
    command = f"nbrunbook work {shlex.quote(path if detached else key)}"
    note = "No journal knows it yet: this command takes the file into one." if detached else ""
    about = {"release": made.release, "environment": made.environment}
    ci.write_summary(ci.summary(key, **about, steps=steps, link=link, open_with=command, note=note))
    if as_json:
        show_json({"runbook": key, "path": path, "steps": steps, "url": link or None, "detached": detached})
        return
    show(f"{key}  {path}  {steps} steps")
    if detached:
        show("detached: no journal knows it")
    show(f"open it with: {command}")
    if link:
        show(f"and on the hub, after that command there: {link}")
