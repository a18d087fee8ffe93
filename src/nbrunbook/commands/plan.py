"""nbrunbook plan: show a template's steps, parameters and findings."""

from __future__ import annotations

from pathlib import Path

import click

from nbrunbook.commands import completion
from nbrunbook.commands.options import EnvironmentOption, json_option, release_option
from nbrunbook.commands.terminal import show, show_json, tell
from nbrunbook.documents import attributes, notebook
from nbrunbook.project.settings import project_if_any
from nbrunbook.runbook.parameters import shown
from nbrunbook.runbook.plan import Plan, Step
from nbrunbook.runbook.words import steps_words
from nbrunbook.template import planning
from nbrunbook.template.facts import plan_facts
from nbrunbook.template.named import read_named
from nbrunbook.template.planning import Wanted
from nbrunbook.template.template import Template
from nbrunbook.texts import many


@click.command(name="plan")
@click.argument("path", metavar="TEMPLATE", type=click.Path(path_type=Path))
@click.option(
    "-e",
    "environment",
    cls=EnvironmentOption,
    metavar="ENV",
    shell_complete=completion.environments,
    help="The environment to plan for, or a group.",
)
@click.option("-p", "given", nargs=2, multiple=True, metavar="NAME VALUE", help="A parameter's value.")
@release_option
@json_option
def command(
    path: Path, environment: str | None, given: tuple[tuple[str, str], ...], release: str | None, as_json: bool
) -> int:
    """Show a template's steps, parameters and findings.

    Nothing is run and nothing is written. The exit status is 1 where a finding
    stops the template from becoming a runbook.
    Notebooks need nbrunbook[ci]; Markdown templates do not.

    \b
    Example:
      nbrunbook plan templates/1.0.ipynb -e staging -p kind patch
    """
    notebook.skip_iri_checks()
    project = project_if_any()
    template = read_named(project, path)
    members = project.members(environment) if project and environment else (environment,)
    asked = [Wanted(environment=each, given=dict(given), release=release) for each in members]
    plans = [planning.make(template, planning.bind(project, template, each)) for each in asked]
    if as_json:
        is_group = project is not None and environment in project.groups
        facts = [plan_facts(template, made) for made in plans]
        show_json(facts if is_group else facts[0])
    for number, made in enumerate(plans if not as_json else ()):
        if number:
            show()
        _show(template, made)
    if template.stopping:
        stops = len(template.stopping)
        tell(f"{stops} of the findings {'stops' if stops == 1 else 'stop'} this template from becoming a runbook")
    return 1 if template.stopping else 0


def _show(template: Template, made: Plan) -> None:
    show(f"{made.release}{f' in {made.environment}' if made.environment else ''}", "strong")
    values = {value.name: shown(value.value) for value in made.values}
    for each in template.parameters:
        value = values.get(each.name, "(no value yet)")
        show(f"  {each.name}: {each.type.name} = {value}{f'   # {each.help}' if each.help else ''}")
    for section in made.sections:
        marks = [*section.flags, *(["if-needed"] if section.closed_by == section.id else [])]
        title = section.heading({**made.texts(), **made.not_yet_known}) or "Steps"
        show(f"\n{title}  ({section.id}){''.join(f' .{mark}' for mark in marks)}", "strong")
        for step in made.by_section.get(section.id, ()):
            show(_line(made, step), "faint" if step.applies is False else "")
    show(f"\n{steps_words(made)}, {many(len(template.problems), 'finding')}")
    for problem in template.problems:
        show(f"  {problem}", "late" if problem.stops else "")


def _line(made: Plan, step: Step) -> str:
    depth, parent = 0, step.parent
    while parent:
        depth, parent = depth + 1, made.by_id[parent].parent
    box = "-" if step.is_group else "[/]" if step.applies is False else "[ ]"
    return f"  {'  ' * depth}{box} {step.title} {attributes.show(step.attributes)}{_does(step)}"


def _does(step: Step) -> str:
    """What the machine does of a step: its kind, its function and how that is run."""
    does = step.automation
    if does is None:
        return ""
    quoted = {name: f'"{value}"' if " " in value else value for name, value in does.options.items()}
    options = "".join(f" {name}={value}" for name, value in quoted.items())
    return f"  {step.kind}: {does.function}{'' if does.batch else '()'}{options}"
