"""Templates: what an author wrote for one release."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from pathlib import Path

import pytest

from nbrunbook.documents import notebook
from nbrunbook.errors import NbrunbookError, NotebookError
from nbrunbook.runbook.sections import Section
from nbrunbook.template.template import Template, read_template
from nbrunbook.template.written_step import WrittenStep
from tests.conftest import PARAMETERS, template_bytes


def read(folder: Path, *markdown: str, **more: str) -> Template:
    """Return the template of some Markdown cells, called 1.0."""
    path = folder / "1.0.ipynb"
    path.write_bytes(template_bytes(*markdown, **more))
    return read_template(path)


def step(found: Template, step_id: str) -> WrittenStep:
    """Return a step by its id."""
    return next(step for step in found.steps if step.id == step_id)


def section(found: Template, section_id: str) -> Section:
    """Return a section by its id."""
    return next(section for section in found.sections if section.id == section_id)


def test_a_template_is_called_what_its_file_is(tmp_path: Path) -> None:
    """The release is the file's name, and the part is known by its bytes."""
    found = read(tmp_path, "- [ ] a {#a}")
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
    found = read(tmp_path, "- [ ] a {#a}", parameters="replicas = 2")
    assert [each.name for each in found.parameters] == ["release", "environment", "replicas"]
    assert found.parameters[0].default == "1.0"


def test_an_id_comes_from_the_section_and_five_words(tmp_path: Path) -> None:
    """An unpinned step is called by its section and its first five words, before values are put in."""
    found = read(tmp_path, "# Tell people\n- [ ] Say that *{{release}}* is out now everywhere")
    assert [(each.id, each.pinned) for each in found.steps] == [("tell-people-say-that-release-is-out", False)]


@pytest.mark.parametrize(
    ("title", "step_id"),
    [
        ("**Tag it:** then push it to all", "tag-it"),
        ("Über ÄÖ & ß!", "über-äö-ss"),
        ("発表 する", "発表-する"),
        ("!!!", "step"),
        ("`make  release`", "make-release"),
        ("don't_do", "don-t-do"),
    ],
)
def test_an_id_is_letters_and_digits_of_any_script(tmp_path: Path, title: str, step_id: str) -> None:
    """A leading bold text names a step; an id is small letters and digits with dashes between."""
    assert [each.id for each in read(tmp_path, f"- [ ] {title}").steps] == [step_id]


def test_a_second_step_of_one_name_gets_another_id(tmp_path: Path) -> None:
    """A second one of the same name has an id of its own for now, and must be pinned."""
    found = read(tmp_path, "- [ ] Say it\n- [ ] Say it")
    assert [each.id for each in found.steps] == ["say-it", "say-it-2"]
    assert [(problem.id, problem.line) for problem in found.stopping] == [("RB103", 2)]


def test_a_pinned_id_is_never_taken(tmp_path: Path) -> None:
    """A pinned step keeps its id, though a step above it would be called so; the one above must be pinned."""
    found = read(tmp_path, "- [ ] Say it\n- [ ] Shout {#say-it}")
    assert [each.id for each in found.steps] == ["say-it-2", "say-it"]
    assert [(problem.id, problem.line) for problem in found.stopping] == [("RB103", 1)]


def test_a_pinned_id_stays_to_the_letter(tmp_path: Path) -> None:
    """However long a pinned id is, it is the step's id, and `after` finds it."""
    long = "a-very-long-id-" * 6 + "end"
    found = read(tmp_path, f"- [ ] a {{#{long}}}\n- [ ] b {{#b after={long}}}")
    assert (found.steps[0].id, found.problems) == (long, ())


def test_following_every_hint_mends_a_template(tmp_path: Path) -> None:
    """The ids that RB103 and RB203 offer are different ones: pinning all of them leaves no finding."""
    lines = ["- [ ] Say it", "- [ ] Say it", "- [ ] Say it", "- [ ] Shout"]
    for problem in read(tmp_path, "\n".join(lines)).problems:
        offered = re.search(r"\{#[\w-]+\}", problem.hint)
        lines[(problem.line or 0) - 1] += f" {offered[0]}" if offered else ""
    assert read(tmp_path, "\n".join(lines)).problems == ()


def test_a_pinned_id_outlives_its_words(tmp_path: Path) -> None:
    """A reworded step in another section keeps its id."""
    before = read(tmp_path, "# A\n- [ ] Say it {#say}").steps[0]
    after = read(tmp_path, "# B\n- [ ] Shout it from the roof {#say}").steps[0]
    assert (before.id, before.pinned) == (after.id, after.pinned) == ("say", True)


def test_steps_stand_in_the_section_of_their_heading(tmp_path: Path) -> None:
    """A heading's steps are its section; steps before any heading have one without a title."""
    found = read(tmp_path, "- [ ] a {#a}", "# One\n- [ ] b {#b}\n\n## Two\n- [ ] c {#c}")
    assert [(each.section, each.id) for each in found.steps] == [("steps", "a"), ("one", "b"), ("two", "c")]
    assert [(each.title, each.level) for each in found.sections] == [("", 0), ("One", 1), ("Two", 2)]


def test_a_section_goes_on_in_the_next_cell(tmp_path: Path) -> None:
    """Steps in a cell without a heading stand under the last one, in a section of their own."""
    found = read(tmp_path, "# One {owner=ops}\n- [ ] a {#a}", "- [ ] b {#b}")
    assert [(each.id, each.title, each.owner) for each in found.sections] == [
        ("one", "One", "ops"),
        ("one-2", "One", "ops"),
    ]


def test_sections_have_ids_of_their_own(tmp_path: Path) -> None:
    """A heading may pin its section's id; two of one name are told apart."""
    found = read(tmp_path, "# Same {#first}\n- [ ] a {#a}\n# Same\n- [ ] b {#b}\n# Same\n- [ ] c {#c}")
    assert [each.id for each in found.sections] == ["first", "same", "same-2"]


def test_what_a_heading_says_holds_below_it(tmp_path: Path) -> None:
    """`owner`, `when` and `.optional` hold for the headings below too, `.gate` for its own only."""
    top = "# Top {owner=ops .optional .gate when=\"environment != 'demo'\"}\n- [ ] a {#a}"
    found = read(tmp_path, top, "## Below {owner=dev when=release}\n- [ ] b {#b}", "# Next\n- [ ] c {#c}")
    assert [(each.owner, each.when, each.flags) for each in found.sections] == [
        ("ops", ("environment != 'demo'",), ("gate", "optional")),
        ("dev", ("environment != 'demo'", "release"), ("optional",)),
        (None, (), ()),
    ]


def test_a_closed_section_closes_what_is_below_it(tmp_path: Path) -> None:
    """`.if-needed` closes its section and those under it, up to the next heading of its level."""
    text = "## Wrong {.if-needed}\n### Deep\n- [ ] a {#a}\n## Right\n- [ ] b {#b}"
    assert [(each.id, each.closed_by) for each in read(tmp_path, text).sections] == [
        ("wrong", "wrong"),
        ("deep", "wrong"),
        ("right", None),
    ]


def test_nested_steps_have_parents(tmp_path: Path) -> None:
    """Sub-steps are found through plain bullets, which are groups without a box."""
    found = read(tmp_path, "- [ ] a {#a}\n  - web\n    - [ ] b {#b}\n      1. [ ] c {#c}\n- [ ] d {#d}")
    assert [(each.id, each.parent, each.box) for each in found.steps] == [
        ("a", None, True),
        ("web", "a", False),
        ("b", "web", True),
        ("c", "b", True),
        ("d", None, True),
    ]


def test_a_pinned_id_comes_before_a_plain_bullet_s(tmp_path: Path) -> None:
    """The words of a plain bullet never take the id that an author pinned."""
    found = read(tmp_path, "- Web\n  - [ ] a {#a}\n- [ ] b {#web}")
    assert step(found, "web").box
    assert found.problems == ()


def test_a_step_knows_where_it_stands(tmp_path: Path) -> None:
    """A step has its cell and its line, both counted from 1."""
    found = read(tmp_path, "text", "# A\n\n- [ ] a {#a}")
    assert (step(found, "a").place.number, step(found, "a").line) == (3, 3)


def test_a_section_s_text_has_only_ids(tmp_path: Path) -> None:
    """A section keeps its Markdown to the letter, but for attributes, comments and pinned ids."""
    text = (
        "# A {.gate}\nSee <!-- psst -->below.\n\n- [ ] a {#a .once}\n  | b |\n  |---|\n- [ ] **c** d <!--{owner=x}-->\n"
    )
    assert section(read(tmp_path, text), "a").text == (
        "See below.\n\n- [ ] a {#a}\n  | b |\n  |---|\n- [ ] **c** d {#a-c}"
    )


def test_cells_are_cut_at_headings_only(tmp_path: Path) -> None:
    """What follows a heading and holds steps is one piece; sections without steps stay text."""
    found = read(
        tmp_path, "# A\nwords\n\n- [ ] a {#a}\n\nwords\n\n- [ ] b {#b}\n# B\nwords", "only *words*", code="x = 1"
    )
    assert [(piece.kind, piece.source or piece.section) for piece in found.pieces] == [
        ("parameters", ""),
        ("text", "# A"),
        ("section", "a"),
        ("text", "# B\nwords"),
        ("text", "only *words*"),
        ("code", ""),
    ]


def test_cell_ids_are_stable_and_unique(tmp_path: Path) -> None:
    """The template's own cell ids stay, ours come from what they show, and no two are the same."""
    first = read(tmp_path, "# A\n- [ ] a {#a}\n# B {#größe}\n- [ ] b {#b}", "words")
    again = read(tmp_path, "# A\n- [ ] other {#a}\n# B {#größe}\n- [ ] b {#b}", "words")
    found = [piece.cell_id for piece in first.pieces]
    assert found == [piece.cell_id for piece in again.pieces]
    assert len(set(found)) == len(found)
    assert {"parameters", "text-0", "nbrunbook-a", "text-1"} <= set(found)
    assert all(notebook.dump(notebook.document([notebook.markdown_cell(each, "")], {})) for each in found)


def test_comments_never_reach_a_template_s_pieces(tmp_path: Path) -> None:
    """HTML comments are the author's: no piece, section or title holds one."""
    found = read(
        tmp_path,
        "<!-- psst -->\n\n# A <!-- psst -->\n\n<!--\n- psst\n-->\n\n"
        "- [ ] a <!-- psst --> b {#a} <!-- psst 2 -->\n  <!-- psst -->",
        "words <!-- psst -->",
    )
    assert "psst" not in f"{found.pieces} {found.sections} {found.steps}"
    assert (step(found, "a").title, section(found, "a").title) == ("a b", "A")


def test_reference_links_work_across_cells(tmp_path: Path) -> None:
    """Links that any cell defines are the template's; of two definitions the first one counts."""
    found = read(tmp_path, "- [ ] see [notes] {#a}", "[notes]: https://e.com 'N'", "[Notes]: https://other.example")
    assert found.references == {"NOTES": {"href": "https://e.com", "title": "N"}}


def test_images_are_embedded(tmp_path: Path) -> None:
    """An image beside the template, or attached to its cell, becomes a data: URI."""
    (tmp_path / "a b.png").write_bytes(b"png")
    content = json.loads(template_bytes("- [ ] a {#a}\n\n  ![a](a%20b.png) ![b](attachment:b.gif)"))
    content["cells"][1]["attachments"] = {"b.gif": {"image/gif": "R0lG"}}
    path = tmp_path / "1.0.ipynb"
    path.write_text(json.dumps(content))
    encoded = base64.b64encode(b"png").decode()
    assert read_template(path).images == {
        "a%20b.png": f"data:image/png;base64,{encoded}",
        "attachment:b.gif": "data:image/gif;base64,R0lG",
    }


def test_problems_come_in_the_order_of_the_cells(tmp_path: Path) -> None:
    """Findings are sorted by cell and line, whichever check found them."""
    found = read(tmp_path, "- [ ] a {#a after=x}\n- [x] b {#b}", "- [ ] c {#c .x}", parameters=f"{PARAMETERS}\nx = f()")
    assert [(each.cell, each.line, each.id) for each in found.problems] == [
        (1, 3, "RB102"),
        (2, 1, "RB108"),
        (2, 2, "RB202"),
        (3, 1, "RB104"),
    ]


def test_an_id_of_another_cell_is_known(tmp_path: Path) -> None:
    """`after` may name a step of any cell, and evidence has a name from there on."""
    first = '- [ ] a {#a evidence="link" as=link}'
    assert read(tmp_path, first, "- [ ] b {#b after=a}\n\n  See {{link}}.").problems == ()
