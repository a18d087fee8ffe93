"""Braces that were meant as attributes and are text: each is told with its line, as it stands, and why."""

from __future__ import annotations

import pytest

from nbrunbook.documents.markdown import near_blocks
from nbrunbook.documents.markdown.near_blocks import BROKEN, GLUED, LOST, MIDDLE
from nbrunbook.documents.markdown.reading import read_markdown


def told(text: str) -> list[tuple[int, str, str]]:
    """Return what is told of a text: line, what stands there, why."""
    return [(each.line, each.text, each.why) for each in read_markdown(text).near_blocks]


@pytest.mark.parametrize(
    "block", ["{#mail support}", "{owner = ops}", "{irreversible}", "{wait 24h}", "{.gate, .once}"]
)
@pytest.mark.parametrize("text", ["- [ ] Do it {}", "# Do it {}", "- Do it {} <!-- soon -->", "- [ ] Do it {}\n  now"])
def test_the_end_of_a_title_is_near_enough(text: str, block: str) -> None:
    """Behind a title, braces that begin as attributes do are told from other text."""
    assert told(text.replace("{}", block)) == [(0, block, BROKEN)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("- [ ] Tag{#id .approval}", (0, "{#id .approval}", GLUED)),
        ("- [ ] Tag\u00a0{.approval}", (0, "{.approval}", GLUED)),
        ("# Tag{.gate} #", (0, "{.gate}", GLUED)),
        ("Tag{.gate}\n===", (0, "{.gate}", GLUED)),
        ("- [ ] Tag {#id .approval}.", (0, "{#id .approval}", MIDDLE)),
        ("- [ ] Tag {#id} {.approval}", (0, "{#id}", MIDDLE)),
        ("- [ ] {#id} Tag", (0, "{#id}", LOST)),
        ("- plain {#id}", (0, "{#id}", LOST)),
        ("- [ ] Tag {#id\n  .approval}", (0, "{#id\n.approval}", BROKEN)),
        ("- [ ] Tag\n  now {#id .approval", (1, "{#id .approval", BROKEN)),
        ("- [ ] Tag {: #id .approval}", (0, "{: #id .approval}", BROKEN)),
        ("- [ ] Tag ｛#id .approval｝", (0, "｛#id .approval｝", BROKEN)),
        ("- [ ] Tag {owner=“ops team”}", (0, "{owner=“ops team”}", BROKEN)),
        ("- [ ] Tag <!--{#id b}-->", (0, "{#id b}", BROKEN)),
        ("- [ ] Tag <!-- #id .approval -->", (0, "#id .approval", BROKEN)),
        ("- [ ] Tag {#a}\n  Use {owner=ops} soon.", (1, "{owner=ops}", LOST)),
        ("- [ ] Tag\n\n  Use it. {#id .approval}", (2, "{#id .approval}", LOST)),
        ("- [ ] Tag\n\n  <!--{#id}-->", (2, "{#id}", LOST)),
        ("Text {#id}\nmore", (0, "{#id}", LOST)),
        ("| a |\n|---|\n| b {.once} |", (2, "{.once}", LOST)),
        ("<div>\nText {#id .once}\n</div>", (1, "{#id .once}", LOST)),
    ],
)
def test_attributes_that_are_text_are_told(text: str, expected: tuple[int, str, str]) -> None:
    """Wherever they stand: glued to a title, inside it, in a body, in a table, in a comment."""
    assert told(text) == [expected]


@pytest.mark.parametrize(
    "text",
    [
        *(f"- [ ] Do it {braces}" for braces in ("{version}", "{{release}}", "${HOME}", "${#list}", "{1, 2}", "{#12}")),
        "- [ ] Tag `{#id .approval}` now",
        "- [ ] Tag `<!--{#id}-->` now",
        "- [ ] Tag \\{#id .approval}",
        "- [ ] Open https://example.org/{#id}",
        "- [ ] Tag {#id .approval}",
        "- [ ] Tag <!--{#id}--> <!-- {{#if}} -->",
        "Text {.State} and {#note this} here {a}",
        "```\n{#id .approval}\n```",
        "<!--\n- [ ] hidden {#id .approval}\n-->",
        "<!-- #12 -->\n\n<!-- was {#id} -->",
        "<style>a {color: red}</style>",
    ],
)
def test_other_text_is_no_near_block(text: str) -> None:
    """Braces that nobody would take for attributes, that are escaped or in code, or that count, are left alone."""
    assert told(text) == []


def test_what_is_longer_than_anybody_writes_is_text() -> None:
    """A group of many thousand characters is none that was meant."""
    assert told(f"- [ ] a {{#id {'b' * near_blocks.LONGEST}}}") == []
