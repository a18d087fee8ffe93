"""The revision that templates are read at, in real repositories."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from nbrunbook.errors import GitError, NbrunbookError
from nbrunbook.project import git
from nbrunbook.project.settings import find_project
from nbrunbook.template import files
from nbrunbook.work.checkout import Checkout, checkout
from tests.conftest import Workplace
from tests.making import put, run_git

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


@pytest.fixture
def root(work: Workplace) -> Path:
    """A project whose first commit is tagged v1; what lies on disk is another one, and edited."""
    put(work.root, templates__1="- [ ] A {#a}\n\n![x](../docs/x.png)", templates__always__z="- [ ] Z {#z}")
    (work.root / "docs").mkdir()
    (work.root / "docs" / "x.png").write_bytes(PNG)
    run_git(work.root, "init", "-q")
    run_git(work.root, "add", "--all")
    run_git(work.root, "commit", "-qm", "One")
    run_git(work.root, "tag", "v1")
    put(work.root, templates__1="- [ ] Edited {#edited}", templates__2="- [ ] New {#new}")
    run_git(work.root, "add", "templates/2.md")
    run_git(work.root, "commit", "-qm", "Two")
    return work.root


def names(there: Checkout) -> list[str]:
    """Return the templates of a checkout."""
    return [path.name for path in files.templates_in(there.project.templates)]


def of_ci(monkeypatch: pytest.MonkeyPatch, commit: str) -> None:
    """Let GitLab name a commit."""
    monkeypatch.setenv("GITLAB_CI", "true")
    monkeypatch.setenv("CI_COMMIT_SHA", commit)


def test_it_is_the_work_tree_where_nobody_names_a_commit(root: Path) -> None:
    """What lies on disk is read as it is, and that is what is said."""
    with checkout(find_project()) as there:
        assert (names(there), there.commit) == (["1.md", "2.md", "always"], "")
        assert there.words == "templates as they are in the work tree"
        assert [step.id for step in there.read(there.named(Path("1"))).steps] == ["edited", "z"]
        assert there.held(there.read(there.named(Path("1")))).uncommitted == ("templates/1.md",)


def test_what_the_work_tree_lacks_is_told(root: Path) -> None:
    """A template that was deleted, or left out of a sparse checkout, is asked for nowhere: not in silence."""
    (root / "templates" / "2.md").unlink()
    with checkout(find_project()) as there:
        assert there.words == "templates as they are in the work tree, without 2.md, which the commit has"
    run_git(root, "checkout", "-q", "--", ".")
    run_git(root, "sparse-checkout", "set", "--no-cone", "/*", "!/templates/")
    with checkout(find_project()) as there:
        assert there.words.endswith("without 1.md, 2.md, always, which the commit has")


def test_a_commit_is_read_by_git_alone(root: Path) -> None:
    """Its templates, standing parts and images are those of then; what is on disk does not matter."""
    (root / "docs" / "x.png").unlink()
    commit = run_git(root, "rev-parse", "v1").strip()
    with checkout(find_project(), "v1") as there:
        assert (names(there), there.commit, there.said_by) == (["1.md", "always"], commit, "--at v1")
        assert there.words == f"templates of commit {commit[:12]} (--at v1)"
        for name in ("1", "templates/1.md"):
            template = there.read(there.named(Path(name)))
            assert [step.id for step in template.steps] == ["a", "z"]
            assert list(template.images) == ["../docs/x.png"]
            assert not template.problems
        assert [there.project.relative(part.path) for part in template.parts] == [
            "templates/1.md",
            "templates/always/z.md",
        ]
        assert set(there.held(template).last_changes.values()) == {commit}
        with pytest.raises(NbrunbookError, match=r"holds no templates/2\.md"):
            there.named(Path("templates/2.md"))


def test_a_template_may_lie_elsewhere_in_the_commit(root: Path) -> None:
    """With the standing parts beside it; what lies outside of the repository is in no commit of it."""
    put(root, ops__special="- [ ] S {#s}", ops__always__y="- [ ] Y {#y}")
    run_git(root, "add", "ops")
    run_git(root, "commit", "-qm", "Three")
    outside = root.parent / f"{root.name}-outside"
    put(outside, x="- [ ] X {#x}")
    with checkout(find_project(), "HEAD") as there:
        assert [step.id for step in there.read(there.named(Path("ops/special.md"))).steps] == ["s", "y"]
        with pytest.raises(NbrunbookError, match=r"holds no .*x\.md"):
            there.named(outside / "x.md")


def test_no_more_than_its_images_is_taken_out_of_a_commit(root: Path) -> None:
    """An image that names a folder takes nothing of it: a commit may be large."""
    put(root, templates__3="- [ ] A {#a}\n\n![x](../docs) ![y](../docs/x.png)", docs__big="big")
    run_git(root, "add", "--all")
    run_git(root, "commit", "-qm", "Three")
    with checkout(find_project(), "HEAD") as there:
        template = there.read(there.named(Path("3")))
        assert list(template.images) == ["../docs/x.png"]
        assert [path.name for path in (there.project.root / "docs").iterdir()] == ["x.png"]


def test_ci_names_the_commit(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A pipeline's commit is read where --at names no other one."""
    commit = run_git(root, "rev-parse", "v1").strip()
    of_ci(monkeypatch, commit)
    with checkout(find_project()) as there:
        assert (names(there), there.words) == (["1.md", "always"], f"templates of commit {commit[:12]} (GitLab CI)")
    with checkout(find_project(), "HEAD") as there:
        assert (there.commit, there.said_by) == (git.head(root), "--at HEAD")


@pytest.mark.parametrize("named", ["c0ffee" * 6 + "c0ff", "--help", "no such"])
def test_a_commit_that_the_clone_has_not_is_told(root: Path, monkeypatch: pytest.MonkeyPatch, named: str) -> None:
    """No other revision is read instead; the way on is named."""
    of_ci(monkeypatch, named)
    with (
        pytest.raises(GitError, match=r"which GitLab CI names; .*'git fetch origin .*--at HEAD"),
        checkout(find_project()),
    ):
        pass
    with pytest.raises(GitError, match="git knows no commit"), checkout(find_project(), named):
        pass


def test_a_shallow_clone_reads_its_only_commit(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As CI's services clone; which commit changed a file last is not said then."""
    shallow = root.parent / f"{root.name}-shallow"
    run_git(root, "clone", "-q", "--depth=1", f"file://{root}", str(shallow))
    of_ci(monkeypatch, git.head(root))
    with checkout(find_project(shallow)) as there:
        template = there.read(there.named(Path("2")))
        assert set(there.held(template).last_changes.values()) == {""}


def test_without_git_the_files_are_all_there_is(work: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    """In an image without `.git` what lies there is read, and it is said that CI's commit was not."""
    put(work.root, templates__1="- [ ] A {#a}")
    of_ci(monkeypatch, "abc1234")
    with checkout(find_project()) as there:
        assert (names(there), there.commit) == (["1.md"], "")
        assert "there is no git repository that has the commit abc1234, which GitLab CI names" in there.words
    with pytest.raises(GitError, match="not a git repository"), checkout(find_project(), "HEAD"):
        pass


def test_a_submodule_is_read_at_the_commit_that_is_meant(work: Workplace) -> None:
    """A commit of the outer repository names one of the inner."""
    ops = work.root.parent / f"{work.root.name}-ops"
    put(ops, templates__1="- [ ] A {#a}")
    for arguments in (["init", "-q"], ["add", "."], ["commit", "-qm", "First"]):
        run_git(ops, *arguments)
    (work.root / "pyproject.toml").write_text('[tool.nbrunbook]\ntemplates = "ops/templates"\n', encoding="utf-8")
    run_git(work.root, "init", "-q")
    run_git(work.root, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(ops), "ops")
    run_git(work.root, "add", "--all")
    run_git(work.root, "commit", "-qm", "Outer")
    put(work.root / "ops", templates__1="- [ ] Edited {#edited}")
    with checkout(find_project(), "HEAD") as there:
        template = there.read(there.named(Path("1")))
        assert [step.id for step in template.steps] == ["a"]
        assert there.project.relative(template.parts[0].path) == "ops/templates/1.md"
        assert (there.commit, list(there.held(template).last_changes.values())) == (
            git.head(work.root),
            [git.head(ops)],
        )


def test_a_repository_of_its_own_is_in_no_commit_of_the_outer_one(
    work: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What CI's commit says nothing of is read as it lies, which is said; --at is refused."""
    (work.root / "pyproject.toml").write_text('[tool.nbrunbook]\ntemplates = "ops/templates"\n', encoding="utf-8")
    run_git(work.root, "init", "-q")
    run_git(work.root, "add", "pyproject.toml")
    run_git(work.root, "commit", "-qm", "Outer")
    put(work.root / "ops", templates__1="- [ ] A {#a}")
    run_git(work.root / "ops", "init", "-q")
    of_ci(monkeypatch, git.head(work.root))
    with checkout(find_project()) as there:
        assert (names(there), there.commit) == (["1.md"], "")
        assert "they lie outside of the repository, in" in there.words
    with pytest.raises(NbrunbookError, match=r"and commit .* says nothing of them"), checkout(find_project(), "HEAD"):
        pass


def test_templates_may_lie_outside_of_the_repository(work: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    """A pipeline goes on with them, and says so; of no commit can they be."""
    ops = work.root.parent / f"{work.root.name}-ops"
    put(ops, **{"1": "- [ ] A {#a}"})
    (work.root / "pyproject.toml").write_text(f'[tool.nbrunbook]\ntemplates = "../{ops.name}"\n', encoding="utf-8")
    for arguments in (["init", "-q"], ["add", "."], ["commit", "-qm", "One"]):
        run_git(work.root, *arguments)
    of_ci(monkeypatch, git.head(work.root))
    with checkout(find_project()) as there:
        assert (names(there), there.commit, "says nothing of them" in there.words) == (["1.md"], "", True)
    with pytest.raises(NbrunbookError, match="outside of the repository"), checkout(find_project(), "HEAD"):
        pass


def test_a_fault_names_files_as_the_commit_does(root: Path) -> None:
    """The folder that was thrown away is no place to look."""
    with pytest.raises(NbrunbookError, match=r"^v1:templates/1.md: bad$"), checkout(find_project(), "v1") as there:
        raise NbrunbookError(f"{there.project.templates}/1.md: bad")


def test_a_link_to_nothing_in_the_commit_is_told(root: Path) -> None:
    """A release that cannot be read there is not left out in silence; one behind a linked folder is read."""
    (root / "current").symlink_to("templates")
    (root / "templates" / "3.md").symlink_to("../current/2.md")
    (root / "templates" / "4.md").symlink_to("../away/4.md")
    run_git(root, "add", "--all")
    run_git(root, "commit", "-qm", "Three")
    with checkout(find_project(), "HEAD") as there:
        assert names(there) == ["1.md", "2.md", "3.md", "always"]
        assert there.words.endswith(", without templates/4.md, which the commit has as a link to nothing in it")
    with checkout(find_project(), "v1") as there:
        assert there.words.endswith("(--at v1)")
