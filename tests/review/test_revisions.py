"""Revisions: where the two sides of a review come from."""

from __future__ import annotations

from pathlib import Path

import pytest

from nbrunbook.project import git
from nbrunbook.project.settings import find_project
from nbrunbook.review import revisions
from tests.conftest import Workplace
from tests.making import put, run_git


@pytest.fixture
def repository(work: Workplace) -> Path:
    """A project whose branch left main after its first two templates."""
    put(work.root, templates__one="- [ ] A {#a}", templates__two__part="- [ ] B {#b}")
    run_git(work.root, "init", "-q")
    run_git(work.root, "add", ".")
    run_git(work.root, "commit", "-qm", "First")
    run_git(work.root, "switch", "-qc", "work")
    return work.root


def test_what_a_branch_left_alone_is_not_reviewed(repository: Path) -> None:
    """Only templates that changed are compared, with what they were where the branch began."""
    project = find_project()
    assert revisions.of_branch(project, git.branch(repository)) == []
    put(repository, templates__two__part="- [ ] B {#b}\n- [ ] C {#c}")
    branch = git.branch(repository)
    (review,) = revisions.of_branch(project, branch)
    assert [(each.kind, each.id) for each in review.changes] == [("added", "c")]
    assert (review.old.endswith(":templates/two"), review.new) == (True, "templates/two")
    assert revisions.changed_templates(project, branch) == [Path("templates/two")]


def test_a_template_that_moved_is_what_it_was(repository: Path) -> None:
    """A file under another name with the same steps is no new template, as `cut` leaves it."""
    run_git(repository, "mv", "templates/two", "templates/three")
    assert revisions.of_branch(find_project(), git.branch(repository)) == []
    put(repository, templates__three__part="- [ ] B {#b}\n- [ ] D {#d}")
    (review,) = revisions.of_branch(find_project(), git.branch(repository))
    assert (review.old.endswith("templates/two"), [each.id for each in review.changes]) == (True, ["d"])


@pytest.mark.parametrize(
    ("name", "content", "other"), [("board.png", b"x", True), (".hidden.png", b"x", False), ("three.md", b"", False)]
)
def test_an_image_may_change_any_template(repository: Path, name: str, content: bytes, other: bool) -> None:
    """A file below the templates that is no part may be shown by any of them; hidden ones are not looked at."""
    (repository / "templates" / name).write_bytes(content)
    assert revisions.has_other_changes(find_project(), git.branch(repository)) is other


@pytest.mark.parametrize("is_submodule", [True, False])
def test_templates_in_a_repository_of_their_own_are_compared_there(work: Workplace, *, is_submodule: bool) -> None:
    """In a submodule, or in a clone that the outer repository does not know: what changed is not lost in silence."""
    ops = work.root.parent / f"{work.root.name}-ops"
    put(ops, templates__one="- [ ] A {#a}")
    for arguments in (["init", "-q"], ["add", "."], ["commit", "-qm", "First"]):
        run_git(ops, *arguments)
    (work.root / "pyproject.toml").write_text('[tool.nbrunbook]\ntemplates = "ops/templates"\n', encoding="utf-8")
    run_git(work.root, "init", "-q")
    add = ["-c", "protocol.file.allow=always", "submodule", "--quiet", "add"] if is_submodule else ["clone", "-q"]
    run_git(work.root, *add, str(ops), "ops")
    run_git(work.root, "add", "pyproject.toml")
    run_git(work.root, "commit", "-qm", "Outer")
    put(work.root / "ops", templates__one="- [ ] A {#a}\n- [ ] B {#b}")
    (review,) = revisions.reviews(None, None)
    assert [each.id for each in review.changes] == ["b"]
    assert work.run("lint", "--changed") == 0
    assert work.err == "1 template, 0 findings\n"
