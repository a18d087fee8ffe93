"""In which environments a template applies."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from nbrunbook.documents import textconv
from nbrunbook.project.settings import find_project
from nbrunbook.template.environments import applies_in
from nbrunbook.template.template import Template, read_template
from tests.conftest import Workplace, template_bytes
from tests.making import put
from tests.template.conftest import changed, problems_of

CONFIG = """[project]
name = "shop"
[tool.nbrunbook.environments.staging]
[tool.nbrunbook.environments.production-eu]
group = "production"
[tool.nbrunbook.environments.production-us]
group = "production"
"""
STEP = "- [ ] Mail {#mail}"


def _with_metadata(path: Path, about: Any) -> Path:
    document = json.loads(template_bytes(STEP))
    document["metadata"]["nbrunbook"] = about
    path.write_text(json.dumps(document, sort_keys=True), encoding="utf-8")
    return path


def _front_matter(text: str) -> str:
    return f"---\nnbrunbook: {text}\n---\n{STEP}\n"


def _ids(read: Template) -> list[str]:
    return [problem.id for problem in read.problems if problem.stops]


@pytest.mark.parametrize("about", [None, {}, {"environments": ["production"]}])
def test_a_notebook_says_it_in_its_metadata(tmp_path: Path, about: Any) -> None:
    """`metadata.nbrunbook.environments` of a notebook names environments; without it, a template applies everywhere."""
    read = read_template(_with_metadata(tmp_path / "1.0.ipynb", about))
    assert read.environments == (("production",) if about else None)
    assert read.problems == ()


def test_a_markdown_part_says_it_in_its_front_matter(tmp_path: Path) -> None:
    """The front matter of a Markdown template says the same; a name is a text whatever YAML thinks of it."""
    put(tmp_path, next__a=_front_matter("{environments: [production-eu, on, 1.10]}"))
    assert read_template(tmp_path / "next").environments == ("production-eu", "on", "1.10")


def test_parts_that_say_nothing_agree(tmp_path: Path) -> None:
    """What one part of a folder says holds for the whole template, and the order of names says nothing."""
    put(tmp_path, next__a=STEP, next__b=_front_matter("{environments: [a, b]}").replace("mail", "b"))
    put(tmp_path, next__c=_front_matter("\n  environments:\n  - b\n  - a").replace("mail", "c"))
    read = read_template(tmp_path / "next")
    assert read.environments == ("a", "b")
    assert _ids(read) == []


def test_front_matter_that_is_no_yaml_is_told(work: Workplace) -> None:
    """Front matter that speaks of nbrunbook and cannot be read is one error with the file; any other is left alone."""
    put(work.root / "templates", a=_front_matter("[}"), b=f"---\ntitle: [}}\n---\n{STEP}")
    assert work.run("plan", "templates/a.md") == 1
    assert "templates/a.md: its front matter is no YAML" in work.err
    assert work.run("plan", "templates/b.md") == 0


@pytest.mark.parametrize("about", [{"key": "staging/1.0", "schema": 1}, {"schema": 1}])
def test_a_runbook_is_still_no_template(work: Workplace, about: Any) -> None:
    """What a runbook holds in its metadata is told from what a template says there."""
    _with_metadata(work.root / "1.0.ipynb", about)
    assert work.run("plan", "1.0.ipynb") == 1
    assert "a runbook; expected a template" in work.err


def test_a_group_means_its_environments(work: Workplace) -> None:
    """A template that names a group applies in each of its environments, and nowhere else."""
    (work.root / "pyproject.toml").write_text(CONFIG, encoding="utf-8")
    found = find_project()
    applies = [name for name in found.environments if applies_in(["production"], name, found)]
    assert applies == ["production-eu", "production-us"]
    assert applies_in(["staging"], "staging", found)
    assert applies_in(None, "staging", found)
    assert not applies_in(["production"], "elsewhere", found)


def test_a_group_serves_where_an_environment_does(work: Workplace) -> None:
    """`plan` and `rehearse` take a group's name, and show or try all of its environments."""
    (work.root / "pyproject.toml").write_text(CONFIG, encoding="utf-8")
    path = work.template(STEP)
    assert work.run("plan", path, "-e", "production", "--json") == 0, work.err
    assert len(json.loads(work.out)) == 2
    assert work.run("plan", path, "-e", "production") == 0
    assert "1.0 in production-eu" in work.out
    assert "1.0 in production-us" in work.out
    assert work.run("rehearse", path, "-e", "production") == 0, work.err
    assert "production-eu/1.0" in work.out
    assert "production-us/1.0" in work.out


def test_an_unknown_name_is_a_finding_where_environments_are_declared(work: Workplace) -> None:
    """With environments declared, `lint`, `plan` and `instantiate` know which names there are."""
    (work.root / "templates").mkdir()
    path = _with_metadata(work.root / "templates" / "1.0.ipynb", {"environments": ["prodction"]})
    assert work.run("lint") == 0, work.out
    (work.root / "pyproject.toml").write_text(CONFIG, encoding="utf-8")
    assert work.run("lint") == 1
    assert "RB116" in work.out
    assert "did you mean 'production'?" in work.out
    for command in (["plan", path], ["instantiate", path, "-e", "staging"]):
        assert work.run(*command) == 1
        assert "RB116" in work.out + work.err


def test_it_stays_through_export_and_import(work: Workplace) -> None:
    """A template that is exported to Markdown and imported again applies where it did."""
    path = _with_metadata(work.root / "1.0.ipynb", {"environments": ["production", "a: b"]})
    for name in ("2.0.md", "3.0.ipynb"):
        verb = "export" if name.endswith(".md") else "import"
        assert work.run(verb, path, "-o", name) == 0, work.err
        path = work.root / name
        read = read_template(path)
        assert (read.environments, read.stopping) == (("production", "a: b"), [])


def test_a_review_says_where_it_applies_now(work: Workplace) -> None:
    """`diff` shows that a template applies elsewhere, and that fewer environments are riskier."""
    everywhere = _with_metadata(work.root / "1.0.ipynb", None)
    production = _with_metadata(work.root / "2.0.ipynb", {"environments": ["production"]})
    assert work.run("diff", everywhere, production) == 0
    assert "reach changed" in work.out
    assert "1 change makes this release riskier" in work.out
    assert work.run("diff", production, everywhere) == 0
    assert "1 reach changed" in work.out
    assert "riskier" not in work.out


def test_lint_and_textconv_keep_it(work: Workplace) -> None:
    """Mending leaves it there, and a diff in git shows it."""
    path = _with_metadata(work.root / "1.0.ipynb", {"environments": ["production"]})
    path.write_text(path.read_text().replace(" {#mail}", ""), encoding="utf-8")
    assert work.run("lint", "--fix", path) == 0, work.out
    assert read_template(path).environments == ("production",)
    assert '══ nbrunbook.environments: ["production"]' in (textconv.text(path.read_bytes()) or "")


@pytest.mark.parametrize(
    "about",
    [["production"], "production", {"environments": "production"}, {"environments": []}, {"environments": [7]},
     {"environments": [" "]}, {"environmets": ["production"]}],
)  # fmt: skip
def test_rb116_environments_that_cannot_be_used(tmp_path: Path, about: object) -> None:
    """What a template's metadata says under nbrunbook is a list of names under `environments`."""
    content = json.loads(template_bytes("- [ ] a {#a}"))
    found = problems_of(
        changed(template_bytes("- [ ] a {#a}"), metadata={**content["metadata"], "nbrunbook": about}), tmp_path
    )
    assert "RB116" in [problem.id for problem in found]


def test_rb116_parts_that_disagree(tmp_path: Path) -> None:
    """Parts that say where the template applies say the same; a standing part does not say it."""
    matter = "---\nnbrunbook:\n  environments: [{}]\n---\n- [ ] a {{#{}}}\n"
    put(tmp_path, next__a=matter.format("production", "a"), next__b=matter.format("staging", "b"))
    found = read_template(tmp_path / "next")
    assert [(each.id, each.path.name) for each in found.problems] == [("RB116", "b.md")]
    assert found.environments is None
    put(tmp_path, next__b="- [ ] b {#b}", always__c=matter.format("production", "c"))
    found = read_template(tmp_path / "next")
    assert [(each.id, each.path.name) for each in found.problems] == [("RB116", "c.md")]
