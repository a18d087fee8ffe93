"""Revisions: an open runbook's template as it is on disk now, the plan that it gives, and what that would change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from nbrunbook.errors import NbrunbookError, ParameterError, RefusedError, TemplateError
from nbrunbook.project.settings import Project
from nbrunbook.review import changes, snapshot
from nbrunbook.review.changes import Review
from nbrunbook.review.compare import compare
from nbrunbook.runbook import program
from nbrunbook.runbook.events import Event
from nbrunbook.runbook.parameters import Parameter, Secret, bind_values, check, require_all, shown
from nbrunbook.runbook.plan import Plan, Step
from nbrunbook.runbook.progress import Progress, Version
from nbrunbook.runbook.remedies import going_on
from nbrunbook.runbook.rules import closed_words
from nbrunbook.runbook.status import LIFE
from nbrunbook.template import planning
from nbrunbook.template.planning import Planned
from nbrunbook.template.template import Template, read_template
from nbrunbook.work import plan_code
from nbrunbook.work.commits import Held, look
from nbrunbook.work.following import Following
from nbrunbook.work.origin import about_template
from nbrunbook.work.session import Session
from nbrunbook.work.template_on_disk import template_path

FIXED = ("release", "environment")
"""The parameters that say which deployment it is."""


@dataclass(frozen=True, kw_only=True)
class Renewal:
    """What a revision would bring."""

    shown: Plan
    """The plan in force, which it was compared with."""
    plan: Plan
    code: tuple[str, ...]
    """The sources that the new plan names."""
    shown_code: tuple[str, ...]
    """Those of the plan in force; empty where they cannot be had, such as one that was redacted."""
    template: Mapping[str, Any]
    """The name and the parts, as in a runbook's facts."""
    parameters: Mapping[str, str]
    """Those that the runbook did not have yet, as texts."""
    held: Held
    """What git says of the template's files."""


@dataclass(frozen=True, kw_only=True)
class Touched:
    """The settled steps that a revision touches."""

    reworded: tuple[Step, ...]
    """They read otherwise, and are to be confirmed."""
    removed: tuple[Step, ...]
    """They are only in the journal from now on."""


def refuse_closed(session: Session) -> None:
    """Raise RefusedError where the runbook is not open."""
    if (session.progress.state, "revised") not in LIFE:
        why = closed_words(session.progress)
        raise RefusedError(f"cannot revise {session.key}", why, going_on(session.progress, session.key))


def renew(following: Following, project: Project, given: Mapping[str, str]) -> Renewal:
    """Return what a revision would bring, and what git says of it; `given` and what it raises are as in `replan`."""
    new, shown_plan = replan(following, project, given), following.progress.versions[-1].plan
    known = {value.name for value in shown_plan.values}
    held = look(new.template, project)
    return Renewal(
        shown=shown_plan,
        plan=new.plan,
        code=new.code,
        shown_code=_code_of(following, shown_plan),
        template=about_template(new.template, project, held),
        held=held,
        parameters={name: shown(value) for name, value in new.values.items() if name not in known},
    )


def _code_of(following: Following, plan: Plan) -> tuple[str, ...]:
    try:
        return program.sources(plan, following.journal.blob)
    except NbrunbookError:
        return ()


def replan(following: Following, project: Project, given: Mapping[str, str], *, check: bool = True) -> Planned:
    """Return what the template gives now for the runbook's own values; `given` are new parameters' values.

    `check` is as in `read_template`.
    Raises NbrunbookError for whatever keeps the template from becoming a plan.
    """
    path = template_path(following, project)
    if path is None:
        name = following.template["name"]
        raise NbrunbookError(f"the template {name} of {following.key} is not there", "the one that it was made from")
    template = read_template(path, homes=project.template_homes, check=check)
    if template.stopping:
        raise TemplateError(template.path, template.stopping)
    values = _values(following, template, project, given)
    return Planned(template=template, values=values, plan=planning.make_in(project, template, values))


def _values(following: Following, template: Template, project: Project, given: Mapping[str, str]) -> dict[str, Any]:
    """The runbook's own values; for a new parameter what is given, else the environment's, else its default."""
    declared = {each.name: each for each in template.parameters}
    own = {value.name: value for value in following.progress.versions[-1].plan.values}
    kept = {name: own[name].value for name in declared if name in own}
    for name in given:
        if name in FIXED or (name in kept and _fits(declared[name], kept[name])):
            was = shown(own[name].value)
            raise ParameterError(name, f"the runbook was made with {was!r}", "a parameter that it does not have yet")
    table = project.settings(following.runbook.environment).values
    own_table = {name: value for name, value in kept.items() if name not in given}
    bound = bind_values(list(template.parameters), {**table, **own_table}, dict(given))
    require_all(list(template.parameters), bound)
    return bound


def _fits(declared: Parameter, value: Any) -> bool:
    """Whether the template still takes a value."""
    try:
        is_secret = declared.type.base == "Secret" and isinstance(value, str)
        check(declared, Secret(value) if is_secret else value)
    except (ParameterError, ValueError):
        return False
    return True


# What it does to the steps


def is_new(made: Plan, in_force: Plan) -> bool:
    """Tell whether a plan would bring anything to the one in force.

    Files that only moved bring nothing, and titles are read from the sections' texts: what only reads otherwise since
    an older nbrunbook made the plan, such as a <version> that it left out, brings nothing either.
    """
    return _asked(replace(made, base=in_force.base)) != _asked(in_force)


def _asked(plan: Plan) -> str:
    return replace(plan, steps=tuple(replace(step, title="") for step in plan.steps)).digest


def review(key: str, new: Renewal) -> Review:
    """Return what changes in the runbook of a key, from the plan in force to the new one."""
    paths = [part["path"] for part in new.template["parts"]]
    name = paths[0] if len(paths) == 1 else str(new.template["name"])
    before = snapshot.of_plan(new.shown, key, new.shown_code)
    return compare(before, snapshot.of_plan(new.plan, name, new.code))


def touched(progress: Progress, made: Plan) -> Touched:
    """Return the settled steps that a revision touches."""
    new = Version(plan=made)
    # What was settled in another runbook keeps that one's wording: it is confirmed there.
    own = [step for step in progress.counted if progress.of(step.id).settled and not progress.of(step.id).where]
    settled = [step for step in own if step.id not in progress.added]
    # Those that are marked already stay so, unless the template has gone back to what was done.
    before = progress.versions[-1].wordings
    reworded = [step for step in settled if new.wordings.get(step.id, before[step.id]) != before[step.id]]
    return Touched(reworded=tuple(reworded), removed=tuple(step for step in settled if step.id not in made.by_id))


def revise(session: Session, new: Renewal, found: Review) -> Event:
    """Bring the new plan into force; `found` is what was reviewed. Raises as `Session.revise` does."""
    summary = changes.summary([found])
    return session.revise(
        new.plan,
        shown=new.shown,
        template=new.template,
        summary=summary,
        parameters=new.parameters,
        contents=plan_code.contents(session.journal, new.code),
    )
