"""The workflow for GitHub: what it says, and what its scripts do."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from nbrunbook.template.starter import FOLDER
from tests.conftest import ROOT, MakeRunbook, Workplace

TEXT = (FOLDER / "nbrunbook.yml").read_text(encoding="utf-8")
PAGE = (ROOT / "docs" / "ci.md").read_text(encoding="utf-8")
WORKFLOWS = [yaml.safe_load(text) for text in re.findall(r"```yaml\n((?:#[^\n]*\n)*name: .*?)```", PAGE, re.DOTALL)]


def _steps() -> list[dict[str, Any]]:
    return [step for flow in WORKFLOWS for job in flow["jobs"].values() for step in job["steps"]]


def _script(name: str) -> str:
    return next(step["run"] for step in _steps() if step.get("name") == name)


def test_the_docs_show_the_workflow_that_init_writes() -> None:
    """The page holds the whole file, to the letter."""
    assert f"```yaml\n{TEXT}```" in PAGE
    assert len(WORKFLOWS) == 2


def test_nothing_untrusted_reaches_a_script() -> None:
    """No expression stands in a script, no event hands out the repository's token, actions are pinned."""
    for step in _steps():
        assert "${{" not in step.get("run", "")
        assert re.fullmatch(r"actions/[a-z-]+@v\d+", step.get("uses", "actions/checkout@v4"))
    assert all("pull_request_target" not in flow[True] for flow in WORKFLOWS)


def test_the_deployments_journal_is_the_teams() -> None:
    """CI and operators share a journal, whose address is a secret, and the driver for it is installed."""
    deploy = WORKFLOWS[1]
    assert deploy["env"]["NBRUNBOOK_JOURNAL"] == "${{ secrets.NBRUNBOOK_JOURNAL }}"
    for job in deploy["jobs"].values():
        assert any("nbrunbook[ci,postgres]" in step.get("run", "") for step in job["steps"])


def test_only_the_comment_may_write_and_not_for_forks() -> None:
    """All jobs read; the one that comments runs no code of the pull request, and not for a fork's."""
    review = WORKFLOWS[0]
    assert review["permissions"] == {"contents": "read"}
    assert {name: job.get("permissions") for name, job in review["jobs"].items()} == {
        "review": None,
        "comment": {"pull-requests": "write"},
    }
    comment = review["jobs"]["comment"]
    assert "github.event.pull_request.head.repo.full_name == github.repository" in comment["if"]
    assert not any("checkout" in step.get("uses", "") for step in comment["steps"])


class Runner:
    """A folder with a repository, and stand-ins for nbrunbook and gh that write down how they were called."""

    def __init__(self, root: Path) -> None:
        self.root, self.bin, self.log = root / "repository", root / "bin", root / "log"
        self.root.mkdir()
        self.bin.mkdir()
        self.log.touch()
        self.stand_in("nbrunbook", 'if [ "$1" = diff ]; then echo "ü: what changed"; fi')
        self.run("git init -q -b main && git config user.email a@b && git config user.name a")
        self.change("templates/1.0.ipynb", "templates/old/a.md", "templates/next/a.md", "src/a.py")
        self.run("git update-ref refs/remotes/origin/main HEAD")

    def stand_in(self, name: str, script: str) -> None:
        """Put a program on the PATH that logs its arguments before it runs a script."""
        (self.bin / name).write_text(f'#!/bin/sh\necho {name} "$@" >> {self.log}\n{script}\n', encoding="utf-8")
        (self.bin / name).chmod(0o755)

    def change(self, *names: str) -> None:
        """Commit a change to files."""
        for name in names:
            path = self.root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(path.read_text(encoding="utf-8") + "x" if path.exists() else "", encoding="utf-8")
        self.run("git add --all && git commit -q -m x")

    def run(self, script: str) -> int:
        """Run a script as GitHub runs one with `shell: bash`, and return its exit status."""
        env = {
            **os.environ,
            "PATH": f"{self.bin}{os.pathsep}{os.environ['PATH']}",
            "TEMPLATES": "templates",
            "GITHUB_BASE_REF": "main",
            "GITHUB_REPOSITORY": "shop/shop",
            "GITHUB_STEP_SUMMARY": str(self.root.parent / "summary"),
            "GITHUB_OUTPUT": str(self.root.parent / "output"),
            "NUMBER": "7",
        }
        command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script]
        return subprocess.run(command, cwd=self.root, env=env).returncode

    @property
    def calls(self) -> list[str]:
        """How the stand-ins were called."""
        return self.log.read_text(encoding="utf-8").splitlines()


@pytest.fixture
def runner(tmp_path: Path) -> Runner:
    """A repository on a branch of main."""
    return Runner(tmp_path)


@pytest.mark.parametrize("changed", [True, False])
def test_the_summary_shows_the_steps(runner: Runner, changed: bool) -> None:
    """The summary is always written; the comment is the same, and whether any template changed is kept."""
    runner.change("templates/1.0.ipynb" if changed else "src/a.py")
    assert runner.run(_script("Show what changed in the steps")) == 0
    assert (runner.root.parent / "summary").read_text(encoding="utf-8") == "ü: what changed\n"
    assert (runner.root / "comment.md").read_text(encoding="utf-8") == "ü: what changed\n"
    assert (runner.root / "unchanged").exists() != changed
    assert (runner.root.parent / "output").read_text(encoding="utf-8") == "comment=written\n"


@pytest.mark.parametrize(
    ("there", "unchanged", "method"),
    [("", False, "POST repos/shop/shop/issues/7/comments"), ("", True, ""), ("41\n42", True, "PATCH .../41")],
)
def test_there_is_one_comment(runner: Runner, there: str, unchanged: bool, method: str) -> None:
    """Ours is brought up to date; without one there is a new one, unless no template changed."""
    runner.stand_in("gh", f"if [ \"$2\" = --paginate ]; then printf '{there}'; fi")
    (runner.root / "comment.md").write_text("x", encoding="utf-8")
    if unchanged:
        (runner.root / "unchanged").touch()
    assert runner.run(_script("Write the comment, or bring it up to date")) == 0
    written = [call.partition("--method ")[2].partition(" --field")[0] for call in runner.calls[1:]]
    assert written == ([method.replace("...", "repos/shop/shop/issues/comments")] if method else [])


def test_the_deployment_waits_for_what_is_open(work: Workplace, runbook: MakeRunbook) -> None:
    """The second example's command stops the pipeline until nothing required is open, by its exit status."""
    runbook("- [ ] Mail {#mail}", name="1.0")
    checks = [step["run"].split() for step in WORKFLOWS[1]["jobs"]["production"]["steps"] if "name" in step]
    check = [word.strip('"').replace("$RELEASE", "1.0") for word in checks[0]][1:]
    assert work.run(*check) == 1
    assert work.run("tick", "staging/1.0", "mail") == 0, work.err
    assert work.run(*check) == 0
