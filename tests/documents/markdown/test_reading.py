"""Checklists read out of Markdown, and Markdown drawn as HTML."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nbrunbook.documents.markdown.filling import Fill
from nbrunbook.documents.markdown.html import Slots, draw, escape
from nbrunbook.documents.markdown.items import Item
from nbrunbook.documents.markdown.reading import Document, read_markdown

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


def only(text: str) -> Item:
    """Return the only item of a text."""
    (item,) = read_markdown(text).items
    return item


def tree(document: Document) -> list[tuple[str, str | None]]:
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


@pytest.mark.parametrize("marker", ["-", "*", "+", "1.", "2)", "  -", "123."])
@pytest.mark.parametrize("box", ["[ ]", "[x]", "[X]"])
def test_any_list_marker_makes_a_step(marker: str, box: str) -> None:
    """A task item begins with any list marker of Markdown, and may be ticked."""
    item = only(f"{marker} {box} do it")
    assert (item.title, item.box, item.ticked) == ("do it", True, box != "[ ]")


@pytest.mark.parametrize(
    "text", ["- [] a", "- [y] a", "[ ] a", "- a [ ] b", "- [ ](a)", "    - [ ] a", "- \\[ ] a", "- [ ]"]
)
def test_what_is_no_task_item(text: str) -> None:
    """A box is [ ], [x] or [X] at the beginning of a list item, with a space and something behind it."""
    assert [item for item in read_markdown(text).items if item.box] == []


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


def test_attributes_part_the_title_from_its_body() -> None:
    """Lines after the one with the attributes are body, though Markdown sees one paragraph."""
    item = only("- [ ] Mail\n  support {#mail}\n  Use the text.\n  Be kind.")
    assert (item.title, item.id, item.last_line) == ("Mail support", "mail", 1)
    assert item.body == "  Use the text.\n  Be kind."
    drawn = draw("- [ ] Mail {#mail}\n  Use the text.", Fill())
    assert re.sub(r"\s", "", drawn) == "<ul><li>Mail<p>Usethetext.</p></li></ul>"


def test_attributes_may_stand_in_a_comment() -> None:
    """Where braces should not show on a forge, a comment holds them."""
    item = only("- [ ] Mail support <!--{#mail owner=ops}-->\n  Body.")
    assert (item.title, item.id, item.body) == ("Mail support", "mail", "  Body.")
    assert item.attributes is not None
    assert item.attributes.keys == {"owner": "ops"}


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("- [ ] Tag {version}", "Tag {version}"),
        ("- [ ] Tag {{release}}", "Tag {{release}}"),
        ("- [ ] Set `{#a}`", "Set {#a}"),
        ("- [ ] Set `echo {#a}\n  b`", "Set echo {#a} b"),
        ("- [ ] Set \\{#a}", "Set {#a}"),
        ("- [ ] Set {#a}.", "Set {#a}."),
    ],
)
def test_other_braces_stay_in_the_title(text: str, title: str) -> None:
    """Braces that are no block, or stand in code, are text and make no id."""
    item = only(text)
    assert (item.title, item.id) == (title, None)


def test_a_title_is_plain_text() -> None:
    """Emphasis, code, links, images and entities give their text; HTML and comments give none."""
    item = only("- [ ] **Tag** `v1` [here](/a) ![logo](/b) &amp; <b>now</b> a\\*b <!-- psst --> {#a}")
    assert (item.title, item.lead) == ("Tag v1 here logo & now a*b", "Tag")


@pytest.mark.parametrize(
    ("text", "lead"), [("**Bold:** rest", "Bold"), ("not **bold**", ""), ("__B__", "B"), ("*i* x", "")]
)
def test_the_lead_is_the_bold_beginning(text: str, lead: str) -> None:
    """Bold text counts as a lead only where the title begins with it."""
    assert only(f"- [ ] {text}").lead == lead


def test_a_step_may_be_only_a_code_block() -> None:
    """An item that is only a code block takes that block's first line as its title."""
    assert only("- [ ]\n  ```sh\n  make release\n  make push\n  ```").title == "make release"
    named = only("- [ ] {#make .gate}\n\n      make release")
    assert (named.title, named.id) == ("make release", "make")


def test_a_heading_has_attributes_too() -> None:
    """A heading's block is read in either of Markdown's two forms, and is gone from its title."""
    found = read_markdown("# One {.gate}\n\nTwo\nlines {#two}\n===\n\n- # not a heading of the text {.gate}").headings
    assert [(heading.title, heading.line, heading.end) for heading in found] == [("One", 0, 1), ("Two lines", 2, 5)]
    assert [heading.attributes and heading.attributes.id for heading in found] == [None, "two"]


def test_a_step_in_a_quotation_is_seen() -> None:
    """A box in a quotation is an item that says where it stands."""
    found = read_markdown("> - [ ] a\n\n- [ ] b").items
    assert [(item.title, item.quoted) for item in found] == [("a", True), ("b", False)]


def test_line_ends_do_not_matter() -> None:
    """A file from Windows reads as any other."""
    text = "# A {.gate}\n\n- [ ] a {#a}\n  body\n"
    assert read_markdown(text.replace("\n", "\r\n")).text == text
    assert only(text.replace("\n", "\r")).id == "a"


def test_placeholders_are_found_where_they_stand() -> None:
    """A {{name}} is told with its line and its context, other braces are not told at all."""
    ours = "{{a}} `{{b}}`\n\n[x]({{c}}/y) <b title='{{d}}'>\n\n```\n{{e}}\n```\n\n"
    text = ours + "\\{{f}} {{ g }} {{.h}} ${{ i.j }} {{{k}}}"
    assert sorted((name, context, line) for line, name, context in read_markdown(text).placeholders) == [
        ("a", "text", 0), ("b", "code", 0), ("c", "link", 2), ("d", "html", 2), ("e", "code", 5),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "drawn"),
    [
        ("# A {{release}}", "<h1>A 2.10</h1>"),
        ("a {{release}} b", "<p>a 2.10 b</p>"),
        ("`{{release}}`", "<p><code>2.10</code></p>"),
        ("```\n{{release}}\n```", "<pre><code>2.10</code></pre>"),
        ("    {{release}}", "<pre><code>2.10</code></pre>"),
        ("{{markup}}", "<p>*a* &lt;b&gt; &amp;amp; [c](d)</p>"),
        ("`{{markup}}`", "<p><code>*a* &lt;b&gt; &amp;amp; [c](d)</code></p>"),
        ("<b>{{markup}}</b>", "<p><b>*a* &lt;b&gt; &amp;amp; [c](d)</b></p>"),
        ("\\{{release}}", "<p>{{release}}</p>"),
        ("{{ .State }} ${{ github.sha }} {{ steps.x }}", "<p>{{ .State }} ${{ github.sha }} {{ steps.x }}</p>"),
        ("{{ release }} {{{release}}} {{relase}}", "<p>{{ release }} {{{release}}} {{relase}}</p>"),
    ],
)
def test_values_are_put_in_as_text(text: str, drawn: str) -> None:
    """A value stands in prose, headings and code as text, and nothing else in braces is touched."""
    values = {"release": "2.10", "markup": "*a* <b> &amp; [c](d)"}
    assert draw(text, Fill(values=values)).replace("\n", "") == drawn


@pytest.mark.parametrize(
    ("text", "href"),
    [
        ("[a]({{url}}/notes)", "https://e.com/x?y=1&z/notes"),
        ("[a](https://f.com/{{part}})", "https://f.com/a%20b%23c%3Fd%26e%22"),
        ("[a]: https://f.com/{{part}}\n\n[a]", "https://f.com/a%20b%23c%3Fd%26e%22"),
        ("<https://f.com/{{release}}>", "https://f.com/2.10"),
        ("See https://f.com/{{release}}/notes.", "https://f.com/2.10/notes"),
        ("See https://f.com/{{release}}", "https://f.com/2.10"),
    ],
)
def test_values_are_percent_encoded_in_a_target(text: str, href: str) -> None:
    """In a link's target a value is encoded; at its very beginning it may be a whole URL."""
    values = {"url": "https://e.com/x?y=1&z", "part": 'a b#c?d&e"', "release": "2.10"}
    drawn = draw(text, Fill(values=values))
    assert re.findall(r'href="([^"]*)"', drawn) == [href.replace("&", "&amp;")]
    assert "{" not in drawn


def test_a_value_cannot_choose_what_a_link_does() -> None:
    """A target that is a value is a web address, or no target at all."""
    for value in ("javascript:alert(1)", "data:text/html,x", "vbscript:x"):
        assert "href" not in draw("[a]({{url}})", Fill(values={"url": value}))


def test_reference_links_come_from_elsewhere() -> None:
    """A link may be defined in another text; a text's own definitions are told."""
    elsewhere = read_markdown("[notes]: https://e.com 'Notes'").references
    assert list(elsewhere) == ["NOTES"]
    drawn = draw("Read the [notes].", Fill(references=elsewhere))
    assert 'href="https://e.com"' in drawn
    assert read_markdown("Read the [notes].", elsewhere).references == {}


def test_links_are_rewritten() -> None:
    """What is given to rewrite targets is asked for links and images."""
    drawn = draw("[a](b.md) ![c](d.png)", Fill(links=lambda target: f"https://e.com/{target}"))
    assert 'href="https://e.com/b.md"' in drawn


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<iframe src='https://e.com'></iframe>",
        "[a](javascript:alert(1))", "<a href='javascript:alert(1)'>a</a>", "<form action='/x'><input></form>",
        "![a](https://e.com/pixel.png)", "<style>*{display:none}</style>", "<b style='position:fixed'>a</b>",
        "<svg onload=alert(1)>", "<b onclick=alert(1)>a</b>", "<link rel=stylesheet href=//e.com>",
        "<meta http-equiv=refresh>", "![a](data:text/html,x)", "<a href='data:text/html,x'>a</a>",
        "<b data-slot='x'>a</b>", "<b id='x' class='nbr'>a</b>",
    ],
)  # fmt: skip
def test_what_runs_or_loads_is_taken_out(text: str) -> None:
    """Nothing in what is drawn runs, loads by itself, leaves its place, or looks like ours."""
    tags = " ".join(re.findall(r"<[^>]*>", draw(text, Fill()).lower()))
    bad = r"<(script|iframe|form|input|style|svg|link|meta)|\son\w+=|script:|src=|data:|fixed|data-slot|class=|\sid="
    assert not re.search(bad, tags)


def test_a_pinned_step_gets_its_slots() -> None:
    """Each pinned step gets a box before its title and a row behind it; what an author wrote cannot pose as one."""
    slots = Slots(item=lambda step: f'id="{step}"', box=lambda step: f"({step}:", row=lambda step: f":{step})")
    drawn = draw("- [ ] a {#a}\n- b {#b}\n  - [ ] c {#c}\n\n<span data-slot='x:box:d'></span>", Fill(), slots)
    assert re.findall(r"\(\w+:|:\w+\)", drawn) == ["(a:", ":a)", "(b:", ":b)", "(c:", ":c)"]
    assert re.findall(r'<li id="(\w)"', drawn) == ["a", "b", "c"]


def test_a_step_that_is_a_code_block_has_its_box_once() -> None:
    """A step without a title line has its box, and its code, once."""
    slots = Slots(item=lambda step: "", box=lambda step: "BOX", row=lambda step: "ROW")
    drawn = draw("- [ ] {#make}\n\n  ```\n  make\n  ```", Fill(), slots)
    assert [drawn.count(word) for word in ("BOX", "ROW", "make")] == [1, 1, 1]


def test_text_is_shown_as_what_it_is() -> None:
    """Characters that would steer a screen are shown as codes, and markup as text."""
    assert escape("<b>\x1b[31m\u202e") == "&lt;b&gt;␛[31m⟨U+202E⟩"


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


@settings(deadline=None, max_examples=100)
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
