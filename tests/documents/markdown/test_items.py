"""Items: what is a step, and what of its text is title, body and attributes."""

from __future__ import annotations

import re

import pytest

from nbrunbook.documents.markdown.filling import Fill
from nbrunbook.documents.markdown.html import draw
from nbrunbook.documents.markdown.reading import read_markdown
from tests.documents.markdown.conftest import only_item


@pytest.mark.parametrize("marker", ["-", "*", "+", "1.", "2)", "  -", "123."])
@pytest.mark.parametrize("box", ["[ ]", "[x]", "[X]"])
def test_any_list_marker_makes_a_step(marker: str, box: str) -> None:
    """A task item begins with any list marker of Markdown, and may be ticked."""
    item = only_item(f"{marker} {box} do it")
    assert (item.title, item.box, item.ticked) == ("do it", True, box != "[ ]")


@pytest.mark.parametrize(
    "text", ["- [] a", "- [y] a", "[ ] a", "- a [ ] b", "- [ ](a)", "    - [ ] a", "- \\[ ] a", "- [ ]"]
)
def test_what_is_no_task_item(text: str) -> None:
    """A box is [ ], [x] or [X] at the beginning of a list item, with a space and something behind it."""
    assert [item for item in read_markdown(text).items if item.box] == []


def test_attributes_part_the_title_from_its_body() -> None:
    """Lines after the one with the attributes are body, though Markdown sees one paragraph."""
    item = only_item("- [ ] Mail\n  support {#mail}\n  Use the text.\n  Be kind.")
    assert (item.title, item.id, item.last_line) == ("Mail support", "mail", 1)
    assert item.body == "  Use the text.\n  Be kind."
    drawn = draw("- [ ] Mail {#mail}\n  Use the text.", Fill())
    assert re.sub(r"\s", "", drawn) == "<ul><li>Mail<p>Usethetext.</p></li></ul>"


def test_attributes_may_stand_in_a_comment() -> None:
    """Where braces should not show on a forge, a comment holds them."""
    item = only_item("- [ ] Mail support <!--{#mail owner=ops}-->\n  Body.")
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
    item = only_item(text)
    assert (item.title, item.id) == (title, None)


def test_a_title_is_plain_text() -> None:
    """Emphasis, code, links, images and entities give their text; HTML and comments give none."""
    item = only_item("- [ ] **Tag** `v1` [here](/a) ![logo](/b) &amp; <b>now</b> a\\*b <!-- psst --> {#a}")
    assert (item.title, item.lead) == ("Tag v1 here logo & now a*b", "Tag")


@pytest.mark.parametrize(
    ("text", "lead"), [("**Bold:** rest", "Bold"), ("not **bold**", ""), ("__B__", "B"), ("*i* x", "")]
)
def test_the_lead_is_the_bold_beginning(text: str, lead: str) -> None:
    """Bold text counts as a lead only where the title begins with it."""
    assert only_item(f"- [ ] {text}").lead == lead


def test_a_step_may_be_only_a_code_block() -> None:
    """An item that is only a code block takes that block's first line as its title."""
    assert only_item("- [ ]\n  ```sh\n  make release\n  make push\n  ```").title == "make release"
    named = only_item("- [ ] {#make .gate}\n\n      make release")
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
