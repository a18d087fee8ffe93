"""The folders of templates that a commit has."""

from __future__ import annotations

from pathlib import Path

import pytest

from nbrunbook.project import commit_homes, commits, git
from nbrunbook.project.settings import Project
from tests.making import put, run_git
from tests.project.conftest import found


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A project with two apps, one of which was taken away since its commit, and with one that no commit has."""
    put(tmp_path, templates__one="- [ ] A", shop__runbooks__one="- [ ] B", gone__runbooks__one="- [ ] C")
    settings = "[tool.nbrunbook]\ntemplates = ['templates', '*/runbooks']\n"
    (tmp_path / "pyproject.toml").write_text(settings, encoding="utf-8")
    for arguments in (["init", "-q"], ["add", "."], ["commit", "-qm", "First"]):
        run_git(tmp_path, *arguments)
    (tmp_path / "gone/runbooks/one.md").unlink()
    (tmp_path / "gone/runbooks").rmdir()
    put(tmp_path, new__runbooks__one="- [ ] D")
    return found(tmp_path, settings)


def test_a_pattern_means_what_the_commit_has(project: Project) -> None:
    """An app that is gone is still there, and one that is new is not there yet."""
    homes = commit_homes.at_commit(project, project.root, "HEAD")
    assert homes == tuple(project.root / each for each in ("templates", "gone/runbooks", "shop/runbooks"))
    assert [each.parent.name for each in project.template_homes] == [project.root.name, "new", "shop"]


def test_they_are_written_out_together(project: Project) -> None:
    """In the tree of a commit all of its folders of templates are there, first that of new ones."""
    top = git.top(project.root)
    with commits.checked_out(top, "HEAD", "templates") as tree:
        homes = commit_homes.write_out(project, top, "HEAD", tree)
        assert [each.relative_to(tree).as_posix() for each in homes] == ["templates", "gone/runbooks", "shop/runbooks"]
        assert [each.joinpath("one.md").read_text(encoding="utf-8")[-1] for each in homes] == ["A", "C", "B"]


def test_a_folder_of_another_repository_is_not_among_its_own(project: Project) -> None:
    """What a branch of one repository changed says nothing of a submodule's templates."""
    run_git(project.root / "shop", "init", "-q")
    assert commit_homes.in_repository(project, project.root) == [
        project.root / "templates",
        project.root / "new/runbooks",
    ]
