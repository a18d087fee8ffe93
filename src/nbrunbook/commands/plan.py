"""nbrunbook plan: show a template's steps, parameters and findings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from nbrunbook.commands.opening import json_option, release_option, show, show_json, tell, template_of
from nbrunbook.documents import attributes, notebook
from nbrunbook.errors import ParameterError, TemplateError
from nbrunbook.project.names import check_name
from nbrunbook.project.settings import Project, project_if_any
from nbrunbook.runbook.parameters import Secret, bind_values, require_all, shown
from nbrunbook.runbook.plan import Plan, Step
from nbrunbook.template import planning
from nbrunbook.template.template import Template


@click.command(name="plan")
@click.argument("path", metavar="TEMPLATE", type=click.Path(path_type=Path))
@click.option("-e", "environment", metavar="ENV", help="The environment to plan for, or a group.")
@click.option("-p", "given", nargs=2, multiple=True, metavar="NAME VALUE", help="A parameter's value.")
@release_option
@json_option
def command(
    path: Path, environment: str | None, given: tuple[tuple[str, str], ...], release: str | None, as_json: bool
) -> int:
    """Show a template's steps, parameters and findings.

    Nothing is run and nothing is written. The exit status is 1 where a finding
    stops the template from becoming a runbook.

    \b
    Example: nbrunbook plan templates/1.0.ipynb -e staging -p kind patch
    """
    notebook.skip_iri_checks()
    template = template_of(path)
    project = project_if_any()
    members = project.members(environment) if project and environment else (environment,)
    plans = [planning.make(template, bind(template, each, dict(given), release)) for each in members]
    if as_json:
        is_group = project is not None and environment in project.groups
        facts = [as_facts(template, made) for made in plans]
        show_json(facts if is_group else facts[0])
    for number, made in enumerate(plans if not as_json else ()):
        if number:
            show()
        _show(template, made)
    if template.stopping:
        tell(f"{len(template.stopping)} of the findings stop this template from becoming a runbook")
    return 1 if template.stopping else 0


def bind(
    template: Template, environment: str | None, given: dict[str, str], release: str | None = None
) -> dict[str, Any]:
    """Return the parameters' values: command line, the environment's table, defaults."""
    table: dict[str, Any] = {}
    if release is not None:
        given = {**given, "release": check_name(release, "release")}
    if "environment" in given:
        raise ParameterError("environment", "given with -p", "-e ENV, which also brings the environment's values")
    if environment is not None:
        given = {"environment": environment, **given}
        project = project_if_any()
        check_name(environment, "environment")
        table = dict(project.environment(environment).values) if project else {}
    return bind_values(list(template.parameters), table, given)


def for_runbook(
    project: Project, path: Path, environment: str, given: dict[str, str], release: str | None
) -> tuple[Template, dict[str, Any], Plan]:
    """Return a template, its parameters' values and its plan; raises for whatever keeps it from becoming a runbook."""
    template = template_of(path)
    if template.stopping:
        raise TemplateError(template.path, template.stopping)
    values = bind(template, environment, given, release)
    require_all(list(template.parameters), values)
    base = project.relative(template.folder.absolute())
    return template, values, planning.make(template, values, base="" if base == "." else base)


def as_facts(template: Template, made: Plan) -> dict[str, Any]:
    """Return a template and its plan as JSON."""
    return {
        "release": made.release,
        "parameters": [
            {
                "name": each.name,
                "type": each.type.name,
                "default": None if each.required else _shown(each.default),
                "help": each.help,
            }
            for each in template.parameters
        ],
        "steps": [step.to_json() for step in made.steps],
        "problems": [
            {
                "id": each.id,
                "message": f"{each.message}{f' ({each.hint})' if each.hint else ''}",
                "cell": each.cell,
                "line": each.line,
            }
            for each in template.problems
        ],
    }


def _shown(default: Any) -> Any:
    return default.name if isinstance(default, Secret) else default


def _show(template: Template, made: Plan) -> None:
    show(f"{made.release}{f' in {made.environment}' if made.environment else ''}")
    values = {value.name: shown(value.value) for value in made.values}
    for each in template.parameters:
        value = values.get(each.name, "(no value yet)")
        show(f"  {each.name}: {each.type.name} = {value}{f'   # {each.help}' if each.help else ''}")
    for section in made.sections:
        marks = [*section.flags, *(["if-needed"] if section.closed_by == section.id else [])]
        show(f"\n{section.title or 'Steps'}  ({section.id}){''.join(f' .{mark}' for mark in marks)}")
        for step in made.by_section.get(section.id, ()):
            show(_line(made, step))
    boxes = sum(not step.is_group and step.applies is not False for step in made.steps)
    show(f"\n{boxes} steps, {len(template.problems)} findings")
    for problem in template.problems:
        show(f"  {problem}")


def _line(made: Plan, step: Step) -> str:
    depth, parent = 0, step.parent
    while parent:
        depth, parent = depth + 1, made.by_id[parent].parent
    box = "-" if step.is_group else "[/]" if step.applies is False else "[ ]"
    return f"  {'  ' * depth}{box} {step.title} {attributes.show(step.attributes)}"
