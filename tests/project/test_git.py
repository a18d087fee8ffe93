"""What git is asked, against real repositories."""

from __future__ import annotations

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


def test_the_commit_of_a_file_is_the_one_that_holds_it(root: Path) -> None:
    """A file has a commit once it is committed, and none while it is edited or git does not know it."""
    assert git.commit_of(root, root / "new file.txt") == git.head(root)
    assert git.commit_of(root, root / "old.txt") == git.merge_base(root)
    (root / "old.txt").write_text("edited")
    (root / "unknown.txt").write_text("")
    assert git.commit_of(root, root / "old.txt") is None
    assert git.commit_of(root, root / "unknown.txt") is None


def test_outside_of_a_repository_there_is_no_commit(tmp_path: Path) -> None:
    """Where git knows nothing, a commit is None or empty and the root is an error."""
    (tmp_path / "a").write_text("")
    assert (git.commit_of(tmp_path, tmp_path / "a"), git.head(tmp_path)) == (None, "")
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


def test_a_commit_is_checked_out_beside_the_work_tree(root: Path) -> None:
    """What a commit holds is read without touching the work tree or its index."""
    (root / "old.txt").write_text("edited")
    with git.checked_out(root, "main", "old.txt") as folder:
        assert (folder / "old.txt").read_text() == "1"
        assert sorted(path.name for path in folder.iterdir()) == ["old.txt"]
    assert (root / "old.txt").read_text() == "edited"
    with git.checked_out(root, "main", "new file.txt") as folder:
        assert list(folder.iterdir()) == []
    with pytest.raises(GitError, match="single revision"), git.checked_out(root, "nowhere", "old.txt"):
        pass
