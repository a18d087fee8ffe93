"""Text checks: a test for each id of what can be wrong in the text of one Markdown cell."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.conftest import template_bytes
from tests.template.conftest import ids_of, problems_of


@pytest.mark.parametrize(
    ("markdown", "why"),
    [
        ("<!--\n- [ ] hidden\n-->", "inside a comment"),
        ("Text <!-- - [ ] hidden -->", "inside a comment"),
        ("```\n- [ ] code\n```", "inside a code block"),
        ("- [] no space", "no space between"),
        ("[ ] no marker", "no list marker"),
        ("a\n\n      - [ ] too far", "indented so far"),
        ("- [ ]", "nothing stands behind"),
        ("<div>\n- [ ] html\n</div>", "inside HTML"),
        ("# [ ] heading", "in a heading"),
        ("- [ ]glued", "no blank stands behind"),
        ("| a |\n|---|\n| [ ] cell |", "in a table"),
        ("- [ ] a {#b}\n      - [ ] too far", "belongs to the text above"),
        ("- ☐ character", "a character"),
        ("<details><summary>a</summary>\n- [ ] b\n</details>", "inside HTML"),
    ],
)
def test_rb201_a_box_that_markdown_does_not_see(tmp_path: Path, markdown: str, why: str) -> None:
    """What looks like a box to a person and is none to Markdown is a finding, never silently dropped."""
    found = problems_of(template_bytes("- [ ] a {#a}", markdown), tmp_path)
    assert [problem.id for problem in found] == ["RB201"]
    assert why in found[0].message


def test_rb201_a_box_in_a_raw_cell(tmp_path: Path) -> None:
    """A raw cell is no Markdown, whatever it looks like."""
    content = json.loads(template_bytes("- [ ] a {#a}", "text\n- [ ] b\n- []"))
    content["cells"][-1]["cell_type"] = "raw"
    found = problems_of(json.dumps(content).encode(), tmp_path)
    assert [(problem.id, problem.line) for problem in found] == [("RB201", 2)]
    assert "raw cell" in found[0].message


@pytest.mark.parametrize("text", ["[x](https://example.com)", "a[ ] = b", "    x[0]", "[link] text\n\n[link]: /a"])
def test_rb201_what_is_no_box(tmp_path: Path, text: str) -> None:
    """Links and indices are no boxes, and nobody takes them for one."""
    assert ids_of(tmp_path, "- [ ] a {#a}", text) == []


@pytest.mark.parametrize("mark", ["x", "X"])
def test_rb202_a_box_that_is_ticked_already(tmp_path: Path, mark: str) -> None:
    """A template's boxes are open: what was done is in the journal."""
    assert ids_of(tmp_path, f"- [{mark}] a {{#a}}") == ["RB202"]


@pytest.mark.parametrize(
    "text", ["{{relase}}", "[a](https://e.com/{{relase}})", "`{{relase}}`", "```\n{{relase}}\n```"]
)
def test_rb204_nearly_a_parameter(tmp_path: Path, text: str) -> None:
    """A {{name}} close to a parameter's is a finding wherever it stands, with the name that was meant."""
    found = problems_of(template_bytes("- [ ] a {#a}", text), tmp_path)
    assert [problem.id for problem in found] == ["RB204"]
    assert "{{release}}" in found[0].hint


@pytest.mark.parametrize(
    "text", ["{{ .State }}", "${{ github.sha }}", "{{ steps.x }}", "\\{{relase}}", "{{unrelated}}"]
)
def test_rb204_other_braces_are_none_of_ours(tmp_path: Path, text: str) -> None:
    """What belongs to another tool, or is escaped, is no finding."""
    assert ids_of(tmp_path, f"- [ ] a {{#a}}\n\n{text}") == []


@pytest.mark.parametrize("text", ["{{ release }}", "[a](https://e.com/{{ anything }})", "`{{release }}`"])
def test_rb205_spaces_inside_the_braces(tmp_path: Path, text: str) -> None:
    """Spaces around a parameter's name, or inside a link's target, are a finding."""
    assert ids_of(tmp_path, f"- [ ] a {{#a}}\n\n{text}") == ["RB205"]


@pytest.mark.parametrize(
    ("markdown", "hint"),
    [
        ("# H {owner=}", "stand behind the title"),
        ("- plain {#a}", "stand behind the title"),
        ("- [ ] a {#a}\n\n  text {.approval}", "stand behind the title"),
        ("# H{.gate}", "put a blank in front of it"),
        ("- [ ] a {#a.approval}", "put a blank in front of it"),
        ("- [ ] a {#x} b {#a}", "in one pair of braces"),
    ],
)
def test_rb208_braces_that_look_like_attributes(tmp_path: Path, markdown: str, hint: str) -> None:
    """Braces that were probably meant as attributes, and are text, are a finding that says how to write them."""
    found = problems_of(template_bytes("- [ ] b {#b}", markdown), tmp_path)
    assert [problem.id for problem in found] == ["RB208"]
    assert hint in found[0].hint


def test_rb210_a_box_in_a_quotation(tmp_path: Path) -> None:
    """A box in a quotation is a step, and a finding."""
    assert ids_of(tmp_path, "> - [ ] a {#a}") == ["RB210"]


def test_rb215_a_link_that_leads_nowhere(tmp_path: Path) -> None:
    """A relative link leads to a file or a folder, from the template's own."""
    (tmp_path / "a file.md").write_text("")
    text = "[a](a%20file.md#part) [b](.) [c](#part) [d](https://e.com) [e](mailto:a@b) [f](/root) [g]({{release}}.md)"
    assert ids_of(tmp_path, f"- [ ] a {{#a}}\n\n{text}") == []
    found = problems_of(template_bytes("- [ ] a {#a}\n  [here](gone.md)"), tmp_path)
    assert [(each.id, each.line) for each in found] == [("RB215", 2)]
    assert "'gone.md'" in found[0].message


@pytest.mark.parametrize(
    "written", ["evidence=“link”", "owner=„ops“", "evidence=’link’", "owner=«ops»", "evidence=link”"]
)
def test_rb208_quotes_of_a_word_processor(tmp_path: Path, written: str) -> None:
    """They are a part of the value, which stays as it is; on a step, in a comment and on a heading they are found."""
    markdown = f"- [ ] A {{#a {written}}}\n- [ ] B <!--{{#b {written}}}-->\n\n## Head {{owner=“me”}}\n\n- [ ] C {{#c}}"
    found = problems_of(template_bytes(markdown), tmp_path)
    assert {problem.id for problem in found} == {"RB208"}
    assert [problem.hint for problem in found] == ['write straight quotes: key="value"'] * 3
    assert all("are no straight quotes" in problem.message for problem in found)


def test_rb208_names_the_quotes_that_keep_braces_from_parsing(tmp_path: Path) -> None:
    """With a blank between them the whole is text; quotes within straight ones are the author's words."""
    markdown = '- [ ] A {#a evidence=“link to it”}\n- [ ] B {#b evidence="“link”" owner=O’Brien}'
    found = problems_of(template_bytes(markdown), tmp_path)
    assert [problem.id for problem in found] == ["RB203", "RB208"], "its id is text, too"
    assert "“ ” are no straight quotes" in found[1].message
