"""Templates of several files: which they are, in which order, and what they share."""

from __future__ import annotations

from pathlib import Path

import pytest

from nbrunbook.documents import notebook
from nbrunbook.errors import NbrunbookError
from nbrunbook.template import files as template_files
from nbrunbook.template.template import Template, read_template
from tests.conftest import Workplace, template_bytes
from tests.making import put


def steps(found: Template) -> list[str]:
    """Return the ids of a template's steps, in order."""
    return [step.id for step in found.steps]


def test_parts_stand_in_name_order(tmp_path: Path) -> None:
    """Notebooks and Markdown, the release's and the standing ones, stand in one order of names."""
    put(tmp_path, **{"1.0__20-b": "- [ ] b {#b}", "always__30-c": "- [ ] c {#c}", "always__10-a": "- [ ] a {#a}"})
    (tmp_path / "1.0" / "25-n.ipynb").write_bytes(template_bytes("- [ ] n {#n}"))
    found = read_template(tmp_path / "1.0")
    assert steps(found) == ["a", "b", "n", "c"]
    assert [part.path.name for part in found.parts] == ["10-a.md", "20-b.md", "25-n.ipynb", "30-c.md"]
    assert (found.name, found.folder) == ("1.0", tmp_path / "1.0")


def test_a_template_of_one_file_comes_before_the_standing_parts(tmp_path: Path) -> None:
    """Whatever a single file is called, its steps come first."""
    put(tmp_path, **{"1.0": "- [ ] b {#b}", "always__0": "- [ ] a {#a}"})
    assert steps(read_template(tmp_path / "1.0.md")) == ["b", "a"]
    assert steps(read_template(tmp_path / "always")) == ["a"]


def test_a_readme_and_hidden_files_are_no_parts(tmp_path: Path) -> None:
    """A README, hidden files and folders may lie beside the parts."""
    put(tmp_path, **{"next__README": "- [ ] x", "next__.hidden": "- [ ] x", "next__a": "- [ ] a {#a}"})
    put(tmp_path, **{"next__.ipynb_checkpoints__a": "- [ ] x", "next__images__a": "- [ ] x"})
    assert steps(read_template(tmp_path / "next")) == ["a"]
    assert template_files.templates_in(tmp_path) == [tmp_path / "next"]


def test_a_folder_without_parts_is_an_error(tmp_path: Path) -> None:
    """An empty folder is no template, even with standing parts beside it."""
    put(tmp_path, always__a="- [ ] a {#a}")
    (tmp_path / "1.0").mkdir()
    with pytest.raises(NbrunbookError, match=r"a folder without parts; expected notebooks"):
        read_template(tmp_path / "1.0")


def test_ids_are_unique_across_parts(tmp_path: Path) -> None:
    """Two parts with one id stop the template; the second one's file is named."""
    put(tmp_path, **{"1.0__a": "- [ ] a {#same}", "1.0__b": "- [ ] b {#same}"})
    (found,) = read_template(tmp_path / "1.0").stopping
    assert (found.id, found.path.name) == ("RB103", "b.md")


def test_a_heading_ends_with_its_part(tmp_path: Path) -> None:
    """What a heading says holds for its own part only."""
    put(tmp_path, **{"1.0__a": "# A {owner=ana .optional}\n- [ ] a {#a}", "1.0__b": "- [ ] b {#b}"})
    found = read_template(tmp_path / "1.0")
    assert [(each.owner, each.flags) for each in found.sections] == [("ana", ("optional",)), (None, ())]


def test_parts_share_references_and_after(tmp_path: Path) -> None:
    """A reference link and an id of one part serve in all."""
    put(tmp_path, **{"1.0__a": "- [ ] a {#a after=b}\n  see [x]", "1.0__b": "- [ ] b {#b}\n\n[x]: https://e.com"})
    found = read_template(tmp_path / "1.0")
    assert not found.stopping
    assert found.references["X"]["href"] == "https://e.com"


def test_parts_become_one_runbook(work: Workplace) -> None:
    """One parameters cell declares everything before any code, so that a value given reaches every part."""
    put(work.root / "templates", **{"1.0__a": "# A\n- [ ] a {{url}} {#a}", "always__z": "# Z\n- [ ] z {#z}"})
    declare = "```python parameters\nurl: str = 'x'\n```\n"
    put(work.root / "templates", **{"1.0__b": f"{declare}# B\n- [ ] b {{#b}}", "1.0__c": f"{declare}text\n"})
    (work.root / "templates" / "1.0" / "0.ipynb").write_bytes(template_bytes("- [ ] n {#n}", code="print(url)"))
    assert work.run("instantiate", "1.0", "-e", "staging", "-p", "url", "y") == 0, work.err

    cells = notebook.read(work.root / "runbooks" / "staging" / "1.0.ipynb").cells
    code = [cell["source"] for cell in cells if cell["cell_type"] == "code" and "nbrunbook" not in notebook.tags(cell)]
    assert code[0].count("url: str = 'x'") == 2
    assert 'url = "y"' in code[1]
    assert code[2] == "print(url)"
    assert work.run("status", "staging/1.0") == 0
    assert [word for word in ("(n)", "(a)", "(b)", "(z)") if word in work.out] == ["(n)", "(a)", "(b)", "(z)"]
    assert "a y" in work.out


def test_next_needs_a_release(work: Workplace) -> None:
    """Parts whose release has no name yet become a runbook only under one that is given."""
    put(work.root / "templates", next__a="- [ ] a {#a}")
    assert work.run("instantiate", "next", "-e", "staging") == 1
    assert "nbrunbook cut NAME" in work.err
    assert work.run("instantiate", "next", "-e", "staging", "--release", "a/b") == 1
    assert work.run("instantiate", "next", "-e", "staging", "--release", "always") == 1
    assert work.run("instantiate", "templates/next/a.md", "-e", "staging") == 1
    assert "one part of a template; expected all of it: templates/next" in work.err
    assert not (work.root / "runbooks").exists()
    assert work.run("instantiate", "next", "-e", "staging", "--release", "1.1") == 0, work.err
    assert work.out.startswith("staging/1.1 ")
    assert work.run("plan", "next", "--release", "1.1", "--json") == 0
    assert '"release": "1.1"' in work.out


def test_rb219_a_file_that_is_no_part(tmp_path: Path) -> None:
    """What looks like a part and is none is told; a README, a draft and an image are not."""
    folder = tmp_path / "1.0"
    (folder / "sub").mkdir(parents=True)
    for name in ("a.md", "b.MD", "c.markdown", "sub/d.md", "README.md", "_draft.md", "picture.png"):
        (folder / name).write_text(f"- [ ] a {{#{name[0]}}}")
    (folder / "e.md").symlink_to(folder / "gone.md")
    found = read_template(folder).problems
    assert {each.id for each in found} == {"RB219"}
    assert [each.path.name for each in found] == ["b.MD", "c.markdown", "e.md", "sub"]


def test_rb219_a_file_of_standing_parts(tmp_path: Path) -> None:
    """Standing parts are read from their folder: of a single file no release would have the steps."""
    put(tmp_path, always="- [ ] a {#a}", **{"1.0": "- [ ] b {#b}"})
    (found,) = read_template(tmp_path / "always.md").problems
    assert (found.id, found.message) == ("RB219", "no release has its steps")


@pytest.mark.parametrize(
    ("name", "is_one"), [("a.md", True), ("a.ipynb", True), ("README.md", False), ("_a.md", False)]
)
def test_a_name_alone_tells_of_a_part(name: str, *, is_one: bool) -> None:
    """A part may be in a commit and not on disk."""
    assert template_files.is_name_of_part(name) is is_one


def test_what_several_homes_hold_of_one_name_is_one_template(tmp_path: Path) -> None:
    """Single files come first, then all parts in name order; of one name the release's, in the homes' order."""
    names = ["a/1.0.md", "a/always/m.md", "b/1.0/m.md", "b/1.0/a.md", "b/always/z.md", "c/1.0.ipynb", "c/always.md"]
    for name in names:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    homes = [tmp_path / each for each in ("a", "b", "c")]
    whole = ["a/1.0.md", "c/1.0.ipynb", "b/1.0/a.md", "b/1.0/m.md", "a/always/m.md", "b/always/z.md"]
    for path in ("a/1.0.md", "b/1.0", "c/1.0.ipynb"):
        assert template_files.places_of(tmp_path / path, homes)[0] == tmp_path / "a/1.0.md"
        found = template_files.files_of(tmp_path / path, homes)
        assert sorted(found) == sorted(tmp_path / each for each in whole)
    assert template_files.files_of(tmp_path / "a/1.0.md", homes) == [tmp_path / each for each in whole]
    assert template_files.files_of(tmp_path / "a/1.0.md") == [tmp_path / "a/1.0.md", tmp_path / "a/always/m.md"]
    assert template_files.templates_in_all(homes) == [
        tmp_path / "a/1.0.md", tmp_path / "a/always", tmp_path / "c/always.md"
    ]  # fmt: skip
