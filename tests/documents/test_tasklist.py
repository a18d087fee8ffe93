"""Task lists: marks on items, and the rest to the letter."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nbrunbook.documents import tasklist
from nbrunbook.documents.markdown.parser import parse_markdown, render
from nbrunbook.documents.markdown.reading import read_markdown
from nbrunbook.documents.tasklist import AddedItem, Mark
from nbrunbook.errors import NbrunbookError

PIECES = st.sampled_from(
    [
        "a", "*b*", "`c`", "`", "~~d~~", "~~", "[e](f)", "[e\n  g](f)", "{#x}", "{.gate}", "`{#y}`", "<!-- h -->",
        "<!--", "\\", "https://i.com", "|", "\n  j", "\n\n  | a |\n  |---|\n  | - [ ] b |", "\n  - [ ] k",
        "\n  1. [x] l",
        "\n  1. - [ ] m", "\n\n  > - [ ] n", "\n\n  ```\n  - [ ] o {#p}\n  ```", "\n- [ ] q", "\nlazy",
        "\n# R\n- [ ] s", "  ", "**t** u", "{{v}}", "![w](x.png)", "<b>", "\r\n- [ ] y",
    ]
)  # fmt: skip


@settings(max_examples=200)
@given(st.lists(PIECES, min_size=1, max_size=8))
def test_a_hostile_list_reads_the_same(pieces: list[str]) -> None:
    """Whatever a list holds: marked it has the same steps, titles and attributes, and all boxes are ticked."""
    document = read_markdown("- [ ] start " + " ".join(pieces))
    marks = {
        index: Mark(block=item.block or f"{{#id-{index}}}", ticked=True, said="not --> `needed`")
        for index, item in enumerate(document.items)
        if item.box
    }
    again = read_markdown(tasklist.marked(document, marks, {}, {}))
    meant = [{**each, "ticked": False, "attributes": None} for each in tasklist.facts(document)]
    assert [{**each, "ticked": False, "attributes": None} for each in tasklist.facts(again)] == meant
    assert [item.block.strip("<!->") for index, item in enumerate(again.items) if item.box] == [
        mark.block.strip("<!->") for mark in marks.values()
    ]
    assert [item.ticked for item in again.items if item.box] == [True] * len(marks)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("- [ ] a ~~b~~ c", "- [x] ~~a ~~b~~ c~~ <!--{#i}--> <!-- why -->"),
        ("- [ ] [a\n  b](c)\n\n  body", "- [x] ~~[a\n  b](c)~~ <!--{#i}--> <!-- why -->\n\n  body"),
        ("1.\t[ ]  a  \n\n    body", "1.\t[x]  ~~a~~ <!--{#i}--> <!-- why -->  \n\n    body"),
        ("-\n  [ ] a", "-\n  [x] ~~a~~ <!--{#i}--> <!-- why -->"),
        ("- [ ] `a {#b}`", "- [x] ~~`a {#b}`~~ <!--{#i}--> <!-- why -->"),
        ("- [ ] a\n  {#i .gate}", "- [x] a\n  {#i .gate} <!-- why -->"),
    ],
)
def test_where_marks_stand(text: str, written: str) -> None:
    """The box, the strike and the comments stand in the title's own lines, and the rest stays to the letter."""
    document = read_markdown(text)
    block = document.items[0].block or "{#i}"
    assert tasklist.marked(document, {0: Mark(block=block, ticked=True, said="why")}, {}, {}) == written
    assert read_markdown(written).items[0].words == document.items[0].words


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("- [ ] a\n\n  body\n\nend", "- [ ] a <!--{#i}-->\n\n  body\n- [x] *b* <!--{#n}-->\n\nend"),
        ("1. - [ ] a\n2. c", "1. - [ ] a <!--{#i}-->\n   - [x] *b* <!--{#n}-->\n2. c"),
        ("> 3) [ ] a\n>\n>    body", "> 3) [ ] a <!--{#i}-->\n>\n>    body\n> 3) [x] *b* <!--{#n}-->"),
        ("- [ ] a\n  ```\n  open", "- [ ] a <!--{#i}-->\n  ```\n  open\n- [x] *b* <!--{#n}-->"),
        ("-\n  [ ] a", "-\n  [ ] a <!--{#i}-->\n- [x] *b* <!--{#n}-->"),
    ],
)
def test_an_added_item_follows_its_neighbour(text: str, written: str) -> None:
    """It stands behind all that its neighbour holds, in the same list."""
    added = AddedItem(title="*b*", mark=Mark(block="{#n}", ticked=True))
    assert tasklist.marked(read_markdown(text), {0: Mark(block="{#i}", added=(added,))}, {}, {}) == written


def test_an_item_that_cannot_be_added_is_refused() -> None:
    """What would not be read as one more item is an error."""
    added = AddedItem(title="", mark=Mark(block="no block"))
    with pytest.raises(NbrunbookError, match="would not be the same step"):
        tasklist.marked(read_markdown("- [ ] a"), {0: Mark(block="{#i}", added=(added,))}, {}, {})


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("## A ##", "## A <!--{.gate}-->"),
        ("A\nb\n---", "A\nb <!--{.gate}-->\n---"),
        ("## A {#a} ##", "## A <!--{#a}--> ##"),
        ("A\n{#a}\n---", "A\n{#a}\n---"),
    ],
)
def test_headings_bear_comments(text: str, written: str) -> None:
    """A block on a heading becomes a comment; one that is given is written where there is none."""
    assert tasklist.marked(read_markdown(text), {}, {0: "{.gate}"}, {}) == written


@pytest.mark.parametrize("said", ["--> <b>", "`", "- [ ] x", "a\nb", "-", "->", "\x1b[2J", "---"])
def test_a_remark_is_one_comment(said: str) -> None:
    """Nothing that was said ends its comment, opens code or looks like a box."""
    made = tasklist.remark(said)
    assert render(parse_markdown(f"a {made}")).strip() == f"<p>a {made}</p>"
    assert "--" not in made.removeprefix("<!--").removesuffix("-->")
    assert read_markdown(f"- [ ] a {made}").unseen == []
