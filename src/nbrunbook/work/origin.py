"""Origins: what is known of a runbook when it is made, which never changes: its template, its deployment, by whom."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from nbrunbook import __version__
from nbrunbook.project import ci, git
from nbrunbook.project.settings import Project
from nbrunbook.runbook import events
from nbrunbook.runbook.metadata import Built
from nbrunbook.runbook.plan import Plan, Value
from nbrunbook.template.template import Template


def facts_for(
    template: Template, plan: Plan, project: Project, *, key: str, created_by: str, created_at: datetime
) -> dict[str, Any]:
    """Return what is known of a runbook when it is made; no secret is in it."""
    return _facts(
        about_template(template, project), plan, project, key=key, created_by=created_by, created_at=created_at
    )


def skipped_stub(
    project: Project, *, key: str, environment: str, release: str, created_by: str, created_at: datetime
) -> Built:
    """Return a runbook without steps, template and notebook: for a release that never went there."""
    named = {"release": release, "environment": environment}
    values = tuple(Value(name=name, type="str", value=value) for name, value in named.items())
    plan = Plan(release=release, environment=environment, base="", values=values, sections=(), steps=())
    about = _facts({"name": release, "parts": []}, plan, project, key=key, created_by=created_by, created_at=created_at)
    return Built(content=b"", facts=about, plan=plan)


def _facts(
    template: Mapping[str, Any],
    plan: Plan,
    project: Project,
    *,
    key: str,
    created_by: str,
    created_at: datetime,
) -> dict[str, Any]:
    return {
        "key": key,
        "project": project.name,
        "release": plan.release,
        "environment": plan.environment,
        "template": dict(template),
        "parameters": {value.name: value.value for value in plan.values},
        "plan_digest": plan.digest,
        "deployment": deployment_facts(project.root),
        "created_at": events.instant(created_at),
        "created_by": created_by,
        "version": __version__,
    }


def about_template(template: Template, project: Project) -> dict[str, Any]:
    """Return a template's name and its parts, each with its sha256 and the commit that last changed it."""
    parts = [
        {
            "path": project.from_root(part.path),
            "sha256": part.sha256,
            "commit": git.commit_of(project.root, part.path) or "",
        }
        for part in template.parts
    ]
    about = {"name": template.name, "parts": parts}
    return about if template.environments is None else {**about, "environments": list(template.environments)}


def deployment_facts(root: Path) -> dict[str, str]:
    """Return what the CI, or else git, says of this deployment."""
    return {"commit": ci.commit() or git.head(root), "pipeline": ci.pipeline(), "deployed_by": ci.deployer()}
