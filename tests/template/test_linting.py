"""Linting: the problems of many templates, each told once."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from nbrunbook.project.settings import find_project
from nbrunbook.template import linting
from nbrunbook.template.files import templates_in
from tests.conftest import Workplace
from tests.making import put


def found(work: Workplace, *templates: str) -> list[tuple[str, str]]:
    """Return (id, path) of what is wrong in some templates; in all of them where none is named."""
    project = find_project()
    targets = [project.templates / each for each in templates] or templates_in(project.templates)
    return [(each.id, project.relative(each.path)) for each in linting.problems_in(targets, project)]


def test_a_standing_part_is_told_once_unless_it_is_wrong_in_a_release(work: Workplace) -> None:
    """What is wrong with a standing part by itself is told of it alone, what it is in a release of that."""
    put(work.root / "templates", **{"1.0": "```python parameters\nticket: str = 'x'\n```\n- [ ] a {#a}"})
    put(work.root / "templates", always__z='- [ ] z {evidence="ticket" as=ticket}')
    assert found(work) == [("RB106", "templates/always/z.md"), ("RB203", "templates/always/z.md")]


def test_many_templates_are_shared_out(work: Workplace) -> None:
    """More processes find the same, in the same order."""
    put(work.root / "templates", **{f"{number}": f"- [ ] step {number}" for number in range(120)})
    status = work.run("lint")
    lines = work.out.splitlines()
    assert (status, len(lines)) == (1, 120)
    assert lines == sorted(lines)


def test_rb100_a_file_that_cannot_be_read(work: Workplace) -> None:
    """The linter goes on with the other templates where one cannot be read, and says why."""
    work.template("- [ ] a", name="good")
    (work.root / "templates" / "bad.ipynb").write_text("{")
    assert work.run("lint", "--format", "json") == 1
    assert [(each["id"], each["path"]) for each in json.loads(work.out)["findings"]] == [
        ("RB100", "templates/bad.ipynb"),
        ("RB203", "templates/good.ipynb"),
    ]


def test_more_processes_find_the_same(work: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many templates there are, what is told and its order are those of one process."""
    put(work.root / "templates", always__z="- [ ] z", **{f"{number}": f"- [ ] {number}" for number in range(8)})
    alone = found(work)
    assert len(alone) == 9
    monkeypatch.setattr(linting, "MANY", 2)
    assert found(work) == alone


def test_standing_parts_that_cannot_be_read_are_told_in_each(work: Workplace) -> None:
    """They stop each release as well, and there is nothing of theirs that was told before."""
    put(work.root / "templates", **{"1.0": "- [ ] a {#a}"})
    (work.root / "templates" / "always").mkdir()
    (work.root / "templates" / "always" / "z.ipynb").write_text("{")
    assert found(work) == [("RB100", "templates/always/z.ipynb")] * 2


def test_rb100_says_what_was_expected_and_what_to_do(work: Workplace) -> None:
    """The file is named once, where the finding is, and not in its message again."""
    path = work.root / "templates" / "1.0.md"
    put(work.root / "templates", **{"1.0": "---\nnbrunbook: [\n---\n"})
    (told,) = linting.problems_in([path], find_project())
    assert (told.id, told.path, told.hint) == ("RB100", path, "expected YAML between the lines of ---")
    assert told.message.startswith("its front matter is no YAML")


def test_outside_of_a_project_environments_have_any_name(work: Workplace, tmp_path: Path) -> None:
    """Which environments and groups there are is the project's to say; another name is a finding only there."""
    (work.root / "pyproject.toml").write_text("[tool.nbrunbook.environments.staging]\n", encoding="utf-8")
    put(work.root / "templates", **{"1.0": "---\nnbrunbook:\n  environments: [stagging]\n---\n- [ ] a {#a}"})
    path = work.root / "templates" / "1.0.md"
    assert linting.problems_in([path], None) == []
    assert [each.id for each in linting.problems_in([path], find_project())] != []
