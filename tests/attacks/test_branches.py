"""What a branch that somebody sent must not do: nothing of it runs, and nothing leads out of it."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from nbrunbook.project import commits, git
from nbrunbook.project.settings import find_project
from tests.conftest import Workplace
from tests.making import session_on

STEP = "- [ ] A {#a}\n"


def _git(*arguments: str, env: dict[str, str] | None = None) -> str:
    command = ["git", "-c", "user.name=ana", "-c", "user.email=a@b", *arguments]
    found = subprocess.run(command, check=True, capture_output=True, text=True, env={**os.environ, **(env or {})})
    return found.stdout.strip()


@pytest.fixture
def marker(work: Workplace, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with a template; the file that whoever's program ran would write."""
    Path("templates/always").mkdir(parents=True)
    Path("templates/1.0.md").write_text(STEP, encoding="utf-8")
    Path("templates/always/a.md").write_text("- [ ] Always {#always}\n", encoding="utf-8")
    _git("init", "--quiet", "--initial-branch", "main")
    _git("add", "--all")
    _git("commit", "--quiet", "-m", "a step")
    return tmp_path_factory.mktemp("outside") / "ran"


def _program(marker: Path) -> Path:
    program = marker.with_name("program")
    program.write_text(f"#!/bin/sh\ntouch '{marker}'\ncat\n", encoding="utf-8")
    program.chmod(0o755)
    return program


@pytest.mark.parametrize("folder", ["templates", "templates/always"])
def test_no_program_of_a_planted_repository_runs(work: Workplace, marker: Path, folder: str) -> None:
    """A folder made like a bare repository names a program for git to run; we ask git in the project's root."""
    planted = Path(folder)
    for name in ("objects", "refs"):
        (planted / name).mkdir()
    (planted / "HEAD").write_text("ref: refs/heads/main\n", encoding="utf-8")
    text = f"[core]\n\trepositoryformatversion = 0\n\tbare = false\n\tworktree = .\n\tfsmonitor = {_program(marker)}\n"
    (planted / "config").write_text(text, encoding="utf-8")
    for arguments in (
        ("lint",),
        ("plan", "1.0"),
        ("instantiate", "1.0", "-e", "staging"),
        ("status", "staging/1.0"),
        ("revise", "staging/1.0", "--dry-run"),
        ("pending",),
        ("diff",),
        ("diff", "templates/1.0.md"),
        ("export", "templates/1.0.md"),
    ):
        work.run(*arguments)
        assert not marker.exists(), arguments
    session_on()
    assert not marker.exists()


def test_no_filter_runs_when_a_commit_is_looked_at(work: Workplace, marker: Path) -> None:
    """A branch's attributes choose a filter that the user has configured: the bytes are taken as they are."""
    Path(".gitattributes").write_text("*.md filter=theirs\n", encoding="utf-8")
    _git("add", "--all")
    _git("commit", "--quiet", "-m", "attributes")
    _git("config", "filter.theirs.smudge", str(_program(marker)))
    with commits.checked_out(Path.cwd(), "main", "templates") as tree:
        assert (tree / "templates" / "1.0.md").read_text(encoding="utf-8") == STEP
    assert work.run("diff", "HEAD:templates/1.0.md", "templates/1.0.md") == 0, work.err
    assert not marker.exists()


def test_hooks_signatures_and_pagers_are_not_run(work: Workplace, marker: Path) -> None:
    """Whatever a repository's settings name is for people at a prompt, not for us."""
    program = str(_program(marker))
    for name in ("core.fsmonitor", "gpg.program", "core.pager", "diff.external", "core.sshCommand"):
        _git("config", name, program)
    _git("config", "log.showSignature", "true")
    for hook in ("post-index-change", "reference-transaction", "post-checkout"):
        path = Path(".git/hooks") / hook
        path.write_text(Path(program).read_text(encoding="utf-8"), encoding="utf-8")
        path.chmod(0o755)
    marker.unlink(missing_ok=True)
    project = find_project()
    assert commits.last_change(project.root, "templates/1.0.md") == git.head(project.root)
    assert commits.uncommitted(project.root, [project.root / "templates" / "1.0.md"]) == []
    assert work.run("diff") == 0, work.err
    assert work.run("lint", "--changed") in (0, 1)
    assert not marker.exists()


def test_a_caller_s_variables_lead_nowhere_else(work: Workplace, marker: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a hook git says where its repository lies: that is not always the project's."""
    head = git.head(Path.cwd())
    for name in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_COMMON_DIR"):
        monkeypatch.setenv(name, "/nowhere")
    monkeypatch.setenv("GIT_EXTERNAL_DIFF", str(_program(marker)))
    assert git.head(Path.cwd()) == head != ""
    assert not marker.exists()


def test_a_link_in_a_commit_is_no_file_of_it(work: Workplace, marker: Path) -> None:
    """What a commit holds is written as regular files: a link would lead to whatever it names here."""
    secret = marker.with_name("secret")
    secret.write_text("- [ ] secret {#s}\n", encoding="utf-8")
    Path("templates/always/b.md").symlink_to(secret)
    Path("templates/out").symlink_to(marker.parent)
    _git("add", "--all")
    _git("commit", "--quiet", "-m", "links")
    with commits.checked_out(Path.cwd(), "main", "templates") as tree:
        assert sorted(path.name for path in tree.rglob("*") if path.is_file()) == ["1.0.md", "a.md"]


def test_a_tree_that_leads_out_of_itself_is_not_followed(work: Workplace, marker: Path) -> None:
    """A tree made by hand may hold names that git itself never writes."""
    blob = _git("rev-parse", "HEAD:templates/1.0.md")
    inner = subprocess.run(
        ["git", "mktree"], input=f"100644 blob {blob}\tescaped.md\n", capture_output=True, text=True, check=True
    ).stdout.strip()
    made = subprocess.run(
        ["git", "hash-object", "-t", "tree", "-w", "--stdin", "--literally"],
        input=b"40000 ..\0" + bytes.fromhex(inner), capture_output=True, check=True,
    ).stdout.decode().strip()  # fmt: skip
    commit = _git("commit-tree", made, "-m", "out")
    with commits.checked_out(Path.cwd(), commit, "") as tree:
        assert list(tree.rglob("*")) == []
        assert not (tree.parent / "escaped.md").exists()
