"""Cutting: the next release's parts get its name, or stay where they are."""

from __future__ import annotations

import pytest

from nbrunbook.errors import NbrunbookError
from nbrunbook.project.settings import find_project
from nbrunbook.template.cut import cut
from tests.conftest import Workplace
from tests.making import listing, put


def test_the_parts_become_a_release(work: Workplace) -> None:
    """The folder is renamed with all that is in it, and is a template from then on."""
    put(work.root, templates__next__b="- [ ] B {#b}", templates__next__a="- [ ] A {#a}", templates__next__README="x")
    made = cut(find_project(), "2.0")
    assert (made.name, [step.id for step in made.steps]) == ("2.0", ["a", "b"])
    assert sorted(path.name for path in (work.root / "templates" / "2.0").iterdir()) == ["README.md", "a.md", "b.md"]
    assert not (work.root / "templates" / "next").exists()


@pytest.mark.parametrize(
    ("release", "said"),
    [
        ("1.0", r"templates/1\.0\.md exists; expected a release without a template"),
        ("next", "a release cannot be called 'next'"),
        ("always", "a release cannot be called 'always'"),
        ("a/b", "release"),
    ],
)
def test_a_name_that_cannot_be_leaves_all_as_it_was(work: Workplace, release: str, said: str) -> None:
    """A name that is taken, or that no release can have, moves nothing."""
    put(work.root, **{"templates__1.0": "- [ ] A {#a}", "templates__next__b": "- [ ] B {#b}"})
    before = listing(work.root)
    with pytest.raises(NbrunbookError, match=said):
        cut(find_project(), release)
    assert listing(work.root) == before


def test_what_cannot_be_read_is_not_cut(work: Workplace) -> None:
    """A part in another encoding stays where it is, and so does a folder without parts."""
    put(work.root, templates__next__README="x")
    with pytest.raises(NbrunbookError, match=r"templates/next holds no parts; .*'nbrunbook new NAME --next'"):
        cut(find_project(), "2.0")
    (work.root / "templates" / "next" / "b.md").write_bytes(b"\xff")
    with pytest.raises(NbrunbookError, match="not UTF-8"):
        cut(find_project(), "2.0")
    assert (work.root / "templates" / "next" / "b.md").exists()
