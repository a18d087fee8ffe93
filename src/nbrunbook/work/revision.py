"""Renewals: an open runbook's template as it is on disk now, and the plan that it gives for the runbook's values.

What reads templates is loaded only when one has changed: `status` asks each time.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nbrunbook.errors import NbrunbookError, ParameterError, TemplateError
from nbrunbook.project.settings import Project
from nbrunbook.runbook.parameters import Parameter, Secret, bind_values, check, require_all, shown
from nbrunbook.runbook.plan import Plan
from nbrunbook.template import files as template_files
from nbrunbook.work.session import Session

if TYPE_CHECKING:
    from nbrunbook.template.template import Template


FIXED = ("release", "environment")
"""The parameters that say which deployment it is."""


@dataclass(frozen=True, kw_only=True)
class Renewal:
    """What a revision would bring."""

    plan: Plan
    template: Mapping[str, Any]
    """The name and the parts, as in a runbook's facts."""
    parameters: Mapping[str, str]
    """Those that the runbook did not have yet, as texts."""


def template_path(session: Session, project: Project) -> Path | None:
    """Return where the template of a runbook lies now; None where it is not there.

    `cut` may have moved it since, from templates/next to the folder of its release:
    what stands in templates/next by now is of the release that follows.
    """
    about, own = session.template, template_files.taken(project.templates, session.runbook.release)
    named = template_files.of_parts(about["name"], [part["path"] for part in about["parts"]])
    if (
        named
        and template_files.is_template(project.root / named)
        and not (own and about["name"] in template_files.FOLDERS)
    ):
        return project.root / named
    return own


def renew(session: Session, project: Project, given: Mapping[str, str]) -> Renewal:
    """Return what the template gives now for the runbook's own values; `given` are new parameters' values.

    Raises NbrunbookError for whatever keeps the template from becoming a plan.
    """
    from nbrunbook.template import planning
    from nbrunbook.template.template import read_template
    from nbrunbook.work.build import about_template

    path = template_path(session, project)
    if path is None:
        name = session.template["name"]
        raise NbrunbookError(f"the template {name} of {session.key} is not there", "the one that it was made from")
    template = read_template(path)
    if template.stopping:
        raise TemplateError(template.path, template.stopping)
    values = _values(session, template, project, given)
    made = planning.make_in(project, template, values)
    known = {value.name for value in session.progress.versions[-1].plan.values}
    return Renewal(
        plan=made,
        template=about_template(template, project),
        parameters={name: shown(value) for name, value in values.items() if name not in known},
    )


def _values(session: Session, template: Template, project: Project, given: Mapping[str, str]) -> dict[str, Any]:
    """The runbook's own values; for a new parameter what is given, else the environment's, else its default."""
    declared = {each.name: each for each in template.parameters}
    own = {value.name: value for value in session.progress.versions[-1].plan.values}
    kept = {name: own[name].value for name in declared if name in own}
    for name in given:
        if name in FIXED or (name in kept and _fits(declared[name], kept[name])):
            was = shown(own[name].value)
            raise ParameterError(name, f"the runbook was made with {was!r}", "a parameter that it does not have yet")
    table = project.settings(session.runbook.environment).values
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


def waits(session: Session, project: Project) -> bool:
    """Tell whether a revision waits: the template on disk gives other steps than the runbook has.

    A template that is not there, or that is unchanged, has nothing to bring;
    one that changed and cannot become a plan just now has: `revise` says what keeps it from it.
    """
    try:
        if session.progress.state != "open" or not _has_changed(session, project):
            return False
        return renew(session, project, {}).plan.digest != session.progress.versions[-1].plan.digest
    except (TemplateError, ParameterError):
        return True
    except (NbrunbookError, OSError, ValueError):
        return False


def _has_changed(session: Session, project: Project) -> bool:
    path = template_path(session, project)
    if path is None:
        return False
    known = sorted(part["sha256"] for part in session.template["parts"])
    return known != sorted(hashlib.sha256(each.read_bytes()).hexdigest() for each in template_files.files_of(path))


def traces(session: Session, project: Project) -> tuple[Any, ...]:
    """Return what tells cheaply whether to ask `waits` again: the files' times and sizes, and the plan in force."""
    try:
        path = template_path(session, project)
        files = template_files.files_of(path) if path else []
        seen = tuple((str(each), each.stat().st_mtime_ns, each.stat().st_size) for each in files)
    except (NbrunbookError, OSError):
        seen = ()
    return (len(session.progress.versions), session.progress.state, *seen)


WAITS = "the template changed since: nbrunbook revise {key}"


def revision_waits_words(session: Session, project: Project) -> str:
    """Return that a revision waits, and how to look at it; empty where none does."""
    return WAITS.format(key=session.key) if waits(session, project) else ""
