"""The templates of releases."""

from __future__ import annotations

from pathlib import Path

from nbrunbook.project.settings import find_project
from nbrunbook.template.template import Template
from nbrunbook.work.checkout import Checkout
from nbrunbook.work.release_templates import is_page, planned, release_templates
from tests.conftest import Workplace
from tests.making import put


def _read(work: Workplace, name: str) -> Template:
    found = release_templates(Checkout(project=find_project()))[name].read()
    assert isinstance(found, Template)
    return found


def test_a_release_of_several_folders_is_one(work: Workplace) -> None:
    """It stands at its place in the first folder that has it; the folders of parts are no releases."""
    settings = '[tool.nbrunbook]\ntemplates = ["templates", "*/runbooks"]\n'
    (work.root / "pyproject.toml").write_text(settings, encoding="utf-8")
    put(work.root, shop__runbooks__1="- [ ] A {#a}", stock__runbooks__1="- [ ] B {#b}", stock__runbooks__next__c="# c")
    found = release_templates(Checkout(project=find_project()))
    assert {name: each.shown for name, each in found.items()} == {"1": "shop/runbooks/1.md"}
    assert [step.id for step in _read(work, "1").steps] == ["a", "b"]


def test_what_cannot_be_read_says_why(work: Workplace) -> None:
    """A template that cannot be read is words, not an error; so is a plan that cannot be made."""
    put(work.root, templates__1="- [ ] A {#a}\n- [ ] B {#a}", templates__HOWTO="Read this.")
    (work.root / "templates/2.md").write_bytes(b"\xff")
    found = release_templates(Checkout(project=find_project()))
    assert "not UTF-8" in str(found["2"].read())
    made, fault = planned(_read(work, "1"), "staging", find_project())
    assert (made is not None, fault.startswith("RB103 ")) == (True, True)
    assert [is_page(_read(work, name)) for name in ("1", "HOWTO")] == [False, True]
    assert found["1"].path == Path(work.root / "templates/1.md")
