"""Whether a commit holds what a runbook is made from, in real repositories."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from nbrunbook.errors import NbrunbookError
from nbrunbook.project import git
from nbrunbook.project.settings import Project, find_project
from nbrunbook.template.template import read_template
from nbrunbook.work import commits
from nbrunbook.work.commits import Held
from tests.conftest import Workplace
from tests.making import put, run_git

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
COMMITTED = """[tool.nbrunbook.environments]
staging = {}
production = {committed = true}
"""


@pytest.fixture
def root(work: Workplace) -> Path:
    """A project in git: a template in parts, a standing part, an image beside the templates."""
    (work.root / "pyproject.toml").write_text(COMMITTED, encoding="utf-8")
    put(work.root, templates__2__a="- [ ] A {#a}\n\n![x](../../docs/ü.png)", templates__always__z="- [ ] Z {#z}")
    (work.root / "docs").mkdir()
    (work.root / "docs" / "ü.png").write_bytes(PNG)
    run_git(work.root, "init", "-q")
    commit(work.root)
    return work.root


def commit(root: Path) -> None:
    """Commit all that is there."""
    run_git(root, "add", "--all")
    run_git(root, "commit", "-qm", "More")


def look(root: Path, name: str = "templates/2") -> Held:
    """Return what git says of a template's files."""
    project: Project = find_project(root)
    return commits.look(read_template(root / name), project)


def test_what_is_committed_has_its_commits(root: Path) -> None:
    """Each part is named with the commit that last changed it, and there is nothing to say."""
    first = git.head(root)
    put(root, templates__2__b="- [ ] B {#b}")
    commit(root)
    held = look(root)
    found = {path.name: held.last_changes[path] for path in held.last_changes}
    assert found == {"a.md": first, "b.md": git.head(root), "z.md": first}
    assert (held.uncommitted, held.unknown, held.said) == ((), "", "")


@pytest.mark.parametrize(
    ("name", "does"),
    [
        ("templates/2/a.md", "edit"),
        ("templates/2/new.md", "edit"),
        ("templates/always/z.md", "edit"),
        ("templates/always/ünew.md", "edit"),
        ("templates/always/z.md", "delete"),
        ("docs/ü.png", "edit"),
    ],
)
def test_any_of_its_files_may_be_in_no_commit(root: Path, name: str, does: str) -> None:
    """A part, a standing part, an image: edited, new, or gone from the disk and in the commit still."""
    if does == "delete":
        (root / name).unlink()
    else:
        (root / name).write_bytes(PNG + b"!" if name.endswith("png") else b"- [ ] New {#new}")
    assert look(root).uncommitted == (name,)
    assert look(root).said == f"not committed: {name}"
    (root / "README.md").write_text("not part of it", encoding="utf-8")
    run_git(root, "add", "--all")
    assert look(root).uncommitted == (name,)
    commit(root)
    assert look(root).uncommitted == ()


def test_a_sparse_checkout_lacks_parts(root: Path) -> None:
    """What is left out of the work tree is not in the runbook either: that is said."""
    run_git(root, "sparse-checkout", "set", "--no-cone", "/*", "!/templates/always/")
    assert look(root).uncommitted == ("templates/always/z.md",)


def test_a_linked_work_tree_and_a_hook_see_the_same(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each work tree has its own changes, whatever a hook's variables say."""
    other = root.parent / f"{root.name}-other"
    run_git(root, "worktree", "add", "-q", str(other))
    put(root, templates__2__a="edited")
    monkeypatch.setenv("GIT_DIR", str(root / ".git"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(root / ".git" / "index"))
    assert look(other).uncommitted == ()
    assert look(root).uncommitted == ("templates/2/a.md",)


def test_parts_in_a_submodule_are_in_its_commits(root: Path) -> None:
    """What counts is the repository that a file lies in, not the one around it."""
    ops = root.parent / f"{root.name}-ops"
    put(ops, steps__1="- [ ] A {#a}")
    run_git(ops, "init", "-q")
    commit(ops)
    run_git(root, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(ops), "ops")
    held = look(root, "ops/steps/1.md")
    assert (list(held.last_changes.values()), held.uncommitted) == ([git.head(ops)], ())
    put(root / "ops", steps__1="- [ ] B {#b}")
    assert look(root, "ops/steps/1.md").uncommitted == ("ops/steps/1.md",)


def test_outside_of_git_there_is_nothing_to_say(work: Workplace) -> None:
    """A project without git has no commits, and everybody knows."""
    put(work.root, templates__1="- [ ] A {#a}")
    held = look(work.root, "templates/1.md")
    assert (held.outside, held.said, held.uncommitted) == (True, "", ())


def test_a_template_of_elsewhere_is_in_no_commit_of_the_project(root: Path) -> None:
    """A project in git may be given a file that lies in no repository."""
    elsewhere = root.parent / f"{root.name}-elsewhere"
    put(elsewhere, **{"1": "- [ ] A {#a}"})
    held = look(root, str(elsewhere / "1.md"))
    assert (held.uncommitted, held.outside) == ((str(elsewhere / "1.md"),), False)


def test_where_git_does_not_answer_nobody_knows(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """That is said with git's own words and its remedy, and is no commit."""
    monkeypatch.setattr(git, "KEPT", (*git.KEPT, "GIT_TEST_"))
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    held = look(root)
    assert held.said.startswith("nobody knows whether its steps are committed: ")
    assert "git config --global --add safe.directory" in held.said
    assert held.last_changes == {}


def test_an_environment_may_ask_for_committed_steps(root: Path, work: Workplace) -> None:
    """There what no commit holds is refused, and so is what nobody knows; elsewhere neither is."""
    project = find_project(root)
    commits.refuse_uncommitted(project, "production", Held())
    for held, why in (
        (
            Held(uncommitted=("templates/1.md",)),
            "not committed: templates/1.md; expected committed steps in production",
        ),
        (Held(unknown="they are in no git repository", outside=True), "they are in no git repository"),
        (Held(unknown="git is not installed"), "git is not installed"),
    ):
        commits.refuse_uncommitted(project, "staging", held)
        with pytest.raises(NbrunbookError, match=f"{why}.*--dirty"):
            commits.refuse_uncommitted(project, "production", held)
