"""Which template is meant by a path or a name."""

from __future__ import annotations

from pathlib import Path

import pytest

from nbrunbook.errors import NbrunbookError
from nbrunbook.project.settings import find_project
from nbrunbook.template.named import read_named
from tests.conftest import Workplace


@pytest.mark.parametrize("named", ["1.0", "1.0.ipynb", "templates/1.0.ipynb"])
def test_a_name_stands_for_a_template_of_the_project(work: Workplace, named: str) -> None:
    """A release's name, its file's name and its path mean the same template."""
    work.template("- [ ] A {#a}")
    assert read_named(find_project(), Path(named)).name == "1.0"


def test_a_file_that_is_there_comes_before_a_name(work: Workplace) -> None:
    """Whoever stands in another folder means the file that is in it."""
    work.template("- [ ] A {#a}")
    (work.root / "1.0").mkdir()
    (work.root / "1.0" / "one.md").write_text("- [ ] B {#b}", encoding="utf-8")
    assert [step.id for step in read_named(find_project(), Path("1.0")).steps] == ["b"]


def test_a_name_that_nothing_has_is_told_with_the_nearest(work: Workplace) -> None:
    """What is there is listed; without a project only a path can be meant."""
    work.template("- [ ] A {#a}")
    with pytest.raises(NbrunbookError, match=r"no template '1\.1'; expected a path, or one of: 1\.0; did you mean"):
        read_named(find_project(), Path("1.1"))
    with pytest.raises(NbrunbookError, match=r"1\.0: "):
        read_named(None, Path("1.0"))
