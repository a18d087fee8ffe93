"""Origins: a runbook's facts name its template in git, and the deployment that it was made for."""

from __future__ import annotations

import subprocess

import pytest

from tests.conftest import MakeRunbook, Workplace
from tests.making import runbook_file


def test_a_pipeline_says_what_was_deployed(
    work: Workplace, runbook: MakeRunbook, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The commit, the pipeline's address and who deployed come from CI's environment."""
    monkeypatch.setenv("CI", "false")
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_SHA", "abc123")
    monkeypatch.setenv("GITHUB_SERVER_URL", "https://forge.example.com")
    monkeypatch.setenv("GITHUB_REPOSITORY", "shop/web")
    monkeypatch.setenv("GITHUB_RUN_ID", "42")
    monkeypatch.setenv("GITHUB_ACTOR", "kim")
    runbook("- [ ] A {#a}")
    assert runbook_file(work)["metadata"]["nbrunbook"]["deployment"] == {
        "commit": "abc123",
        "pipeline": "https://forge.example.com/shop/web/actions/runs/42",
        "deployed_by": "kim",
    }


def test_a_template_in_git_is_named_with_its_commit(work: Workplace, runbook: MakeRunbook) -> None:
    """The commit that holds the template's bytes is written down; an edited template has none."""
    path = work.template("- [ ] A {#a}")
    for arguments in (
        ["init", "-q"],
        ["add", "."],
        ["-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "First"],
    ):
        subprocess.run(["git", *arguments], cwd=work.root, check=True)
    head = subprocess.run(["git", "rev-parse", "HEAD"], cwd=work.root, capture_output=True, text=True, check=True)
    assert work.run("instantiate", path, "-e", "staging") == 0
    about = runbook_file(work)["metadata"]["nbrunbook"]
    assert about["template"]["parts"][0]["commit"] == about["deployment"]["commit"] == head.stdout.strip()
    work.template("- [ ] B {#b}")
    assert work.run("instantiate", path, "-e", "production") == 0
    assert runbook_file(work, "production/1.0")["metadata"]["nbrunbook"]["template"]["parts"][0]["commit"] == ""
