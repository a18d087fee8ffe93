"""What git is asked, against real repositories."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from nbrunbook.errors import GitError
from nbrunbook.project import git
from tests.making import run_git


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A repository whose branch `work` left main by one commit."""
    (tmp_path / "old.txt").write_text("1")
    (tmp_path / ".gitignore").write_text("ignored\n")
    for arguments in (["init", "-q"], ["add", "."], ["commit", "-qm", "Begin"], ["switch", "-qc", "work"]):
        run_git(tmp_path, *arguments)
    (tmp_path / "new file.txt").write_text("2")
    run_git(tmp_path, "add", ".")
    run_git(tmp_path, "commit", "-qm", "Add a file\n\nnbrunbook: none needed")
    return tmp_path


def test_outside_of_a_repository_there_is_no_commit(tmp_path: Path) -> None:
    """Where git knows nothing, there is no commit, and the root is an error."""
    assert (git.repository_of(tmp_path / "a"), git.head(tmp_path)) == (None, "")
    with pytest.raises(GitError, match="not a git repository"):
        git.top(tmp_path)


def test_what_changed_is_committed_edited_or_new(root: Path) -> None:
    """Committed, edited and new files count, ignored ones do not; a deleted one does."""
    (root / "sub").mkdir()
    (root / "sub" / "ünew").write_text("")
    (root / "ignored").write_text("")
    (root / "old.txt").unlink()
    assert git.changed(root / "sub", git.merge_base(root)) == ["new file.txt", "old.txt", "sub/ünew"]


def test_messages_are_those_since_a_commit(root: Path) -> None:
    """Only the messages of later commits are read."""
    found = git.messages(root, git.merge_base(root))
    assert "nbrunbook: none needed" in found
    assert "Begin" not in found


def test_the_target_branch_is_what_the_ci_says(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The pull request's target counts before main."""
    assert git.target_branch(root) == "main"
    run_git(root, "branch", "release/1")
    monkeypatch.setenv("GITHUB_BASE_REF", "release/1")
    assert git.target_branch(root) == "release/1"


def test_without_a_common_commit_it_says_what_to_do(root: Path) -> None:
    """Two histories without a common commit, such as in a shallow clone, are an error that names the way out."""
    run_git(root, "checkout", "-q", "--orphan", "other")
    run_git(root, "commit", "-qm", "Begin again")
    with pytest.raises(GitError, match="fetch-depth: 0"):
        git.merge_base(root)
    run_git(root, "branch", "-D", "main", "work")
    with pytest.raises(GitError, match="set-head"):
        git.target_branch(root)


@pytest.mark.parametrize("name", ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_COMMON_DIR", "GIT_PREFIX"])
def test_a_hook_says_nothing_of_where_we_stand(root: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """In a hook git's variables are of the repository that the hook is of; what we ask is about the folder."""
    before = git.branch(root)
    monkeypatch.setenv(name, str(root / "elsewhere"))
    assert git.branch(root) == before
    assert before.files == ("new file.txt",)


def test_a_linked_work_tree_is_one_of_its_own(root: Path) -> None:
    """What changed there is asked there, also where the repository itself is bare."""
    bare = root.parent / f"{root.name}-bare.git"
    run_git(root, "clone", "-q", "--bare", str(root), str(bare))
    for repository in (root, bare):
        other = root.parent / f"{repository.name}-other"
        run_git(repository, "worktree", "add", "-q", "-b", "other", str(other), "work")
        (other / "third.txt").write_text("3")
        assert git.branch(other).files == ("new file.txt", "third.txt")
        assert git.repository_of(other / "third.txt") == git.top(other) == other.resolve()


def test_a_detached_head_is_compared_too(root: Path) -> None:
    """As in CI, and while a rebase is under way."""
    run_git(root, "checkout", "-q", "--detach")
    (root / "old.txt").write_text("edited")
    assert git.branch(root).files == ("new file.txt", "old.txt")


def test_a_renamed_default_branch_is_found(root: Path) -> None:
    """The remote's HEAD may name a branch that is gone."""
    clone = root.parent / f"{root.name}-clone"
    run_git(root, "clone", "-q", str(root), str(clone))
    run_git(clone, "symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/gone")
    assert git.target_branch(clone) == "origin/main"


def test_before_the_first_commit_it_says_so(tmp_path: Path) -> None:
    """Where there is nothing to compare with yet, that is what is told."""
    run_git(tmp_path, "init", "-q")
    assert git.head(tmp_path) == ""
    with pytest.raises(GitError, match="has no commit yet"):
        git.branch(tmp_path)


def test_another_owner_s_checkout_is_told_with_git_s_own_remedy(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Git refuses a repository of another user's, and says how to trust it: so do we, whatever is asked."""
    monkeypatch.setattr(git, "KEPT", (*git.KEPT, "GIT_TEST_"))
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    remedy = rf"dubious ownership.*; if you trust it: git config --global --add safe.directory .*{root.name}"
    for asked in (git.top, git.branch, lambda folder: git.commit(folder, "main")):
        with pytest.raises(GitError, match=remedy):
            asked(root)
    for name, value in {"COUNT": "1", "KEY_0": "safe.directory", "VALUE_0": "*"}.items():
        monkeypatch.setenv(f"GIT_CONFIG_{name}", value)
    assert git.top(root) == root.resolve()


def test_a_name_is_no_pattern(root: Path) -> None:
    """A file may be called as a pattern that other files match, or as a word of git's own."""
    for name in ("[o]ld.txt", ":(top)x", "*"):
        assert git.ask(root, "ls-files", "--", name) == ""


def test_a_ceiling_holds_for_us_as_for_git(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where git does not look for a repository there is none; a ceiling above one hides nothing."""
    (root / "sub").mkdir()
    for ceiling, found in ((root.parent, root.resolve()), (root, None)):
        monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(ceiling))
        assert git.repository_of(root / "sub") == found
        assert git.known(root / "sub", "rev-parse", "--show-toplevel") == (str(found) if found else "")


def helped(clone: Path, ask: Callable[[Path], object]) -> str:
    """Run the command that a refusal names in quotes, and return it; what was asked for is then there."""
    with pytest.raises(GitError) as refused:
        ask(clone)
    command = re.findall(r"'(git .*?)'(?: brings| finds)", str(refused.value))[0]
    subprocess.run(command, shell=True, cwd=clone, check=True, capture_output=True)
    ask(clone)
    return str(command)


@pytest.mark.parametrize("options", [["--depth", "1"], ["--single-branch"]])
def test_what_a_clone_of_one_branch_is_told_brings_the_rest(
    root: Path, tmp_path_factory: pytest.TempPathFactory, options: list[str]
) -> None:
    """The branch to compare with is not there, nor what is older where it is shallow: what is named brings both."""
    run_git(root, "branch", "-m", "main", "other")
    run_git(root, "switch", "-q", "other")
    clone = tmp_path_factory.mktemp("clone") / "it"
    run_git(root, "clone", "-q", *options, "-b", "work", root.as_uri(), str(clone))
    run_git(clone, "branch", "-m", "feature")
    assert ("--unshallow" in helped(clone, git.merge_base)) == ("--depth" in options)


def test_a_shallow_clone_is_told_to_fetch_its_history(root: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """An older commit, and the one where the work left its branch, are there once the history is."""
    run_git(root, "commit", "-qm", "Go on", "--allow-empty")
    run_git(root, "switch", "-q", "main")
    for branches, ask in (
        ("--single-branch", lambda at: git.commit(at, "HEAD~1")),
        ("--no-single-branch", git.merge_base),
    ):
        clone = tmp_path_factory.mktemp("clone") / "it"
        run_git(root, "clone", "-q", "--depth", "1", branches, "-b", "work", root.as_uri(), str(clone))
        assert helped(clone, ask) == "git fetch --unshallow"


def test_an_answer_may_be_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that is no longer is what `ask` says; a longer one, a failure and no git at all are told."""
    run_git(tmp_path, "init", "-q")
    said = git.ask(tmp_path, "config", "--list")
    assert git.ask_at_most(len(said) + 1, tmp_path, "config", "--list") == said
    with pytest.raises(GitError, match="git config has more than"):
        git.ask_at_most(len(said), tmp_path, "config", "--list")
    with pytest.raises(GitError, match="nowhere"):
        git.ask_at_most(100, tmp_path, "ls-tree", "nowhere")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(GitError, match="git is not installed"):
        git.ask_at_most(100, tmp_path, "ls-tree", "HEAD")
