"""nbrunbook instantiate: make the runbook of a release for an environment."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from nbrunbook.commands import opening
from nbrunbook.commands.opening import json_option, refuse_to_lose, release_option, show, show_json, tell, tell_if_new
from nbrunbook.commands.plan import for_runbook
from nbrunbook.documents import files, notebook
from nbrunbook.errors import NbrunbookError, ParameterError
from nbrunbook.journal.journal import Journal
from nbrunbook.project import ci
from nbrunbook.project.names import check_name
from nbrunbook.project.operator import Operator
from nbrunbook.project.settings import Project, find_project
from nbrunbook.runbook import events
from nbrunbook.runbook.attempt import check_texts
from nbrunbook.runbook.metadata import Built
from nbrunbook.runbook.plan import Plan
from nbrunbook.template import files as template_files
from nbrunbook.template.environments import applies_in
from nbrunbook.template.template import Template
from nbrunbook.work import deployments
from nbrunbook.work.build import build, facts_for
from nbrunbook.work.ledger import find_pending
from nbrunbook.work.opening import free_key, register


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """A runbook that nothing keeps from being made."""

    template: Template
    values: dict[str, Any]
    plan: Plan
    key: str
    target: Path


@click.command(name="instantiate")
@click.argument("path", metavar="[TEMPLATE]", required=False, type=click.Path(path_type=Path))
@click.option(
    "-e", "environment", metavar="ENV", required=True, help="Where it was deployed to; a group means all of it."
)
@click.option("-p", "given", nargs=2, multiple=True, metavar="NAME VALUE", help="A parameter's value.")
@release_option
@click.option("--pending", "all_pending", is_flag=True, help="All releases that are pending there and have no runbook.")
@click.option("--execute", is_flag=True, help="Run the author's cells too.")
@click.option("--again", is_flag=True, help="Start another runbook for a deployment that has one.")
@click.option("--detached", is_flag=True, help="Make the file alone; 'work FILE' takes it into a journal.")
@json_option
def command(
    path: Path | None,
    environment: str,
    given: tuple[tuple[str, str], ...],
    release: str | None,
    all_pending: bool,
    execute: bool,
    again: bool,
    detached: bool,
    as_json: bool,
) -> int:
    """Make the runbook of a release for an environment.

    It is written to runbooks/ENV/RELEASE.ipynb and registered in the journal. With --pending, or a group for ENV,
    several are made: all of them are checked before the first is written.
    In CI a journal that is a file is refused, since it would be lost with the machine.

    \b
    Example: nbrunbook instantiate templates/1.0.ipynb -e staging -p kind patch
             nbrunbook instantiate --pending -e production
    """
    if (path is None) != all_pending or (all_pending and (release is not None or again)):
        raise click.UsageError("either TEMPLATE, or --pending without --release and --again")
    notebook.skip_iri_checks()
    project = find_project()
    _refuse_to_lose(project, again=again, detached=detached)
    members, operator = project.members(environment), opening.operator_of(project)
    check_texts("cannot instantiate", "opened", {"operator": operator.name})
    known, values = None if detached else Journal.if_any(project.journal), dict(given)
    if path is None:
        prepared = _pending(project, known, operator, members, values)
    else:
        prepared = _everywhere(project, known, operator, path, members, values, release, again=again)
    built = [_build(project, each, operator, execute=execute) for each in prepared]
    journal = known or Journal.open(project.journal, create=True) if prepared and not detached else None
    if journal is not None:
        tell_if_new(project, journal)
    for one, made in zip(prepared, built, strict=True):
        _publish(journal, made, operator, one.target)
    several = all_pending or environment in project.groups
    _report(project, prepared, as_json=as_json, several=several, detached=detached)
    for made in built:
        if made.failure is not None:
            raise made.failure
    return 0


def _pending(
    project: Project, known: Journal | None, operator: Operator, members: Sequence[str], given: dict[str, str]
) -> list[Prepared]:
    """All that is pending and has no runbook, in order; a value goes to those that declare it."""
    if "release" in given:
        raise ParameterError("release", "given with --pending", "no value: each template is of its own release")
    ledger = find_pending(project, members, journal=known, now=events.now())
    left = [each for name in members for each in ledger.pending[name] if each.state == "not instantiated"]
    asked = [(project.root / str(each.template), each.environment) for each in left]
    declared = {path: {parameter.name for parameter in opening.template_of(path).parameters} for path, _ in asked}
    for name in given if declared else ():
        if not any(name in names for names in declared.values()):
            raise ParameterError.unknown(name, set().union(*declared.values()))
    return [
        _prepare(project, known, operator, path, name, {key: given[key] for key in given if key in declared[path]})
        for path, name in asked
    ]


def _everywhere(
    project: Project,
    known: Journal | None,
    operator: Operator,
    path: Path,
    members: Sequence[str],
    given: dict[str, str],
    release: str | None,
    *,
    again: bool,
) -> list[Prepared]:
    """One for each environment of a group in which the template applies."""
    names = opening.template_of(path).environments
    applies = [name for name in members if applies_in(names, name, project)]
    if not applies:
        raise NbrunbookError(f"{path} does not apply in {', '.join(members)}", f"one of: {', '.join(names or ())}")
    for name in members:
        if name not in applies:
            tell(f"{path} does not apply in {name}")
    return [_prepare(project, known, operator, path, name, given, release, again=again) for name in applies]


def _prepare(
    project: Project,
    known: Journal | None,
    operator: Operator,
    path: Path,
    environment: str,
    given: dict[str, str],
    release: str | None = None,
    *,
    again: bool = False,
) -> Prepared:
    """Check all that may keep one runbook from being made."""
    template, values, made = for_runbook(project, path, environment, given, release)
    check_name(made.release, "release")
    _require_release(project, template, made.release)
    deployment = f"{made.environment}/{made.release}"
    key = free_key(known, project, deployment, operator, again=again) if known else deployment
    if key == deployment and not again and deployments.record_of(project, made.environment, made.release):
        raise NbrunbookError(
            f"{deployment} is signed off: a record says so, and the journal does not know it",
            "",
            "'instantiate … --again' makes a runbook all the same",
        )
    target = project.runbook_path(key)
    _refuse_unknown_file(project, target)
    return Prepared(template=template, values=values, plan=made, key=key, target=target)


def _build(project: Project, each: Prepared, operator: Operator, *, execute: bool) -> Built:
    about = facts_for(
        each.template, each.plan, project, key=each.key, created_by=operator.name, created_at=events.now()
    )
    return build(each.template, each.plan, each.values, project, about, execute=execute)


def _refuse_to_lose(project: Project, *, again: bool, detached: bool) -> None:
    """Refuse a journal that ends with the CI's machine, and a detached second runbook, whose key nobody knows."""
    if detached and again:
        raise click.UsageError("--again needs the journal, which --detached leaves out.")
    if not detached:
        refuse_to_lose(project, "or --detached, which makes the file alone")


def _require_release(project: Project, template: Template, release: str) -> None:
    """Refuse the name of a folder of parts for a release, and one part of several for a template."""
    if release in template_files.FOLDERS:
        raise NbrunbookError(
            f"{template.path} is of a release without a name",
            "--release NAME",
            "or give its parts one: nbrunbook cut NAME",
        )
    if template.path.is_file() and template.path.absolute().parent.parent == project.templates:
        raise NbrunbookError(f"{template.path} is one part of a template", f"all of it: {template.path.parent}")


def _refuse_unknown_file(project: Project, target: Path) -> None:
    if target.exists():
        name = project.relative(target)
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
        files.put(temporary, target)
        placed = True

    try:
        with files.beside(target) as temporary:
            temporary.write_bytes(built.content)
            if journal is None:
                place(temporary)
            else:
                register(journal, built, operator, publish=lambda: place(temporary))
    except OSError as error:
        raise NbrunbookError(
            f"{target} cannot be written ({error.strerror})", "a folder that can be written to"
        ) from None
    except NbrunbookError:
        if placed:
            target.unlink(missing_ok=True)
        raise


def _report(
    project: Project, prepared: Sequence[Prepared], *, as_json: bool, several: bool, detached: bool = False
) -> None:
    facts = [_facts(project, each, detached=detached) for each in prepared]
    for made, each in zip(prepared, facts, strict=True):
        _summarise(made, each)
        if not as_json:
            _tell_of(each)
    if as_json:
        show_json({"runbooks": facts} if several else facts[0])
    elif not facts:
        tell("nothing to make: whatever is pending there has a runbook")


def _facts(project: Project, made: Prepared, *, detached: bool) -> dict[str, Any]:
    steps = sum(not step.is_group and step.applies is not False for step in made.plan.steps)
    path, link = project.relative(made.target), project.link(made.key)
    return {"runbook": made.key, "path": path, "steps": steps, "url": link or None, "detached": detached}


def _opens(facts: Mapping[str, Any]) -> str:
    return f"nbrunbook work {shlex.quote(facts['path'] if facts['detached'] else facts['runbook'])}"


def _summarise(made: Prepared, facts: Mapping[str, Any]) -> None:
    """Show it in the CI job's summary, where there is one."""
    note = "No journal knows it yet: this command takes the file into one." if facts["detached"] else ""
    about = {"release": made.plan.release, "environment": made.plan.environment, "steps": facts["steps"]}
    ci.write_summary(ci.summary(made.key, **about, link=facts["url"] or "", open_with=_opens(facts), note=note))


def _tell_of(facts: Mapping[str, Any]) -> None:
    show(f"{facts['runbook']}  {facts['path']}  {facts['steps']} steps")
    if facts["detached"]:
        show("detached: no journal knows it")
    show(f"open it with: {_opens(facts)}")
    if facts["url"]:
        show(f"and on the hub, after that command there: {facts['url']}")
