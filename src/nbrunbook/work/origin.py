"""Origins: what is known of a runbook when it is made, which never changes: its template, its deployment, by whom."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from nbrunbook import __version__
from nbrunbook.project import ci, git
from nbrunbook.project.settings import Project
from nbrunbook.runbook import events
from nbrunbook.runbook.metadata import Built
from nbrunbook.runbook.plan import Plan, Value
from nbrunbook.template.template import Template
from nbrunbook.work.checkout import Checkout
from nbrunbook.work.commits import Held


def facts_for(
    template: Template,
    plan: Plan,
    there: Checkout,
    held: Held,
    *,
    key: str,
    created_by: str,
    created_at: datetime,
) -> dict[str, Any]:
    """Return what is known of a runbook when it is made; no secret is in it. `there` is where its template is read."""
    about = about_template(template, there.project, held)
    return _facts(about, plan, there, key=key, created_by=created_by, created_at=created_at)


def skipped_stub(
    project: Project, *, key: str, environment: str, release: str, created_by: str, created_at: datetime
) -> Built:
    """Return a runbook without steps, template and notebook: for a release that never went there."""
    named = {"release": release, "environment": environment}
    values = tuple(Value(name=name, type="str", value=value) for name, value in named.items())
    plan = Plan(release=release, environment=environment, base="", values=values, sections=(), steps=())
    template, here = {"name": release, "parts": []}, Checkout(project=project)
    about = _facts(template, plan, here, key=key, created_by=created_by, created_at=created_at)
    return Built(content=b"", facts=about, plan=plan)


def _facts(
    template: Mapping[str, Any],
    plan: Plan,
    there: Checkout,
    *,
    key: str,
    created_by: str,
    created_at: datetime,
) -> dict[str, Any]:
    return {
        "key": key,
        "project": there.project.name,
        "release": plan.release,
        "environment": plan.environment,
        "template": dict(template),
        "parameters": {value.name: value.value for value in plan.values},
        "plan_digest": plan.digest,
        "deployment": deployment_facts(there),
        "created_at": events.instant(created_at),
        "created_by": created_by,
        "version": __version__,
    }


def about_template(template: Template, project: Project, held: Held) -> dict[str, Any]:
    """Return a template's name and its parts, each with its sha256 and the commit that last changed it.

    Under `uncommitted` stands which of its files no commit holds, where there are any.
    """
    parts = [
        {"path": project.from_root(part.path), "sha256": part.sha256, "commit": held.last_changes.get(part.path, "")}
        for part in template.parts
    ]
    about: dict[str, Any] = {"name": template.name, "parts": parts}
    if template.environments is not None:
        about["environments"] = list(template.environments)
    return {**about, "uncommitted": list(held.uncommitted)} if held.uncommitted else about


def deployment_facts(there: Checkout) -> dict[str, str]:
    """Return what is said of this deployment: by whom it is said which commit it is, where that is not git alone."""
    commit = there.commit or ci.commit() or git.head(there.project.root)
    said_by = there.said_by if there.commit else ci.service()
    about = {"commit": commit, "pipeline": ci.pipeline(), "deployed_by": ci.deployer()}
    return {**about, "said_by": said_by} if said_by else about
