"""Templates of which nobody can say what their steps are."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest

from nbrunbook.errors import TemplateError
from nbrunbook.project.settings import find_project
from nbrunbook.template.cut import cut
from nbrunbook.template.problems import Problem
from nbrunbook.template.template import read_template
from tests.conftest import Workplace, template_bytes
from tests.making import put, run_git

CONFLICT = "# Notes\n<<<<<<< HEAD\n- [ ] a {#a}\n=======\n- [ ] b {#b}\n>>>>>>> topic\n"


def unclear(path: Path) -> list[Problem]:
    """Return what stops a template because nobody can say which steps are meant."""
    found = read_template(path)
    assert set(found.unclear) <= set(found.stopping)
    return found.unclear


TWINS = {
    "a notebook and Markdown": ("1.0.ipynb", "1.0.md"),
    "a folder and a file": ("2.0/a.md", "2.0.md"),
    "a folder and a notebook": ("2.0/a.md", "2.0.ipynb"),
    "the next release": ("next/a.md", "next.md"),
    "the standing parts": ("always/a.md", "always.ipynb"),
    "parts": ("2.0/a.ipynb", "2.0/a.md"),
    "standing parts": ("always/a.ipynb", "always/a.md"),
    "case": ("2.0-RC1.md", "2.0-rc1.md"),
    "composed letters": ("für.md", unicodedata.normalize("NFD", "für.ipynb")),
}


def _written(folder: Path, *names: str) -> list[Path]:
    for name in names:
        (folder / name).parent.mkdir(exist_ok=True)
        step = f"- [ ] a {{#s{abs(hash(name))}}}"
        (folder / name).write_bytes(template_bytes(step) if name.endswith(".ipynb") else step.encode())
    return [folder / name if "/" not in name else (folder / name).parent for name in names]


@pytest.mark.parametrize("name", TWINS)
def test_rb118_two_sources_of_one_release(tmp_path: Path, name: str) -> None:
    """Whichever of them is read, the finding is the same, and stops; every release that has such parts stops too."""
    one, other = _written(tmp_path, *TWINS[name])
    (found,) = unclear(one)
    assert (found.id, unclear(other)) == ("RB118", [found])
    put(tmp_path, **{"3.0": "- [ ] x {#x}"})
    assert unclear(tmp_path / "3.0.md") == ([found] if "always" in str(one) else [])


@pytest.mark.parametrize(
    "names",
    [
        ("1.0.md", "v1.0.md"),
        ("1.0.md", "1.0.md.orig"),
        ("1.0.md", "1.0/picture.png"),
        ("2.0/a.md", "3.0/a.md"),
        ("2.0/a.md", "2.0/a/picture.png"),
        ("2.0/a.md", "always/a.md"),
        ("1.0.md", "1.0.py"),
    ],
)
def test_what_has_another_name_is_another_source(tmp_path: Path, names: tuple[str, str]) -> None:
    """`v1.0` is a release of its own, listed as such; pictures and what is no template may have a release's name."""
    one, _ = _written(tmp_path, *names)
    assert not unclear(one)


def test_one_file_under_two_names_is_one_source(tmp_path: Path) -> None:
    """A name typed otherwise, where case does not count, is no second file; nor is a link to the first."""
    (one,) = _written(tmp_path, "rc1.md")
    (tmp_path / "RC1.md").symlink_to(one)
    assert not unclear(one)
    assert not unclear(tmp_path / "RC1.md")


def test_rb118_names_the_pairing_of_jupytext(work: Workplace) -> None:
    """A notebook that comes with Markdown is paired by jupytext: one of them would come back."""
    work.template("- [ ] a {#a}")
    put(work.root / "templates", **{"1.0": "- [ ] a {#a}"})
    assert work.run("lint") == 1
    assert work.out.count("RB118 templates/1.0.ipynb: 1.0.ipynb and 1.0.md have one name (keep one") == 1
    assert """jupytext --update-metadata '{"jupytext": null}' 1.0.ipynb""" in work.out


def test_rb118_a_name_means_the_one_that_is_a_template(work: Workplace) -> None:
    """A folder of pictures beside a file does not take its name."""
    _written(work.root, "templates/1.0.md")
    (work.root / "templates" / "1.0").mkdir()
    (work.root / "templates" / "1.0" / "picture.png").touch()
    assert work.run("plan", "1.0") == 0, work.err


@pytest.mark.parametrize("name", ["twins", "conflict"])
def test_rb118_every_command_stops_at_it(work: Workplace, name: str) -> None:
    """No command takes one of two, or both sides of a merge; the templates beside are looked at all the same."""
    run_git(work.root, "init", "-q")
    put(work.root / "templates", **{"1.0": "- [ ] a {#a}", "2.0": "- [ ] b {#b}"})
    run_git(work.root, "add", ".")
    run_git(work.root, "commit", "-qm", "before")
    if name == "twins":
        work.template("- [ ] c {#c}")
    else:
        put(work.root / "templates", **{"1.0": CONFLICT})
    asked, mark = "templates/1.0.md", "RB118" if name == "twins" else "RB119 templates/1.0.md, line 2"
    for command in (["lint"], ["plan", asked], ["instantiate", asked, "-e", "staging"], ["rehearse", asked],
                    ["export", asked], ["diff", asked], ["diff", f"main:{asked}", asked]):  # fmt: skip
        assert work.run(*command) == 1, command
        assert mark in work.out + work.err, command
    assert work.run("instantiate", "2.0", "-e", "staging") == 0, work.err
    assert work.run("pending", "-e", "staging") == 0
    assert mark in work.out
    assert "1.0  not instantiated   nbrunbook" in work.out  # and not how many steps
    assert "2.0  open, 0 of 1 done" in work.out


def test_rb118_what_is_next_is_not_cut_from_two_sources(work: Workplace) -> None:
    """`cut` would leave one of them behind; `new` does not make a second one that differs in case."""
    put(work.root / "templates", next__a="- [ ] a {#a}", next="- [ ] b {#b}")
    with pytest.raises(TemplateError, match="RB118"):
        cut(find_project(), "1.0")
    assert work.run("new", "RC1.md") == 0
    assert work.run("new", "rc1") == 1
    assert "templates/RC1.md exists" in work.err


def test_rb119_a_merge_conflict_in_markdown(tmp_path: Path) -> None:
    """Both sides would be steps; the front matter and the parameters count, too."""
    put(tmp_path, **{"1.0": CONFLICT, "2.0__a": CONFLICT, "3.0": f"---\ntitle: x\n{CONFLICT}---\n- [ ] a {{#a}}"})
    put(tmp_path, **{"4.0": "```python parameters\n<<<<<<< HEAD\nx: int = 1\n=======\nx: int = 2\n>>>>>>> t\n```\n"})
    assert [(each.id, each.line) for each in unclear(tmp_path / "1.0.md")] == [("RB119", 2)]
    assert [each.path.name for each in unclear(tmp_path / "2.0")] == ["a.md"]
    assert [each.line for each in unclear(tmp_path / "3.0.md")] == [4]
    assert [each.line for each in unclear(tmp_path / "4.0.md")] == [2]


def test_rb119_a_merge_conflict_in_cells(tmp_path: Path) -> None:
    """A merge by nbdime leaves the marks in a cell, and where whole cells are in conflict in cells of their own."""
    (tmp_path / "1.0.ipynb").write_bytes(template_bytes("- [ ] x {#x}", CONFLICT))
    signs = ("<<<<<<< local", "=======", ">>>>>>> remote")
    above, between, below = (f'<span style="color:red">**{sign}**</span>' for sign in signs)
    cells = [above, "- [ ] a {#a}", between, "- [ ] b {#b}", below]
    (tmp_path / "2.0.ipynb").write_bytes(template_bytes(*cells, parameters="release: str = '2.0'"))
    (tmp_path / "3.0.ipynb").write_bytes(template_bytes("- [ ] x {#x}", code=CONFLICT))
    assert [(each.cell, each.line) for each in unclear(tmp_path / "1.0.ipynb")] == [(3, 2)]
    assert [(each.cell, each.line) for each in unclear(tmp_path / "2.0.ipynb")] == [(2, 1)]
    assert [(each.cell, each.line) for each in unclear(tmp_path / "3.0.ipynb")] == [(3, 2)]


def test_rb119_a_conflict_is_not_mended(work: Workplace) -> None:
    """`lint --fix` would write ids into both sides of it, and the merge would be harder to finish."""
    put(work.root / "templates", **{"1.0": CONFLICT.replace(" {#a}", "")})
    before = (work.root / "templates" / "1.0.md").read_bytes()
    assert work.run("lint", "--fix") == 1
    assert (work.root / "templates" / "1.0.md").read_bytes() == before


def test_rb119_an_example_of_a_conflict_is_none(tmp_path: Path) -> None:
    """A checklist may say how to end a merge."""
    example = CONFLICT.partition("\n")[2]
    put(tmp_path, **{"1.0": f"- [ ] Look for marks {{#a}}\n\n```\n{example}```\n"})
    (tmp_path / "2.0.ipynb").write_bytes(template_bytes(f"- [ ] Look {{#a}}\n\n```text\n{example}```\n"))
    assert not unclear(tmp_path / "1.0.md")
    assert not unclear(tmp_path / "2.0.ipynb")
