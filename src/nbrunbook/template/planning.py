"""Planning: from a template and its parameters' values to a plan."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from nbrunbook.documents import attributes
from nbrunbook.documents.markdown.filling import fill_text
from nbrunbook.errors import NbrunbookError, ParameterError, TemplateError
from nbrunbook.project.names import check_name
from nbrunbook.project.settings import Project
from nbrunbook.project.versions import Version
from nbrunbook.runbook import expressions
from nbrunbook.runbook.automation import ATTEMPTS, EVERY, OPTIONS, Automation
from nbrunbook.runbook.parameters import Secret, bind_values, require_all, shown
from nbrunbook.runbook.plan import Plan, Step, Value
from nbrunbook.runbook.program import named
from nbrunbook.runbook.sections import Section
from nbrunbook.template import batch_planning
from nbrunbook.template.argument_values import planned
from nbrunbook.template.bindings import Binding
from nbrunbook.template.template import Template
from nbrunbook.template.written_step import WrittenStep


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What a plan is wanted for."""

    environment: str | None = None
    given: Mapping[str, str] = field(default_factory=dict)
    """Values of parameters, as texts."""
    release: str | None = None
    """The release of a template that has no name yet."""


@dataclass(frozen=True, kw_only=True)
class Planned:
    """A template, its parameters' values and its plan, which nothing keeps from becoming a runbook."""

    template: Template
    values: Mapping[str, Any]
    plan: Plan

    @property
    def code(self) -> tuple[str, ...]:
        """The sources that the plan names."""
        return self.template.code if self.plan.code else ()


def plan_runbook(project: Project, template: Template, wanted: Wanted) -> Planned:
    """Return the plan of a template for a runbook; raises for whatever keeps it from becoming one."""
    if template.stopping:
        raise TemplateError(template.path, template.stopping)
    values = bind(project, template, wanted)
    require_all(list(template.parameters), values)
    return Planned(template=template, values=values, plan=make_in(project, template, values))


def bind(project: Project | None, template: Template, wanted: Wanted) -> dict[str, Any]:
    """Return the parameters' values: those given, the environment's table, defaults."""
    table: dict[str, Any] = {}
    given = dict(wanted.given)
    if wanted.release is not None:
        given["release"] = check_name(wanted.release, "release")
    if "environment" in given:
        raise ParameterError("environment", "given with -p", "-e ENV, which also brings the environment's values")
    if wanted.environment is not None:
        given = {"environment": check_name(wanted.environment, "environment"), **given}
        table = dict(project.environment(wanted.environment).values) if project else {}
    return bind_values(list(template.parameters), table, given)


def make_in(project: Project, template: Template, values: Mapping[str, Any]) -> Plan:
    """Return the plan of a template as `make` does, with its folder in the project as where links start."""
    base = project.from_root(template.folder)
    return make(template, values, base="" if base == "." else base)


def make(template: Template, values: Mapping[str, Any], *, base: str = "") -> Plan:
    """Return the plan of a template for some parameter values.

    A template with `stopping` problems still gives a plan, for showing.
    Raises NbrunbookError where a value makes a `when` undecidable or a duration senseless.
    """
    texts = {name: shown(value) for name, value in values.items()}
    sections = {section.id: section for section in template.sections}
    stopping = {(problem.path, problem.cell, problem.line) for problem in template.stopping}
    steps: dict[str, Step] = {}
    for written in template.steps:
        place = written.place
        faulty = (place.path, place.number, written.line + place.above) in stopping
        steps[written.id] = _step(written, sections[written.section], steps, values, texts, faulty=faulty)
    automated = _automated(template, steps, values)
    return Plan(
        release=texts.get("release", template.name),
        environment=texts.get("environment", ""),
        base=base,
        values=tuple(_values(template, values)),
        sections=template.sections,
        steps=tuple(_ungrouped((steps | automated).values())),
        references=template.references,
        images=template.images,
        code=tuple(map(named, template.code)) if automated else (),
    )


def _automated(template: Template, steps: Mapping[str, Step], values: Mapping[str, Any]) -> dict[str, Step]:
    """The steps that a function does, by their ids."""
    bound = template.bindings.by_step if template.bindings.automated else {}
    return {
        step.id: replace(step, kind=bound[step.id].kind, automation=_automation(bound[step.id], template, values))
        for step in steps.values()
        if step.id in bound and step.kind != "group"
    }


def _automation(binding: Binding, template: Template, values: Mapping[str, Any]) -> Automation:
    if binding.kind == "batch":
        name = binding.function_name
        facts = batch_planning.facts_of(binding, values, faulty=bool(template.stopping))
        return Automation(function=name, fingerprint=template.bindings.fingerprints.of(name), batch=facts)
    function, said = binding.function_name, {"every": EVERY, "attempts": ATTEMPTS, **binding.arguments}
    numbers = {
        option: planned(binding, option, said[option], values, faulty=bool(template.stopping))
        for option in OPTIONS[binding.kind]
        if option in said
    }
    return Automation(
        function=function,
        fingerprint=template.bindings.fingerprints.of(function),
        attempts=numbers.get("attempts", ATTEMPTS),
        every_seconds=numbers.get("every"),
        timeout_seconds=numbers.get("timeout"),
    )


def _values(template: Template, values: Mapping[str, Any]) -> Iterable[Value]:
    for parameter in template.parameters:
        if parameter.name in values:
            value = values[parameter.name]
            yield Value(
                name=parameter.name,
                type=parameter.type.name,
                value=value.name if isinstance(value, Secret) else str(value) if isinstance(value, Version) else value,
            )


def _step(
    written: WrittenStep,
    section: Section,
    above: Mapping[str, Step],
    values: Mapping[str, Any],
    texts: Mapping[str, str],
    *,
    faulty: bool,
) -> Step:
    keys = written.attributes.keys
    parent = above.get(written.parent) if written.parent else None
    conditions = [*section.when, *([keys["when"]] if "when" in keys else [])]
    own = _all_of(conditions)
    inherited = parent.when if parent else None
    when = inherited if own == _all_of(section.when) and inherited else _all_of([*_each(inherited), *_each(own)])
    flags = [flag for flag in written.attributes.flags if flag in attributes.STEP_FLAGS]
    if "optional" in section.flags and "optional" not in flags:
        flags.append("optional")

    def filled(key: str) -> str | None:
        return fill_text(keys[key], texts) if key in keys else None

    return Step(
        id=written.id,
        title=fill_text(written.title, texts),
        kind="manual" if written.box else "group",
        section=written.section,
        parent=written.parent,
        owner=filled("owner") or (fill_text(section.owner, texts) if section.owner else None),
        evidence=filled("evidence"),
        as_=keys.get("as"),
        when=when,
        applies=_applies(when, values, faulty=faulty),
        after=tuple(attributes.references(filled("after") or "")),
        wait_seconds=_seconds(written, filled("wait"), faulty=faulty),
        due_seconds=_seconds(written, filled("due"), faulty=faulty),
        flags=tuple(flags),
    )


def _each(condition: str | None) -> list[str]:
    return [condition] if condition else []


def _all_of(conditions: Iterable[str]) -> str | None:
    unique = list(dict.fromkeys(conditions))
    return unique[0] if len(unique) == 1 else " and ".join(f"({each})" for each in unique) or None


def _applies(when: str | None, values: Mapping[str, Any], *, faulty: bool) -> bool | None:
    if when is None:
        return True
    try:
        return expressions.decide(when, values)
    except expressions.ExpressionError:
        if faulty:
            return None
        raise


def _seconds(written: WrittenStep, duration: str | None, *, faulty: bool) -> int | None:
    if duration is None:
        return None
    try:
        return attributes.seconds(duration)
    except ValueError:
        if faulty or "{{" in duration:
            return None
        raise NbrunbookError(f"step {written.id}: {duration!r} is no duration", "such as 30m, 24h or 7d") from None


def _ungrouped(steps: Iterable[Step]) -> Iterable[Step]:
    """If `when` removes every sub-step, a `.group` stays an ordinary step."""
    steps = list(steps)
    by_id = {step.id: step for step in steps}
    holding: set[str] = set()
    for step in steps:
        parent = step.parent if step.applies is not False and step.kind != "group" else None
        while parent and parent not in holding:
            holding.add(parent)
            parent = by_id[parent].parent
    for step in steps:
        if step.kind != "group" and "group" in step.flags and step.id not in holding:
            step = replace(step, flags=tuple(flag for flag in step.flags if flag != "group"))
        yield step
