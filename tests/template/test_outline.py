"""The outline: which sections and steps headings and lists make."""

from __future__ import annotations

from pathlib import Path

from tests.template.conftest import step_of, template_of


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
