"""CI: what its services say of the pipeline that runs, and the summary that we show there.

Every name stands in the documentation of its service: docs/ci.md lists the pages.
"""

from __future__ import annotations

import html
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from nbrunbook.errors import visible


@dataclass(frozen=True, kw_only=True)
class Service:
    """The names of one CI's variables."""

    mark: str
    """A variable that is set in every one of its jobs and nowhere else."""
    value: str = ""
    """What the mark holds; empty for whatever."""
    commit: str
    pipeline: str
    """The address of the pipeline's page, of variables in braces."""
    deployers: tuple[str, ...]
    """Who started the pipeline; the first that is set counts."""


SERVICES: Mapping[str, Service] = {
    "GitHub Actions": Service(
        mark="GITHUB_ACTIONS",
        commit="GITHUB_SHA",
        pipeline="{GITHUB_SERVER_URL}/{GITHUB_REPOSITORY}/actions/runs/{GITHUB_RUN_ID}",
        # Who started a run again is the triggering actor; the actor stays who started it first.
        deployers=("GITHUB_TRIGGERING_ACTOR", "GITHUB_ACTOR"),
    ),
    "GitLab CI": Service(
        mark="GITLAB_CI",
        commit="CI_COMMIT_SHA",
        pipeline="{CI_PIPELINE_URL}",
        deployers=("GITLAB_USER_LOGIN",),
    ),
    "Woodpecker": Service(
        mark="CI",
        value="woodpecker",
        commit="CI_COMMIT_SHA",
        pipeline="{CI_PIPELINE_URL}",
        deployers=("CI_PIPELINE_AUTHOR", "CI_COMMIT_AUTHOR"),
    ),
    "CircleCI": Service(
        mark="CIRCLECI",
        commit="CIRCLE_SHA1",
        pipeline="{CIRCLE_BUILD_URL}",
        deployers=("CIRCLE_USERNAME",),
    ),
    "Buildkite": Service(
        mark="BUILDKITE",
        commit="BUILDKITE_COMMIT",
        pipeline="{BUILDKITE_BUILD_URL}",
        # Who let a blocked build go on to the deployment comes before who started it.
        deployers=("BUILDKITE_UNBLOCKER", "BUILDKITE_BUILD_CREATOR"),
    ),
    "Azure Pipelines": Service(
        mark="TF_BUILD",
        commit="BUILD_SOURCEVERSION",
        pipeline="{SYSTEM_COLLECTIONURI}{SYSTEM_TEAMPROJECT}/_build/results?buildId={BUILD_BUILDID}",
        deployers=("BUILD_REQUESTEDFOR",),
    ),
    "Bitbucket Pipelines": Service(
        mark="BITBUCKET_BUILD_NUMBER",
        commit="BITBUCKET_COMMIT",
        pipeline="https://bitbucket.org/{BITBUCKET_REPO_FULL_NAME}/pipelines/results/{BITBUCKET_BUILD_NUMBER}",
        deployers=("BITBUCKET_STEP_TRIGGERER_UUID",),
    ),
    "Drone": Service(
        mark="DRONE",
        commit="DRONE_COMMIT_SHA",
        pipeline="{DRONE_BUILD_LINK}",
        deployers=("DRONE_BUILD_TRIGGER", "DRONE_COMMIT_AUTHOR"),
    ),
    "TeamCity": Service(
        mark="TEAMCITY_VERSION",
        commit="BUILD_VCS_NUMBER",
        pipeline="{BUILD_URL}",
        deployers=(),
    ),
    # Last: other services set some of its names too.
    "Jenkins": Service(
        mark="JENKINS_URL",
        commit="GIT_COMMIT",
        pipeline="{BUILD_URL}",
        deployers=("BUILD_USER_ID", "BUILD_USER"),
    ),
}
NAMES = frozenset(
    name
    for service in SERVICES.values()
    for name in (service.mark, service.commit, *re.findall(r"{(\w+)}", service.pipeline), *service.deployers)
) | {"CI", "GITHUB_STEP_SUMMARY"}
"""Every variable that is read here."""


def is_ci(env: Mapping[str, str] = os.environ) -> bool:
    """Tell whether this is a job of a CI. What `CI` says goes before all else: empty, 0 and false mean no."""
    if "CI" in env:
        return env["CI"].strip().lower() not in ("", "0", "false")
    return _service(env) is not None


def commit(env: Mapping[str, str] = os.environ) -> str:
    """Return the commit that the pipeline runs on; empty where that is not said."""
    service = _service(env)
    found = env.get(service.commit, "") if service else ""
    return found if found != "HEAD" else ""  # Buildkite says HEAD until it has asked git


def service(env: Mapping[str, str] = os.environ) -> str:
    """Return the name of the CI that says which commit its pipeline runs on; empty where none does."""
    found = _service(env) if commit(env) else None
    return next((name for name, each in SERVICES.items() if each is found), "")


def pipeline(env: Mapping[str, str] = os.environ) -> str:
    """Return the address of the pipeline's page; empty where that is not said."""
    service = _service(env)
    names = re.findall(r"{(\w+)}", service.pipeline) if service else []
    if service is None or not all(env.get(name) for name in names):
        return ""
    address = service.pipeline.format_map({name: env[name] for name in names})
    return address.replace(" ", "%20")


def deployer(env: Mapping[str, str] = os.environ) -> str:
    """Return who started the pipeline; empty where that is not said."""
    service = _service(env)
    named = (env.get(name, "").strip() for name in (service.deployers if service else ()))
    return next((name for name in named if name), "")


def _service(env: Mapping[str, str]) -> Service | None:
    for service in SERVICES.values():
        said = env.get(service.mark, "")
        if said and service.value in ("", said):
            return service
    return None


def summary(key: str, *, release: str, environment: str, steps: str, link: str, open_with: str, note: str = "") -> str:
    """Return what a job's summary says of a runbook that was just made, as Markdown; `link` may be empty."""
    where = f'<a href="{html.escape(link)}">Open the runbook</a> after {_code(open_with)} there' if link else ""
    return (
        f"### Runbook {_code(key)}\n\n"
        f"{_code(release)} → {_code(environment)}, {steps}. {where or f'Open it: {_code(open_with)}'}\n\n"
        + (f"{note}\n\n" if note else "")
    )


def _code(text: str) -> str:
    """Text as nothing but text: Markdown finds no mark in HTML's entities, and no forge a mention in code."""
    escaped = re.sub(r"[^\w .,;/-]|_", lambda match: f"&#{ord(match[0])};", visible(text))
    return f"<code>{escaped}</code>"


def write_summary(text: str) -> None:
    """Append to the job's summary where the CI shows one (GitHub Actions); it is no reason to fail."""
    path = os.environ.get("GITHUB_STEP_SUMMARY")
    if path:
        try:
            with Path(path).open("a", encoding="utf-8") as file:
                file.write(text)
        except OSError:
            pass
