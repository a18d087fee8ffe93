"""CI: what its services say, and what its summary shows."""

from __future__ import annotations

from pathlib import Path

import pytest

from nbrunbook.documents.markdown.filling import Fill
from nbrunbook.documents.markdown.html import draw
from nbrunbook.project import ci
from tests.conftest import ROOT
from tests.making import HOSTILE

JOBS = {
    "GitHub Actions": {
        "GITHUB_ACTIONS": "true",
        "GITHUB_SHA": "c0ffee",
        "GITHUB_SERVER_URL": "https://forge.example.com",
        "GITHUB_REPOSITORY": "shop/web",
        "GITHUB_RUN_ID": "42",
        "GITHUB_ACTOR": "ben",
        "GITHUB_TRIGGERING_ACTOR": "kim",
    },
    "GitLab CI": {
        "GITLAB_CI": "true",
        "CI_COMMIT_SHA": "c0ffee",
        "CI_PIPELINE_URL": "https://forge.example.com/shop/web/-/pipelines/42",
        "GITLAB_USER_LOGIN": "kim",
    },
    "Woodpecker": {
        "CI": "woodpecker",
        "CI_COMMIT_SHA": "c0ffee",
        "CI_PIPELINE_URL": "https://ci.example.com/repos/7/pipeline/42",
        "CI_COMMIT_AUTHOR": "kim",
    },
    "CircleCI": {
        "CIRCLECI": "true",
        "CIRCLE_SHA1": "c0ffee",
        "CIRCLE_BUILD_URL": "https://circleci.example.com/gh/shop/web/42",
        "CIRCLE_USERNAME": "kim",
    },
    "Buildkite": {
        "BUILDKITE": "true",
        "BUILDKITE_COMMIT": "c0ffee",
        "BUILDKITE_BUILD_URL": "https://buildkite.example.com/shop/web/builds/42",
        "BUILDKITE_BUILD_CREATOR": "kim",
    },
    "Azure Pipelines": {
        "TF_BUILD": "True",
        "BUILD_SOURCEVERSION": "c0ffee",
        "SYSTEM_COLLECTIONURI": "https://dev.example.com/shop/",
        "SYSTEM_TEAMPROJECT": "web shop",
        "BUILD_BUILDID": "42",
        "BUILD_REQUESTEDFOR": "kim",
    },
    "Bitbucket Pipelines": {
        "BITBUCKET_BUILD_NUMBER": "42",
        "BITBUCKET_COMMIT": "c0ffee",
        "BITBUCKET_REPO_FULL_NAME": "shop/web",
        "BITBUCKET_STEP_TRIGGERER_UUID": "kim",
    },
    "Drone": {
        "DRONE": "true",
        "DRONE_COMMIT_SHA": "c0ffee",
        "DRONE_BUILD_LINK": "https://drone.example.com/shop/web/42",
        "DRONE_BUILD_TRIGGER": "kim",
    },
    "TeamCity": {
        "TEAMCITY_VERSION": "2025.3",
        "BUILD_VCS_NUMBER": "c0ffee",
        "BUILD_URL": "https://teamcity.example.com/build/42",
    },
    "Jenkins": {
        "JENKINS_URL": "https://jenkins.example.com/",
        "GIT_COMMIT": "c0ffee",
        "BUILD_URL": "https://jenkins.example.com/job/web/42/",
        "BUILD_USER_ID": "kim",
    },
}
"""What a job of each service finds in its environment."""


@pytest.mark.parametrize("name", list(ci.SERVICES))
def test_each_service_says_what_was_deployed(name: str) -> None:
    """Commit, pipeline and deployer are read from the variables that each service documents."""
    env = JOBS[name]
    assert ci.commit(env) == "c0ffee"
    assert "42" in ci.pipeline(env)
    assert ci.pipeline(env).startswith("https://")
    assert " " not in ci.pipeline(env)
    assert ci.deployer(env) == ("" if name == "TeamCity" else "kim")
    assert ci.is_ci(env)


def test_the_service_that_names_a_commit_is_named() -> None:
    """One that names none is none."""
    assert ci.service({"GITLAB_CI": "true", "CI_COMMIT_SHA": "abc"}) == "GitLab CI"
    assert ci.service({"GITLAB_CI": "true"}) == ci.service({"BUILDKITE": "true", "BUILDKITE_COMMIT": "HEAD"}) == ""


def test_outside_of_ci_nothing_is_said() -> None:
    """Names that a service would set say nothing without its mark."""
    env = {name: value for job in JOBS.values() for name, value in job.items()}
    for service in ci.SERVICES.values():
        env.pop(service.mark, None)
    assert (ci.commit(env), ci.pipeline(env), ci.deployer(env), ci.is_ci(env)) == ("", "", "", False)


def test_what_is_missing_makes_no_address() -> None:
    """An address of which a part is missing is none, and a commit that is no commit neither."""
    job = JOBS["GitHub Actions"]
    assert ci.pipeline({**job, "GITHUB_REPOSITORY": ""}) == ""
    assert ci.commit({**JOBS["Buildkite"], "BUILDKITE_COMMIT": "HEAD"}) == ""
    assert ci.deployer({**job, "GITHUB_TRIGGERING_ACTOR": " "}) == "ben"


@pytest.mark.parametrize(("value", "said"), [("true", True), ("1", True), ("false", False), ("0", False), ("", False)])
def test_ci_says_it_itself(value: str, said: bool) -> None:
    """What CI says goes before a service's own mark."""
    assert ci.is_ci({"CI": value, "GITHUB_ACTIONS": "true"}) == said


def test_every_name_stands_in_the_docs() -> None:
    """The page lists each service with the names that are read, and where they are documented."""
    page = (ROOT / "docs" / "ci.md").read_text(encoding="utf-8")
    for name, service in ci.SERVICES.items():
        line = next(line for line in page.splitlines() if line.startswith(f"| [{name}](https://"))
        names = [service.mark, service.commit, *service.deployers]
        assert all(f"`{each}" in line for each in names), line


@pytest.mark.parametrize("text", [*HOSTILE.values(), "a_b_ @ben #7 | `x` https://evil.example.com", "a\n# b"])
def test_a_summary_takes_names_as_text(text: str) -> None:
    """What a name holds forms no markup in the summary, mentions nobody and adds no line."""
    shown = ci.summary(text, release=text, environment=text, steps=3, link="https://h/?a&b", open_with=text)
    drawn = draw(shown.replace("<code>", "").replace("</code>", ""), Fill())
    assert drawn.count("<h3>") == drawn.count("<p>") == 1
    assert "<script" not in shown
    assert "<img" not in shown
    assert shown.count("\n") == 4


def test_a_summary_that_cannot_be_written_stops_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A deployment does not fail for its summary."""
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "no" / "such" / "folder"))
    ci.write_summary("x")
    assert list(tmp_path.iterdir()) == []
