"""Which templates are meant."""

from __future__ import annotations

from pathlib import Path

import pytest

from nbrunbook.errors import NbrunbookError
from nbrunbook.project.settings import find_project
from nbrunbook.template.named import read_named, templates_at, templates_of
from tests.conftest import Workplace
from tests.making import put


@pytest.fixture
def home(work: Workplace) -> Path:
    """A project's folder of templates: a file, a folder of parts, and what is no template."""
    put(work.root / "templates", **{"1.0": "- [ ] a {#a}", "next__b": "- [ ] b {#b}", "README": "read"})
    return work.root / "templates"


def test_a_name_is_looked_for_in_the_project(home: Path) -> None:
    """A path needs no project; a name is that of one of its templates, and the nearest is told."""
    project = find_project()
    assert read_named(project, Path("next")).path == Path("templates/next")
    assert read_named(None, home / "1.0.md").name == "1.0"
    with pytest.raises(NbrunbookError, match=r"did you mean '1\.0'"):
        read_named(project, Path("1.1"))


def test_a_folder_means_what_is_in_it(home: Path) -> None:
    """The project's folder, or one above it, means all templates, and a part the folder that it is in."""
    everything = [Path("templates/1.0.md"), Path("templates/next")]
    assert templates_of([home]) == templates_at(home, [home]) == templates_at(home.parent, [home]) == everything
    assert templates_at(home / "next", [home]) == templates_at(home / "next" / "b.md", [home]) == [home / "next"]
    assert templates_at(home, []) == [home / "1.0.md", home / "next"]


def test_what_is_no_part_means_no_template(home: Path) -> None:
    """A page among the templates is passed over; the same page elsewhere is what was asked for."""
    assert templates_at(home / "README.md", [home]) == []
    assert templates_at(home / "README.md", []) == [home / "README.md"]


def test_a_folder_that_is_not_there_is_told(work: Workplace) -> None:
    """Without its folder of templates a project has none to look at."""
    with pytest.raises(NbrunbookError, match=r"templates: not there.*'nbrunbook init' makes it"):
        templates_of([work.root / "templates"])


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


def test_several_homes_are_looked_through_together(work: Workplace) -> None:
    """A release of several apps is one template, named by its name, and by the path of any of its parts."""
    put(work.root / "shop", **{"2.0": "- [ ] Shop {#s}"})
    put(work.root / "stock", **{"2.0__b": "- [ ] Stock {#t}", "1.0": "- [ ] old {#o}"})
    homes = [work.root / "templates", work.root / "shop", work.root / "stock"]
    assert templates_of(homes) == [Path("stock/1.0.md"), Path("shop/2.0.md")]
    assert (
        templates_at(Path("stock/2.0/b.md"), homes) == templates_at(Path("stock/2.0"), homes) == [Path("shop/2.0.md")]
    )
    assert templates_at(Path("stock"), homes) == templates_of(homes)
    with pytest.raises(NbrunbookError, match=r"gone: not there.*take it out of `templates`"):
        templates_of([*homes, work.root / "gone"])
