"""Parameters: what all parts of a template declare together."""

from __future__ import annotations

from pathlib import Path

import pytest

from nbrunbook.documents import kernelspec, notebook
from nbrunbook.template.problems import Problem
from nbrunbook.template.template import read_template
from tests.conftest import template_bytes
from tests.template.conftest import ids_of, problems_of, template_of


def test_release_and_environment_are_added(tmp_path: Path) -> None:
    """`release` and `environment` are always present, before the author's own."""
    found = template_of(tmp_path, "- [ ] a {#a}", parameters="replicas = 2")
    assert [each.name for each in found.parameters] == ["release", "environment", "replicas"]
    assert found.parameters[0].default == "1.0"


def _folder(tmp_path: Path, **parts: str) -> list[Problem]:
    folder = tmp_path / "1.0"
    folder.mkdir(parents=True)
    for name, text in parts.items():
        (folder / f"{name}.md").write_text(text)
    return list(read_template(folder).problems)


def test_rb114_parts_declare_a_parameter_alike(tmp_path: Path) -> None:
    """Two parts may declare one parameter, alike; another type or default stops the template, with its line."""
    one = "# A\n\n```python parameters\nurl: str = 'x'  # mine\n```\n- [ ] a {#a}\n"
    assert _folder(tmp_path / "same", a=one, b=one.replace("#a", "#b").replace("mine", "other words")) == []
    other = one.replace("#a", "#b").replace("'x'", "'y'")
    (found,) = _folder(tmp_path / "other", a=one, b=other)
    assert (found.id, found.path.name, found.cell, found.line, found.stops) == ("RB114", "b.md", None, 4, True)
    assert "a.md" in found.message
    assert found.hint == "give both the same default: there it is a str"


def test_rb101_one_cell_is_tagged_parameters(tmp_path: Path) -> None:
    """A template has one code cell tagged parameters: none is a problem, and so are two."""
    step = notebook.markdown_cell("a", "- [ ] a {#a}")
    tagged = [notebook.code_cell(name, "x = 1", {"tags": ["parameters"]}) for name in "bc"]
    for cells in ([step], [step, *tagged]):
        found = problems_of(notebook.dump(notebook.document(cells, kernelspec.notebook_metadata({}))), tmp_path)
        assert [problem.id for problem in found] == ["RB101"]


@pytest.mark.parametrize("line", ["x = open('f')", "x: dict = {}", "release: int = 1", "x: int = 'a'", "x ="])
def test_rb102_a_declaration_is_understood(tmp_path: Path, line: str) -> None:
    """A declaration that is computed, of an unknown type, or that does not fit is a problem with its line."""
    found = problems_of(template_bytes("- [ ] a {#a}", parameters=f"# one\n{line}"), tmp_path)
    assert [(problem.id, problem.cell, problem.line) for problem in found] == [("RB102", 1, 2)]


def test_rb206_a_release_that_is_not_the_name(tmp_path: Path) -> None:
    """The template is called what its release is called."""
    assert ids_of(tmp_path, "- [ ] a {#a}", parameters="release: str = '1.1'") == ["RB206"]
    assert ids_of(tmp_path, "- [ ] a {#a}", parameters="release: str") == []
