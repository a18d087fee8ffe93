"""What an argument of a review names."""

from __future__ import annotations

from pathlib import Path

import pytest

from nbrunbook.errors import NbrunbookError
from nbrunbook.review import at_revision
from tests.conftest import Workplace
from tests.making import put, run_git


@pytest.fixture
def repository(work: Workplace) -> Path:
    """A project whose branch left main after its first template."""
    put(work.root, templates__one="- [ ] A {#a}")
    run_git(work.root, "init", "-q")
    run_git(work.root, "add", ".")
    run_git(work.root, "commit", "-qm", "First")
    return work.root


def test_a_path_of_a_commit_is_read_as_git_has_it(repository: Path) -> None:
    """REV:path is the file of that commit; what is on disk by now does not matter, and what is nowhere is told."""
    put(repository, templates__one="- [ ] Z {#z}")
    found = at_revision.read("main:templates/one.md")
    assert found.template is not None
    assert [step.id for step in found.template.steps] == ["a"]
    assert found.label == "main:templates/one.md"
    with pytest.raises(NbrunbookError, match=r"main holds no templates/none\.md; expected a path from the work tree"):
        at_revision.read("main:templates/none.md")
