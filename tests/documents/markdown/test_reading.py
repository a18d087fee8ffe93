"""Checklists read out of Markdown."""

from __future__ import annotations

import os
import re
from html import unescape
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nbrunbook.documents.markdown.filling import Fill
from nbrunbook.documents.markdown.html import draw
from nbrunbook.documents.markdown.reading import MarkdownDocument, read_markdown

DESIGN = """## Tell people {owner="release manager"}
- [ ] Mail support that the new search is live {#mail-support}
  Use the [prepared text]({{base_url}}/notes/{{release}}).
- [ ] Add the search dashboard to the on-call board {#dashboard evidence="link to the board"}

## Switch over {.gate}
- [ ] Press *Promote* in the CDN console {#promote .irreversible .approval}
- [ ] Take the old nodes out of the pool: {#drain .group}
  - [ ] web {#drain-web}
  - [ ] workers {#drain-workers when="kind != 'patch'"}
- [ ] Remove the old index {#drop-index after=promote wait=24h due=7d .optional}
"""


def tree(document: MarkdownDocument) -> list[tuple[str, str | None]]:
    """Return the items' titles, and those of their parents."""
    return [(item.title, item.parent.title if item.parent else None) for item in document.items]


def test_the_design_reads() -> None:
    """The design's own example has its steps, sub-steps and headings."""
    found = read_markdown(DESIGN)
    assert [item.id for item in found.items] == [
        "mail-support", "dashboard", "promote", "drain", "drain-web", "drain-workers", "drop-index",
    ]  # fmt: skip
    assert [(heading.title, heading.level) for heading in found.headings] == [("Tell people", 2), ("Switch over", 2)]
    assert found.items[2].title == "Press Promote in the CDN console"
    assert (found.items[4].parent, found.unseen, found.near_blocks) == (found.items[3], [], [])


def test_plain_bullets_count_only_over_steps() -> None:
    """A plain bullet over task items is a group without a box; any other one is text."""
    found = read_markdown("- web\n  - deep\n    - [ ] a\n  - [ ] b\n- alone\n  - text")
    assert tree(found) == [("web", None), ("deep", "web"), ("a", "deep"), ("b", "web")]
    assert [item.box for item in found.items] == [False, False, True, True]


def test_steps_nest_to_any_depth() -> None:
    """Nested task items are sub-steps, in lists of any kind, also in the body's later blocks."""
    found = read_markdown("1. [ ] a\n   - [ ] b\n     1. [ ] c\n\n   A word.\n\n   * [ ] d\n2. [ ] e")
    assert tree(found) == [("a", None), ("b", "a"), ("c", "b"), ("d", "a"), ("e", None)]


def test_a_body_is_what_is_indented_under_a_title() -> None:
    """The first paragraph is the title, the rest the body, up to the first sub-step."""
    found = read_markdown("- [ ] a\n  title\n\n  Body.\n\n      code\n\n  - [ ] b\n\n- [ ] c")
    assert [(item.title, item.body) for item in found.items] == [
        ("a title", "  Body.\n\n      code"),
        ("b", ""),
        ("c", ""),
    ]


def test_placeholders_are_found_where_they_stand() -> None:
    """A {{name}} is told with its line and its context, other braces are not told at all."""
    ours = "{{a}} `{{b}}`\n\n[x]({{c}}/y) <b title='{{d}}'>\n\n```\n{{e}}\n```\n\n"
    text = ours + "\\{{f}} {{ g }} {{.h}} ${{ i.j }} {{{k}}}"
    assert sorted((name, context, line) for line, name, context in read_markdown(text).placeholders) == [
        ("a", "text", 0), ("b", "code", 0), ("c", "link", 2), ("d", "html", 2), ("e", "code", 5),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Tag <version> and push", "Tag <version> and push"),
        ("<release-branch>", "<release-branch>"),
        ("no <NA>s </x> <y z='1'/>", "no <NA>s </x> <y z='1'/>"),
        ("ask <title>", "ask <title>"),
        ("**Set <x>** ![for <y>](z.png)", "Set <x> for <y>"),
        ("the <?php tag ?> and <!DOCTYPE html>", "the <?php tag ?> and <!DOCTYPE html>"),
        ("press <kbd>Ctrl</kbd> <b>now</b>", "press Ctrl now"),
        ("<KBD>Ctrl</KBD><br>now<br/>", "Ctrlnow"),
        ("now <!-- later --> or never", "now or never"),
        ("see <https://e.org/a> `<b>` \\<i>", "see https://e.org/a <b> <i>"),
    ],
)
def test_a_title_is_what_a_person_reads(written: str, read: str) -> None:
    """HTML's own tags that may stay and comments are not read; a tag that nobody knows is text, as it is in a panel."""
    found = read_markdown(f"# {written}\n- [ ] {written}")
    assert [found.headings[0].title, found.items[0].title] == [read, read]
    drawn = re.sub(r"<[^>]*>", "", draw(written, Fill()))
    assert " ".join(unescape(drawn).split()) == read.replace("<y>", "<y> (image: z.png)")


TITLES = st.text("ab ü*_`[]()<>!#+-.:{}|~\\&0'\"", max_size=12).map(lambda text: f"t{text}".strip())


@st.composite
def lists(draw: st.DrawFn, depth: int = 0) -> list[tuple[bool, str, list]]:  # type: ignore[type-arg]
    """Draw a nested list: whether each item has a box, its title, and what is below it."""
    below = lists(depth=depth + 1) if depth < 3 else st.just([])
    items = st.tuples(st.booleans(), TITLES, below)
    return draw(st.lists(items, min_size=depth == 0, max_size=3))


def written(items: list, marker: str, indent: str = "") -> str:  # type: ignore[type-arg]
    """Return a nested list as Markdown."""
    return "".join(
        f"{indent}{marker} {'[ ] ' if box else ''}{title}\n{written(below, marker, indent + ' ' * (len(marker) + 1))}"
        for box, title, below in items
    )


def boxes(items: list) -> int:  # type: ignore[type-arg]
    """Count the boxes of a nested list."""
    return sum(box + boxes(below) for box, _, below in items)


@settings(max_examples=100)
@given(lists(), st.sampled_from(["-", "*", "+", "1.", "1)"]))
def test_a_generated_checklist_keeps_all_its_boxes(items: list, marker: str) -> None:  # type: ignore[type-arg]
    """Whatever the titles and however deep: every box that was written is read."""
    found = read_markdown(written(items, marker))
    assert sum(item.box for item in found.items) == boxes(items)


def checklists() -> list[tuple[str, int]]:
    """Return the corpus' checklists, and how many boxes its index counted in each."""
    folder = os.environ.get("NBRUNBOOK_CORPUS")
    lines = (Path(folder) / "INDEX.tsv").read_text(encoding="utf-8").splitlines() if folder else []
    found = [re.match(r"(checklists/[^\t]+).*?(\d+) tasks by CommonMark parse", line) for line in lines]
    return [(match[1], int(match[2])) for match in found if match]


@pytest.mark.skipif("NBRUNBOOK_CORPUS" not in os.environ, reason="NBRUNBOOK_CORPUS names no corpus")
@pytest.mark.parametrize(("name", "count"), checklists())
def test_a_stranger_s_checklist_keeps_all_its_boxes(corpus: Path, name: str, count: int) -> None:
    """Every box that CommonMark sees in a real checklist is read; every other one that a plain look finds is told."""
    found = read_markdown((corpus / name).read_text(encoding="utf-8"))
    boxes = sum(item.box for item in found.items)
    plain_look = re.findall(r"(?:^[ \t>]*|(?:[-*+|#]|\d[.)])[ \t]+)\[[ xX]?\](?=\s|$)", found.text, re.MULTILINE)
    assert (boxes, boxes + len(found.unseen)) == (count, len(plain_look))
