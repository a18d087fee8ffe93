"""Origins: a runbook's facts name its template in git, and the deployment that it was made for."""

from __future__ import annotations

import re
import subprocess

import pytest

from tests.conftest import MakeRunbook, Workplace
from tests.making import run_git, runbook_file


def header_of(work: Workplace, key: str = "staging/1.0") -> str:
    """Return the header as a runbook's file shows it, as text."""
    (output,) = runbook_file(work, key)["cells"][0]["outputs"]
    return "".join(output["data"]["text/plain"])


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
        "said_by": "GitHub Actions",
    }
    assert "Deployed: by kim, commit abc123, https://forge" in header_of(work)


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


def test_nothing_was_deployed_where_nobody_said_so(work: Workplace, runbook: MakeRunbook) -> None:
    """A commit that is only checked out is what a runbook was made from."""
    work.template("- [ ] A {#a}")
    for arguments in (["init", "-q"], ["add", "."], ["commit", "-qm", "First"]):
        run_git(work.root, *arguments)
    runbook("- [ ] A {#a}")
    head = run_git(work.root, "rev-parse", "HEAD").strip()
    deployment = {"commit": head, "pipeline": "", "deployed_by": ""}
    assert runbook_file(work)["metadata"]["nbrunbook"]["deployment"] == deployment
    assert f"Made from: commit {head[:12]} by ana\n" in header_of(work)
    assert "Deployed" not in header_of(work)
    assert "Not committed" not in header_of(work)


def test_what_no_commit_holds_stands_in_the_facts(work: Workplace, runbook: MakeRunbook) -> None:
    """The header says so, and the record; of a template that is committed there is no such fact."""
    work.template("- [ ] A {#a}")
    for arguments in (["init", "-q"], ["add", "."], ["commit", "-qm", "First"]):
        run_git(work.root, *arguments)
    assert "uncommitted" not in runbook_file(work, runbook("- [ ] A {#a}"))["metadata"]["nbrunbook"]["template"]
    key = runbook("- [ ] B {#b .optional}", environment="production")
    template = runbook_file(work, key)["metadata"]["nbrunbook"]["template"]
    assert (template["uncommitted"], template["parts"][0]["commit"]) == (["templates/1.0.ipynb"], "")
    assert "Not committed: templates/1.0.ipynb\n" in header_of(work, key)
    assert work.run("sign-off", key) == work.run("archive", key) == 0, work.err
    page = (work.root / "records" / f"{key}.html").read_text(encoding="utf-8")
    assert re.search(r"Not committed</th>\s*<td>templates/1.0.ipynb<", page), page
    assert work.run("verify", f"records/{key}.html") == 0
