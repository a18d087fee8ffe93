"""Cutting a release: the folder of the next release's parts becomes its template."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from nbrunbook.errors import NbrunbookError
from nbrunbook.project.settings import find_project
from nbrunbook.template import placed_cells
from nbrunbook.template.cut import cut
from tests.conftest import Workplace
from tests.making import listing, put


def test_what_is_cut_is_a_template_of_its_release(work: Workplace) -> None:
    """It has the release's name, the parts that stood in templates/next, and the standing ones."""
    put(work.root / "templates", next__a="- [ ] a {#a}", next__c="- [ ] c {#c}", always__b="- [ ] b {#b}")
    found = cut(find_project(), "2026.12.0")
    assert (found.name, found.path) == ("2026.12.0", work.root / "templates" / "2026.12.0")
    assert [step.id for step in found.steps] == ["a", "b", "c"]


REFUSED = {
    "taken": "templates/taken exists; expected a release without a template",
    "single": r"templates/single\.md exists",
    "link": r"templates/.*\.md exists",
    "next": "a release cannot be called 'next'",
    "always": "a release cannot be called 'always'",
    "a/b": "cannot be a file's name",
    "": "cannot be a file's name",
}
"""Names that will not do, and what is told of them."""


@pytest.mark.parametrize("name", REFUSED)
def test_cut_refuses_a_name_that_will_not_do(work: Workplace, name: str) -> None:
    """A release that has a template, and a name that can be none, change nothing."""
    put(work.root / "templates", next__a="- [ ] a {#a}", taken__a="- [ ] a {#a}", single="- [ ] a {#a}")
    (work.root / "templates" / "link.md").symlink_to("gone.md")
    before = listing(work.root)
    with pytest.raises(NbrunbookError, match=REFUSED[name]):
        cut(find_project(), name)
    assert listing(work.root) == before


def test_cut_leaves_what_it_cannot_read(work: Workplace) -> None:
    """A part that is no notebook stops the cut before anything moves."""
    put(work.root / "templates", next__a="- [ ] a {#a}")
    (work.root / "templates" / "next" / "bad.ipynb").write_text("{")
    before = listing(work.root)
    with pytest.raises(NbrunbookError, match=r"bad\.ipynb: not JSON"):
        cut(find_project(), "1.0")
    assert listing(work.root) == before


def test_a_finding_stops_no_cut(work: Workplace) -> None:
    """What is wrong with a step goes along, and is told of the template that it is in by then."""
    put(work.root / "templates", next__a="- [ ] a {#same}", next__b="- [ ] b {#same}")
    found = cut(find_project(), "1.0")
    assert [(each.id, each.path) for each in found.problems] == [("RB103", work.root / "templates" / "1.0" / "b.md")]


def test_what_is_no_part_is_not_cut(work: Workplace) -> None:
    """A folder with a README alone holds nothing that could be released."""
    put(work.root / "templates", next__README="- [ ] x")
    with pytest.raises(NbrunbookError, match="templates/next holds no parts; expected notebooks"):
        cut(find_project(), "1.0")


def test_what_is_cut_is_read_once_before_it_moves(work: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    """And once in its new place; two parts are four files."""
    put(work.root / "templates", next__a="- [ ] a {#a}", next__b="- [ ] b {#b}")
    read: list[Path] = []
    load = placed_cells.load

    def noted(path: Path, *given: Any, **more: Any) -> Any:
        read.append(path)
        return load(path, *given, **more)

    monkeypatch.setattr(placed_cells, "load", noted)
    cut(find_project(), "1.0")
    assert [path.parent.name for path in read] == ["next", "next", "1.0", "1.0"]


def test_every_folder_of_templates_is_cut(work: Workplace) -> None:
    """The next release's parts of all apps get its name together; one whose name is taken keeps all as they are."""
    settings = '[tool.nbrunbook]\ntemplates = ["templates", "*/runbooks"]\n'
    (work.root / "pyproject.toml").write_text(settings, encoding="utf-8")
    put(work.root, shop__runbooks__next__a="- [ ] A {#a}", stock__runbooks__next__b="- [ ] B {#b}")
    put(work.root, stock__runbooks__taken="- [ ] T {#t}", templates__1="- [ ] old {#o}")
    assert work.run("cut", "taken") == 1
    assert "stock/runbooks/taken.md exists" in work.err
    assert work.run("cut", "2") == 0, work.err
    assert work.out == "shop/runbooks/2  2 parts, 2 steps\n"
    assert [each.name for each in (work.root / "stock/runbooks").iterdir() if each.is_dir()] == ["2"]
