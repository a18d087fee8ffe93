"""nbrunbook instantiate: make the runbook of a release for an environment."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from nbrunbook.commands import completion
from nbrunbook.commands.about_journal import tell_if_new
from nbrunbook.commands.here import operator_of
from nbrunbook.commands.options import EnvironmentOption, at_option, dirty_option, json_option, release_option
from nbrunbook.commands.program import as_called
from nbrunbook.commands.terminal import show, show_json, tell, tell_error
from nbrunbook.documents import notebook
from nbrunbook.errors import NbrunbookError, RunbookExistsError
from nbrunbook.journal.journal import Journal
from nbrunbook.project import ci
from nbrunbook.project.settings import Project
from nbrunbook.runbook.words import steps_words
from nbrunbook.work import instantiate
from nbrunbook.work.checkout import Checkout, checkout
from nbrunbook.work.instantiate import Made, RunbookRequest
from nbrunbook.work.naming import project_here, unknown_to


@click.command(name="instantiate")
@click.argument("path", metavar="[TEMPLATE]", required=False, type=click.Path(path_type=Path))
@click.option(
    "-e",
    "environment",
    cls=EnvironmentOption,
    metavar="ENV",
    shell_complete=completion.environments,
    required=True,
    help="Where it was deployed to; a group means all of it.",
)
@click.option("-p", "given", nargs=2, multiple=True, metavar="NAME VALUE", help="A parameter's value.")
@release_option
@click.option("--pending", "all_pending", is_flag=True, help="All releases that are pending there and have no runbook.")
@click.option("--execute", is_flag=True, help="Run the author's cells too.")
@click.option("--again", is_flag=True, help="Start another runbook for a deployment that has one.")
@at_option
@dirty_option
@click.option("--detached", is_flag=True, help="Make the file alone; 'work FILE' takes it into a journal.")
@json_option
def command(
    path: Path | None,
    given: tuple[tuple[str, str], ...],
    all_pending: bool,
    execute: bool,
    revision: str | None,
    as_json: bool,
    **wanted: Any,
) -> int:
    """Make the runbook of a release for an environment.

    It is written to runbooks/ENV/RELEASE.ipynb and registered in the journal. With --pending, or a group for ENV,
    several are made: all of them are checked before the first is written.
    In CI a journal that is a file is refused, since it would be lost with the machine.
    --pending reads the templates of one commit: of --at, else of the one that CI names, else those of the work tree.
    Without nbrunbook[ci], Markdown templates become runbooks all the same: the first 'work' makes their notebooks.

    \b
    Example:
      nbrunbook instantiate templates/1.0.ipynb -e staging -p kind patch
      nbrunbook instantiate --pending -e production
    """
    again, detached = wanted["again"], wanted["detached"]
    if (path is None) != all_pending or (all_pending and (wanted["release"] is not None or again)):
        raise click.UsageError("either TEMPLATE, or --pending without --release and --again")
    notebook.skip_iri_checks()
    project = project_here(tell=tell)
    if detached and again:
        raise click.UsageError("--again needs the journal, which --detached leaves out.")
    passed_over: list[NbrunbookError] = []
    with _there(project, revision, is_one=all_pending or revision is not None) as there:
        who = operator_of(project)
        asked = RunbookRequest(project=project, operator=who, given=dict(given), revision=there, **wanted)
        known = instantiate.known_journal(asked)
        if path is not None:
            asked = replace(asked, template=there.read(there.named(path)))
        made = _make(asked, path, known, passed_over, execute=execute)
        faults = [there.told(each) for each in passed_over]
    several = all_pending or asked.environment in project.groups
    if made or as_json or not faults:
        _report(project, made, as_json=as_json, several=several, detached=detached)
    for each in made:
        if each.built.failure is not None:
            raise each.built.failure
    for fault in faults:
        tell_error(fault)
    return 1 if faults else 0


def make_one(project: Project, template: str, environment: str, *, again: bool) -> str:
    """Make the runbook of a template of the work tree in one environment, and return its key."""
    there = Checkout(project=project)
    asked = RunbookRequest(
        project=project,
        operator=operator_of(project),
        environment=environment,
        template=there.read(there.named(Path(template))),
        again=again,
    )
    (made,) = _make(asked, Path(template), instantiate.known_journal(asked), [], execute=False)
    return made.key


@contextmanager
def _there(project: Project, revision: str | None, *, is_one: bool) -> Iterator[Checkout]:
    """Where the templates are read; of one revision it is said which."""
    if not is_one:
        yield Checkout(project=project)
        return
    with checkout(project, revision) as there:
        tell(there.words)
        yield there


def _make(
    asked: RunbookRequest,
    path: Path | None,
    known: Journal | None,
    passed_over: list[NbrunbookError],
    *,
    execute: bool,
) -> list[Made]:
    project = asked.project
    environments = instantiate.where_it_applies(asked)
    for name in project.members(asked.environment):
        if name not in environments:
            tell(f"{path} does not apply in {name}")
    made = instantiate.make(asked, environments, known, execute=execute, passed_over=passed_over)
    for each in made:
        if each.held.said:
            tell(f"{each.key}: {each.held.said}")
    journal = known or Journal.open(project.journal, create=True) if made and not asked.detached else None
    if journal is not None:
        tell_if_new(project, journal)
        if others := unknown_to(journal, project):
            tell(f"{others}; from now on it knows this one, too")
    return [each for each in made if _publish(journal, each, asked)]


def _publish(journal: Journal | None, made: Made, asked: RunbookRequest) -> bool:
    """Put a runbook in its place; of all that is pending, what somebody else made at the same moment is passed over.

    So every process of a rollout may ask for the same.
    """
    try:
        instantiate.publish(journal, made, asked.operator)
    except RunbookExistsError:
        if asked.template is not None:
            raise
        tell(f"{made.key} was made by somebody else at the same moment")
        return False
    return True


def _report(project: Project, made: Sequence[Made], *, as_json: bool, several: bool, detached: bool) -> None:
    facts = [_facts(project, each, detached=detached) for each in made]
    for one, each in zip(made, facts, strict=True):
        _summarise(one, each)
        if not as_json:
            _tell_of(one, each)
    if as_json:
        show_json({"runbooks": facts} if several else facts[0])
    elif not facts:
        tell("nothing to make: whatever is pending there has a runbook")


def _facts(project: Project, made: Made, *, detached: bool) -> dict[str, Any]:
    path, link = project.relative(made.target) if made.has_notebook else None, project.link(made.key)
    plan = made.built.plan
    counted = {"steps": plan.boxes - plan.if_needed, "if_needed": plan.if_needed}
    return {"runbook": made.key, "path": path, **counted, "url": link or None, "detached": detached}


def _opens(facts: Mapping[str, Any]) -> str:
    return as_called(f"nbrunbook work {shlex.quote(facts['path'] if facts['detached'] else facts['runbook'])}")


def _summarise(made: Made, facts: Mapping[str, Any]) -> None:
    """Show it in the CI job's summary, where there is one."""
    note = "No journal knows it yet: this command takes the file into one." if facts["detached"] else ""
    plan = made.built.plan
    about = {"release": plan.release, "environment": plan.environment, "steps": steps_words(plan)}
    ci.write_summary(ci.summary(made.key, **about, link=facts["url"] or "", open_with=_opens(facts), note=note))


def _tell_of(made: Made, facts: Mapping[str, Any]) -> None:
    show(f"{facts['runbook']}  {facts['path'] or 'no notebook yet'}  {steps_words(made.built.plan)}")
    if facts["detached"]:
        show("detached: no journal knows it")
    show(f"open it with: {_opens(facts)}")
    if facts["url"]:
        show(f"and on the hub, after that command there: {facts['url']}")
