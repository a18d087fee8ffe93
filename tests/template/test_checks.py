"""Checks: a test for each id of what can be wrong once all steps and parameters are known."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from nbrunbook.documents import notebook
from nbrunbook.template.template import read_template
from tests.conftest import PARAMETERS, template_bytes
from tests.template.conftest import changed, ids_of, problems_of


@pytest.mark.parametrize("second", ["- [ ] b {#a}", "# Other\n- [ ] b {#a}", "- plain\n  - [ ] b {#a .optional}"])
def test_rb103_ids_are_unique(tmp_path: Path, second: str) -> None:
    """Two steps of one id are a problem, in whichever section they stand."""
    assert ids_of(tmp_path, "- [ ] a {#a}", second) == ["RB103"]


def test_rb103_a_second_step_of_one_name_is_pinned(tmp_path: Path) -> None:
    """A second step that would get the same id must be pinned, and the hint says how."""
    content = template_bytes("# S\n- [ ] Say it {#s-1}\n- [ ] Say it\n- [ ] Say it")
    found = [problem for problem in problems_of(content, tmp_path) if problem.id == "RB103"]
    assert [problem.line for problem in found] == [4]
    assert "{#s-say-it-2}" in found[0].hint


def test_rb103_plain_bullets_may_repeat(tmp_path: Path) -> None:
    """Plain bullets over steps have no history to keep: two may have the same words."""
    assert ids_of(tmp_path, "- web\n  - [ ] a {#a}\n- web\n  - [ ] b {#b}") == []


@pytest.mark.parametrize(
    ("markdown", "hint"),
    [
        ("- [ ] a {#a .irreversable}", ".irreversible"),
        ("# H {.gates}\n- [ ] a {#a}", ".gate"),
        ("# H {.once}\n- [ ] a {#a}", ""),
    ],
)
def test_rb104_an_unknown_flag(tmp_path: Path, markdown: str, hint: str) -> None:
    """A flag that a step or a heading does not know is a problem, with the nearest one that it does."""
    found = problems_of(template_bytes(markdown), tmp_path)
    assert [problem.id for problem in found] == ["RB104"]
    assert hint in found[0].hint


@pytest.mark.parametrize("markdown", ["- [ ] a {#a ownr=ops}", "# H {wait=1d}\n- [ ] a {#a}"])
def test_rb105_an_unknown_key(tmp_path: Path, markdown: str) -> None:
    """A key that a step or a heading does not know is a problem, with what it does know."""
    found = problems_of(template_bytes(markdown), tmp_path)
    assert [problem.id for problem in found] == ["RB105"]
    assert "owner" in found[0].hint


@pytest.mark.parametrize(
    "attribute",
    ["wait=soon", "due=1.5h", 'owner=""', "as=x", 'as=release evidence="e"', 'as="a b" evidence="e"', 'evidence=" "'],
)
def test_rb106_a_value_that_cannot_be_used(tmp_path: Path, attribute: str) -> None:
    """An empty value, no duration, an `as` without evidence or of a taken name is a problem."""
    assert ids_of(tmp_path, f"- [ ] a {{#a {attribute}}}") == ["RB106"]


@pytest.mark.parametrize("expression", ["print(kind)", "kind ==", "knd == 'patch'", "kind.x", "kind == x"])
def test_rb107_a_when_that_cannot_be_decided(tmp_path: Path, expression: str) -> None:
    """A `when` that is no comparison, or names no parameter, is a problem on a step and on a heading."""
    declared = f"{PARAMETERS}\nkind = 'minor'"
    for markdown in (f'- [ ] a {{#a when="{expression}"}}', f'# H {{when="{expression}"}}\n- [ ] a {{#a}}'):
        assert ids_of(tmp_path, markdown, parameters=declared) == ["RB107"]


@pytest.mark.parametrize("after", ["promot", "promote,x", "self", "x@production"])
def test_rb108_an_after_that_names_no_step(tmp_path: Path, after: str) -> None:
    """`after` names other steps of the template."""
    assert ids_of(tmp_path, f"- [ ] p {{#promote}}\n- [ ] a {{#self after='{after}'}}") == ["RB108"]


@pytest.mark.parametrize("after", ["promote", "promote,below", "promote@production", "2026.11.0#anything"])
def test_rb108_what_after_may_name(tmp_path: Path, after: str) -> None:
    """`after` may name a step above or below, one in every environment of a group, or one of another release."""
    markdown = f"- [ ] p {{#promote}}\n- [ ] a {{#a after='{after}'}}\n- [ ] b {{#below}}"
    assert ids_of(tmp_path, markdown) == []


@pytest.mark.parametrize("block", ["{#a #b}", "{#a .once .once}", "{#a owner=x owner=y}"])
def test_rb109_the_same_attribute_twice(tmp_path: Path, block: str) -> None:
    """An id, a flag or a key stands there once."""
    assert ids_of(tmp_path, f"- [ ] a {block}") == ["RB109"]


def test_rb110_a_notebook_that_breaks_its_schema(tmp_path: Path) -> None:
    """A notebook that breaks its schema is still read, and the cell is named."""
    broken = json.loads(template_bytes("- [ ] a {#a}"))
    broken["cells"][1]["outputs"] = []
    found = problems_of(json.dumps(broken).encode(), tmp_path)
    assert [(problem.id, problem.cell) for problem in found] == [("RB110", 2)]


@pytest.mark.parametrize(
    "metadata", [{"language_info": {"name": "R"}}, {"kernelspec": {"name": "ir", "display_name": "R", "language": "R"}}]
)
def test_rb111_another_language(tmp_path: Path, metadata: dict[str, Any]) -> None:
    """Sessions run Python: a notebook that says another language is a problem."""
    found = problems_of(changed(template_bytes("- [ ] a {#a}"), metadata=metadata), tmp_path)
    assert "RB111" in [problem.id for problem in found]
    python = {"kernelspec": {"display_name": "Mine", "name": "mine"}, "language_info": {"name": "ipython"}}
    assert problems_of(changed(template_bytes("- [ ] a {#a}"), metadata=python), tmp_path) == []


@pytest.mark.parametrize("title", ["<!-- later -->", "&nbsp;", "<br>"])
def test_rb112_a_step_without_a_title(tmp_path: Path, title: str) -> None:
    """A step says what is to be done."""
    assert ids_of(tmp_path, f"- [ ] {title} {{#a}}") == ["RB112"]


def test_rb203_an_id_that_is_not_pinned(tmp_path: Path) -> None:
    """A step without an id is a finding that offers the one it has now."""
    found = problems_of(template_bytes("# Tell people\n- [ ] Mail support that the search is live"), tmp_path)
    assert [problem.id for problem in found] == ["RB203"]
    assert "{#tell-people-mail-support-that-the-search}" in found[0].hint


@pytest.mark.parametrize("more", [{"execution_count": 3}, {"outputs": [notebook.html_output("<b>a</b>", "a")]}])
def test_rb207_outputs_in_a_template(tmp_path: Path, more: dict[str, Any]) -> None:
    """A template is never executed in place: outputs and execution counts are a finding."""
    content = json.loads(template_bytes("- [ ] a {#a}", code="1"))
    content["cells"][-1].update(more)
    assert [problem.id for problem in problems_of(json.dumps(content).encode(), tmp_path)] == ["RB207"]


def test_rb209_a_template_without_steps(tmp_path: Path) -> None:
    """A template has at least one step; a plain list is none."""
    assert ids_of(tmp_path, "# Notes\n- a\n- b") == ["RB209"]


@pytest.mark.parametrize(
    "text",
    [
        "- [ ] a {#a after=b}\n- [ ] b {#b after=a}",
        "- [ ] a {#a}\n  - [ ] b {#b after=a}",
        "- [ ] a {#a after=b}\n## B {.gate}\n- [ ] b {#b}",
        "- [ ] a {#a .gate after=b}\n- [ ] b {#b}",
    ],
)
def test_rb113_steps_that_wait_for_each_other(text: str, tmp_path: Path) -> None:
    """Steps that could never be done, as each waits for the other, stop a template."""
    path = tmp_path / "1.0.ipynb"
    path.write_bytes(template_bytes(f"## A\n{text}"))
    assert [problem.id for problem in read_template(path).stopping] == ["RB113"]


@pytest.mark.parametrize("metadata", [{}, {"kernelspec": {}}, {"kernelspec": "python3"}])
def test_rb214_a_notebook_that_names_no_kernel(tmp_path: Path, metadata: dict[str, Any]) -> None:
    """Without a kernel's name JupyterLab asks for one at each opening."""
    found = problems_of(changed(template_bytes("- [ ] a {#a}"), metadata=metadata), tmp_path)
    assert "RB214" in [problem.id for problem in found]


def test_rb216_a_cell_without_an_id_of_its_own(tmp_path: Path) -> None:
    """Each cell has an id, another one than the others; an older format has none."""
    content = json.loads(template_bytes("- [ ] a {#a}", "b"))
    content["cells"][2]["id"] = content["cells"][1]["id"]
    assert [(each.id, each.cell) for each in problems_of(json.dumps(content).encode(), tmp_path)] == [("RB216", 3)]
    for cell in content["cells"]:
        del cell["id"]
    found = problems_of(json.dumps({**content, "nbformat_minor": 4}).encode(), tmp_path)
    assert [(each.id, each.cell) for each in found] == [("RB216", number) for number in (1, 2, 3)]


def test_rb217_metadata_in_order(tmp_path: Path) -> None:
    """Jupyter sorts metadata; another order makes a diff of nothing."""
    content = json.loads(template_bytes("- [ ] a {#a}"))
    content["metadata"] = dict(reversed(content["metadata"].items()))
    content["cells"][1]["metadata"] = {"b": 1, "a": 2}
    found = problems_of(json.dumps(content).encode(), tmp_path)
    assert [(each.id, each.cell) for each in found] == [("RB217", None), ("RB217", 2)]


def test_rb218_a_code_cell_that_is_not_python(tmp_path: Path) -> None:
    """What a session could not run is a finding."""
    assert ids_of(tmp_path, "- [ ] a {#a}", code="SELECT 1 FROM shop") == ["RB218"]


def test_rb113_sees_circles_through_other_environments(tmp_path: Path) -> None:
    """What waits for a step in every environment of a group waits for it in its own, too."""
    assert ids_of(tmp_path, "- [ ] a {#a after=b@prod}\n- [ ] b {#b after=a@prod}") == ["RB113"]
    assert ids_of(tmp_path, "- [ ] a {#a}\n- [ ] b {#b after=a@prod}") == []
