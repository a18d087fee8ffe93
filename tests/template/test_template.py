"""Templates: what an author wrote for one release."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest

from nbrunbook.errors import NbrunbookError, NotebookError
from nbrunbook.template.problems import Problem
from nbrunbook.template.template import read_template
from tests.conftest import PARAMETERS
from tests.template.conftest import section_of, step_of, template_of


def test_a_template_is_called_what_its_file_is(tmp_path: Path) -> None:
    """The release is the file's name, and the part is known by its bytes."""
    found = template_of(tmp_path, "- [ ] a {#a}")
    assert found.name == "1.0"
    assert found.parts[0].sha256 == hashlib.sha256((tmp_path / "1.0.ipynb").read_bytes()).hexdigest()


def test_what_is_no_template_is_an_expected_error(tmp_path: Path) -> None:
    """A folder, a missing file and a file that is no notebook are errors, no problems."""
    with pytest.raises(NbrunbookError, match="a folder"):
        read_template(tmp_path)
    with pytest.raises(NotebookError, match="no such file"):
        read_template(tmp_path / "1.0.ipynb")


def test_release_and_environment_are_added(tmp_path: Path) -> None:
    """`release` and `environment` are always present, before the author's own."""
    found = template_of(tmp_path, "- [ ] a {#a}", parameters="replicas = 2")
    assert [each.name for each in found.parameters] == ["release", "environment", "replicas"]
    assert found.parameters[0].default == "1.0"


def test_a_pinned_id_stays_to_the_letter(tmp_path: Path) -> None:
    """However long a pinned id is, it is the step's id, and `after` finds it."""
    long = "a-very-long-id-" * 6 + "end"
    found = template_of(tmp_path, f"- [ ] a {{#{long}}}\n- [ ] b {{#b after={long}}}")
    assert (found.steps[0].id, found.problems) == (long, ())


def test_following_every_hint_mends_a_template(tmp_path: Path) -> None:
    """The ids that RB103 and RB203 offer are different ones: pinning all of them leaves no finding."""
    lines = ["- [ ] Say it", "- [ ] Say it", "- [ ] Say it", "- [ ] Shout"]
    for problem in template_of(tmp_path, "\n".join(lines)).problems:
        offered = re.search(r"\{#[\w-]+\}", problem.hint)
        lines[(problem.line or 0) - 1] += f" {offered[0]}" if offered else ""
    assert template_of(tmp_path, "\n".join(lines)).problems == ()


def test_a_pinned_id_outlives_its_words(tmp_path: Path) -> None:
    """A reworded step in another section keeps its id."""
    before = template_of(tmp_path, "# A\n- [ ] Say it {#say}").steps[0]
    after = template_of(tmp_path, "# B\n- [ ] Shout it from the roof {#say}").steps[0]
    assert (before.id, before.pinned) == (after.id, after.pinned) == ("say", True)


def test_steps_stand_in_the_section_of_their_heading(tmp_path: Path) -> None:
    """A heading's steps are its section; steps before any heading have one without a title."""
    found = template_of(tmp_path, "- [ ] a {#a}", "# One\n- [ ] b {#b}\n\n## Two\n- [ ] c {#c}")
    assert [(each.section, each.id) for each in found.steps] == [("steps", "a"), ("one", "b"), ("two", "c")]
    assert [(each.title, each.level) for each in found.sections] == [("", 0), ("One", 1), ("Two", 2)]


def test_a_section_goes_on_in_the_next_cell(tmp_path: Path) -> None:
    """Steps in a cell without a heading stand under the last one, in a section of their own."""
    found = template_of(tmp_path, "# One {owner=ops}\n- [ ] a {#a}", "- [ ] b {#b}")
    assert [(each.id, each.title, each.owner) for each in found.sections] == [
        ("one", "One", "ops"),
        ("one-2", "One", "ops"),
    ]


def test_sections_have_ids_of_their_own(tmp_path: Path) -> None:
    """A heading may pin its section's id; two of one name are told apart."""
    found = template_of(tmp_path, "# Same {#first}\n- [ ] a {#a}\n# Same\n- [ ] b {#b}\n# Same\n- [ ] c {#c}")
    assert [each.id for each in found.sections] == ["first", "same", "same-2"]


def test_what_a_heading_says_holds_below_it(tmp_path: Path) -> None:
    """`owner`, `when` and `.optional` hold for the headings below too, `.gate` for its own only."""
    top = "# Top {owner=ops .optional .gate when=\"environment != 'demo'\"}\n- [ ] a {#a}"
    found = template_of(tmp_path, top, "## Below {owner=dev when=release}\n- [ ] b {#b}", "# Next\n- [ ] c {#c}")
    assert [(each.owner, each.when, each.flags) for each in found.sections] == [
        ("ops", ("environment != 'demo'",), ("gate", "optional")),
        ("dev", ("environment != 'demo'", "release"), ("optional",)),
        (None, (), ()),
    ]


def test_a_closed_section_closes_what_is_below_it(tmp_path: Path) -> None:
    """`.if-needed` closes its section and those under it, up to the next heading of its level."""
    text = "## Wrong {.if-needed}\n### Deep\n- [ ] a {#a}\n## Right\n- [ ] b {#b}"
    assert [(each.id, each.closed_by) for each in template_of(tmp_path, text).sections] == [
        ("wrong", "wrong"),
        ("deep", "wrong"),
        ("right", None),
    ]


def test_nested_steps_have_parents(tmp_path: Path) -> None:
    """Sub-steps are found through plain bullets, which are groups without a box."""
    found = template_of(tmp_path, "- [ ] a {#a}\n  - web\n    - [ ] b {#b}\n      1. [ ] c {#c}\n- [ ] d {#d}")
    assert [(each.id, each.parent, each.box) for each in found.steps] == [
        ("a", None, True),
        ("web", "a", False),
        ("b", "web", True),
        ("c", "b", True),
        ("d", None, True),
    ]


def test_a_pinned_id_comes_before_a_plain_bullet_s(tmp_path: Path) -> None:
    """The words of a plain bullet never take the id that an author pinned."""
    found = template_of(tmp_path, "- Web\n  - [ ] a {#a}\n- [ ] b {#web}")
    assert step_of(found, "web").box
    assert found.problems == ()


def test_a_step_knows_where_it_stands(tmp_path: Path) -> None:
    """A step has its cell and its line, both counted from 1."""
    found = template_of(tmp_path, "text", "# A\n\n- [ ] a {#a}")
    assert (step_of(found, "a").place.number, step_of(found, "a").line) == (3, 3)


def test_a_section_s_text_has_only_ids(tmp_path: Path) -> None:
    """A section keeps its Markdown to the letter, but for attributes, comments and pinned ids."""
    text = (
        "# A {.gate}\nSee <!-- psst -->below.\n\n- [ ] a {#a .once}\n  | b |\n  |---|\n- [ ] **c** d <!--{owner=x}-->\n"
    )
    assert section_of(template_of(tmp_path, text), "a").text == (
        "See below.\n\n- [ ] a {#a}\n  | b |\n  |---|\n- [ ] **c** d {#a-c}"
    )


def test_reference_links_work_across_cells(tmp_path: Path) -> None:
    """Links that any cell defines are the template's; of two definitions the first one counts."""
    found = template_of(
        tmp_path, "- [ ] see [notes] {#a}", "[notes]: https://e.com 'N'", "[Notes]: https://other.example"
    )
    assert found.references == {"NOTES": {"href": "https://e.com", "title": "N"}}


def test_problems_come_in_the_order_of_the_cells(tmp_path: Path) -> None:
    """Findings are sorted by cell and line, whichever check found them."""
    found = template_of(
        tmp_path, "- [ ] a {#a after=x}\n- [x] b {#b}", "- [ ] c {#c .x}", parameters=f"{PARAMETERS}\nx = f()"
    )
    assert [(each.cell, each.line, each.id) for each in found.problems] == [
        (1, 3, "RB102"),
        (2, 1, "RB108"),
        (2, 2, "RB202"),
        (3, 1, "RB104"),
    ]


def test_an_id_of_another_cell_is_known(tmp_path: Path) -> None:
    """`after` may name a step of any cell, and evidence has a name from there on."""
    first = '- [ ] a {#a evidence="link" as=link}'
    assert template_of(tmp_path, first, "- [ ] b {#b after=a}\n\n  See {{link}}.").problems == ()


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
