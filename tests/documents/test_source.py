"""Editing Markdown source without touching the rest."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from nbrunbook.documents import source
from nbrunbook.documents.markdown.filling import Fill
from nbrunbook.documents.markdown.html import draw
from nbrunbook.documents.markdown.reading import read_markdown

LINES = st.text(st.characters(blacklist_categories=["Cc", "Cs", "Zl", "Zp"]), max_size=16)
NASTY = st.text("a1 \u00a0-+*_`~#>|<!&;:/.[](){}\\\"'=$%@", max_size=12)
TEXTS = [
    "# {{x}}",
    "a {{x}} b",
    "{{x}}",
    "- {{x}}\n- b",
    "1. a\n   {{x}}",
    "> {{x}}\n> b",
    "*{{x}}* **{{x}}** ~~{{x}}~~",
    "[{{x}}](https://e.com)",
    "[a](https://e.com/{{x}})",
    "[a]({{x}})",
    "[a]({{x}}/b 'c')",
    "[a]\n\n[a]: https://e.com/{{x}}",
    "<https://e.com/{{x}}>",
    "`{{x}}`",
    "```\n{{x}}\n```",
    "    {{x}}",
    "| a |\n|---|\n| {{x}} |",
    "<b>{{x}}</b>",
    "<b title='{{x}}'>a</b>",
    "<div>\n{{x}}\n</div>",
    "a\n{{x}}",
    "a{{x}}b",
    "{{x}}{{x}}",
    "- [ ] {{x}} {#a}\n  {{x}}",
]


def structure(text: str, fill: Fill | None = None) -> tuple[list[str], list[tuple[str | None, bool]]]:
    """Return what a value may never change: the tags that are drawn, the steps and their ids."""
    tags = re.findall(r"</?\w+", draw(text, fill or Fill()))
    return tags, [(item.id, item.box) for item in read_markdown(text).items]


def filled_or_refused(text: str, value: str) -> tuple[str, str | None]:
    """Return a text with the value put in, or with a harmless one and the name that was refused."""
    try:
        return source.fill_source(text, Fill(values={"x": value})), None
    except ValueError as error:
        return source.fill_source(text, Fill(values={"x": "word"})), str(error)


@settings(max_examples=150)
@given(st.sampled_from(TEXTS), LINES | NASTY)
@example("a\n{{x}}", "- [ ] b")
@example("a\n{{x}}", "===")
@example("`{{x}}`", "``")
@example("[a]({{x}})", "a) <b>")
@example("- {{x}}\n- b", "[ ] b {#c}")
@example("{{x}}", "https://e.com www.e.com a@e.com")
@example("| a |\n|---|\n| {{x}} |", "b | c")
def test_a_value_never_changes_the_structure(text: str, value: str) -> None:
    """Whatever a value is, it adds no step, no id and no markup, or is refused with its name."""
    filled, refused = filled_or_refused(text, value)
    assert refused in (None, "x")
    assert structure(filled) == structure(text, Fill(values={"x": "word"}))


@settings(max_examples=100)
@given(st.sampled_from(TEXTS), NASTY)
def test_the_source_reads_as_it_is_drawn(text: str, value: str) -> None:
    """Drawing what was filled gives what filling gives when it is drawn."""
    filled, refused = filled_or_refused(text, value)
    fill = Fill(values={"x": value if refused is None else "word"})
    assert draw(filled, Fill()).split() == draw(text, fill).split()


@pytest.mark.parametrize(
    "value", ["2026.12.0", "2.10", "v1_2_x", "a*b", "# a", "<b>", "a|b", "1. a", "- a", "50 %", "C:\\x"]
)
@pytest.mark.parametrize(
    "text", ["# {{x}}", "a {{x}} b", "- {{x}}", "[{{x}}](https://e.com)", "`{{x}}`", "```\n{{x}}\n```"]
)
def test_an_ordinary_value_can_be_written(text: str, value: str) -> None:
    """Values that people have can be written into prose, headings, lists, links and code."""
    assert source.fill_source(text, Fill(values={"x": value}))


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("a {{release}} b", "a 2.10 b"),
        ("`{{release}}` [a](https://e.com/{{release}}/b)", "`2.10` [a](https://e.com/2.10/b)"),
        ("```\n{{release}} {{ .State }}\n```", "```\n2.10 {{ .State }}\n```"),
        ("\\{{release}} {{ release }} ${{ github.sha }}", "\\{{release}} {{ release }} ${{ github.sha }}"),
        ("{{steps.x}} {{{release}}} {{relase}} {release}", "{{steps.x}} {{{release}}} {{relase}} {release}"),
        ("See https://e.com/{{release}}/notes", "See https://e.com/2.10/notes"),
    ],
)
def test_the_rest_stays_to_the_letter(text: str, filled: str) -> None:
    """Only {{name}}s that have a value are touched."""
    assert source.fill_source(text, Fill(values={"release": "2.10"})) == filled


def test_the_value_that_cannot_be_written_is_named() -> None:
    """Of several values the error names the one that cannot be had there."""
    with pytest.raises(ValueError, match=r"^bad$"):
        source.fill_source("{{good}} `{{bad}}` {{fine}}", Fill(values={"good": "a", "bad": "``", "fine": "*"}))


def test_a_value_is_encoded_in_a_target() -> None:
    """In a link's target a value cannot end the link or add a title."""
    filled = source.fill_source("[a](https://e.com/{{x}})", Fill(values={"x": 'b) "c" <d>'}))
    assert filled == "[a](https://e.com/b%29%20%22c%22%20%3Cd%3E)"


def test_references_from_elsewhere_are_written_behind() -> None:
    """A text that uses a link of another cell gets its definition, one that does not gets none."""
    fill = Fill(references={"NOTES": {"href": "https://e.com/{{x}}", "title": ""}}, values={"x": "1"})
    assert source.fill_source("the [notes]", fill) == "the [notes]\n\n[notes]: <https://e.com/1>"
    assert source.fill_source("the notes", fill) == "the notes"


def test_links_are_rewritten_in_the_source() -> None:
    """Relative targets are rewritten in links, images and definitions; words that look alike are not."""
    text = "docs/a.md [a](docs/a.md) ![b](<docs/a.md>) [c]\n\n[c]: docs/a.md"
    fill = Fill(links=lambda target: f"../../{target}" if target.startswith("docs") else target)
    expected = "docs/a.md [a](../../docs/a.md) ![b](<../../docs/a.md>) [c]\n\n[c]: ../../docs/a.md"
    assert source.fill_source(text, fill) == expected


@pytest.mark.parametrize(
    ("written", "pinned", "bare"),
    [
        ("- [ ] a {.once}\n\u00a0", "- [ ] a {#x .once}\n\u00a0", "- [ ] a {#y}\n\u00a0"),
        ("- [ ] a {.once}\n  b\n \u2003", "- [ ] a {#x .once}\n  b\n \u2003", "- [ ] a {#y}\n  b\n \u2003"),
        ("- \u3000\n  [ ] a {.once}\n  b", "- \u3000\n  [ ] a {#x .once}\n  b", "- \u3000\n  [ ] a {#y}\n  b"),
        ("> - [ ] a\n> \u00a0\n", "> - [ ] a {#x}\n> \u00a0\n", "> - [ ] a {#y}\n> \u00a0\n"),
    ],
)
def test_attributes_are_found_beside_lines_of_other_blanks(written: str, pinned: str, bare: str) -> None:
    """Markdown takes such lines off both ends of a paragraph; the body loses none of its own."""
    document = read_markdown(written)
    assert source.pin(document, {0: "#x"}) == pinned
    assert source.without_blocks(document, {0: "y"}) == bare
    assert document.items[0].body.split() == ["b"] * written.count("b")


def test_ids_are_pinned_and_the_rest_stays() -> None:
    """A pin goes behind its title, into a block that is there, and changes nothing else."""
    text = "# A\n\n* [ ] one  \n  more\n  {.x\n- [ ] two {.gate}\n  body\n1) [ ] three <!--{owner=x}-->\n"
    pinned = source.pin(read_markdown(text), {0: "#a", 1: "#b", 2: "#c"})
    assert pinned == (
        "# A\n\n* [ ] one  \n  more\n  {.x {#a}\n- [ ] two {#b .gate}\n  body\n1) [ ] three <!--{#c owner=x}-->\n"
    )
    assert [item.id for item in read_markdown(pinned).items] == ["a", "b", "c"]


def test_blocks_go_but_for_ids() -> None:
    """Attributes are gone from headings and steps; each step keeps its id behind its title."""
    text = "# A {.gate}\n- [ ] one {#one .gate}\n  body {x}\n- two\n  - [ ] three <!--{owner=x}-->\n"
    document = read_markdown(text)
    without = source.without_blocks(document, {0: "one", 1: "two", 2: "three"})
    assert without == "# A\n- [ ] one {#one}\n  body {x}\n- two {#two}\n  - [ ] three {#three}\n"


@pytest.mark.parametrize(
    "text",
    [
        "- - [ ] a {#a}",
        "1. - [ ] a {#a}",
        "- # H\n  - [ ] a {#a}",
        "- ```\n  b\n  ```\n  - [ ] a {#a}",
        "- > b\n  - [ ] a {#a}",
    ],
)
def test_an_item_without_a_title_gets_no_id_in_its_source(text: str) -> None:
    """A plain bullet without a line of its own text leaves its source as it is."""
    document = read_markdown(text)
    ids = {index: item.id or "outer" for index, item in enumerate(document.items)}
    assert source.without_blocks(document, ids) == text


@pytest.mark.parametrize(
    ("text", "without"),
    [
        ("a <!-- psst --> b", "a  b"),
        ("a <!-- psst -->\nb", "a\nb"),
        ("a <!-- ps\nst --> b", "a  b"),
        ("a\n\n<!-- psst -->\n\nb", "a\n\n\nb"),
        ("`<!-- code -->`\n\n    <!-- code -->\n\n```\n<!-- code -->\n```", None),
        ("\\<!-- text -->", None),
        ("nothing", None),
    ],
)
def test_comments_are_the_author_s(text: str, without: str | None) -> None:
    """HTML comments go, wherever they stand; what only looks like one, in code or escaped, stays."""
    assert source.without_comments(text) == (text if without is None else without)


def test_a_comment_between_two_lists_parts_them_still() -> None:
    """Where a comment kept two blocks apart, an empty one stays."""
    without = source.without_comments("- a\n\n<!-- psst -->\n\n- b")
    assert "psst" not in without
    assert draw(without, Fill()).count("<ul>") == 2


@pytest.mark.parametrize(
    "text",
    [
        "> <!--\n> psst\n> -->\n> a",
        "| a <!-- psst --> |\n|---|\n| b <!-- psst --> |",
        "<div>\n<!-- psst -->\n</div>",
        "<!-- psst\n\npsst",
        "- [ ] a {#a}\n\n  > b <!-- psst\n  > psst --> c",
        "[a <!-- psst -->](b) *c <!-- psst -->*",
        "- [ ] a {#a} <!-- psst -->\n  body <!-- psst -->",
        "`<!-- code -->` <!-- code --><!-- psst -->",
        "\\<!-- psst --> <!-- psst -->",
    ],
)
def test_no_comment_is_left(text: str) -> None:
    """After comments are taken out Markdown sees none, and all steps and the rest of the text are there."""
    without = source.without_comments(text)
    assert "<!-- psst" not in re.sub(r"\\<!-- psst", "", without)
    assert [item.id for item in read_markdown(without).items] == [item.id for item in read_markdown(text).items]
    assert draw(without, Fill()).split() == draw(text, Fill()).split()


PARTS = st.sampled_from(["a", "*b*", "`c`", "<!-- psst -->", "\n  ", "\n\n  ", "\n- [ ] d ", "\n  - e "])


@settings(max_examples=100)
@given(st.lists(PARTS, min_size=1, max_size=9))
def test_comments_go_and_all_else_stays(parts: list[str]) -> None:
    """Wherever comments stand in a checklist: they go, and the text that is drawn stays."""
    text = "- [ ] start " + " ".join(parts)
    without = source.without_comments(text)
    assert "psst" not in without
    assert re.sub(r"\s", "", draw(without, Fill())) == re.sub(r"\s", "", draw(text, Fill()))


def test_images_and_links_of_html_lead_where_markdown_s_do() -> None:
    """They are rewritten in the source tag by tag; what stands in code stays."""
    text = 'a <img src="a.png" alt=x> `<img src="a.png">`\n\n<p>\n<img src=\'b c.png\'><a href=d.md>d</a></p>'
    filled = source.fill_source(text, Fill(links=lambda target: f"../{target}"))
    assert filled == (
        'a <img src="../a.png" alt="x"> `<img src="a.png">`\n\n<p>\n<img src="../b c.png"><a href="../d.md">d</a></p>'
    )


@pytest.mark.parametrize(
    "text",
    [
        "`<img src='a'>` <img src='a'>",
        "<img src='a'> ``<img src='a'>``\n\n    <img src='a'>",
        "```\n<img src='a'>\n```\n<img src='a'>",
        "<!-- <img src='a'> --> <img src='a'> \\<img src='a'>",
        "<p>\n<!-- <img src='a'> -->\n<img src='a'></p>",
        "- x\n\n  <p>\n    <img src='a'>\n  </p> <img src='a'>\n- <img src='a'>",
        "> <p>\n> <a href='a'>b</a>\n\n| a | b |\n|---|---|\n| <img src='a'> | `<img src='a'>` |",
        "![<img src='a'>](a) [<img src='a'>](a)",
        "- x <img\n      src='a'>\n\n  <p>\n    <img\n      alt=b\n    src='a'></p>\n- <a\n  href='a'>b</a>",
    ],
)
def test_html_is_drawn_alike_wherever_it_stands(text: str) -> None:
    """What is rewritten in the source is what is drawn: the law of values holds for HTML's links, too."""
    fill = Fill(links=lambda target: f"../{target}" if target == "a" else target)
    assert draw(source.fill_source(text, fill), Fill()).split() == draw(text, fill).split()


def test_a_definition_that_other_cells_use_is_filled_too() -> None:
    """A value is encoded in the definition of a reference link, in the cell that holds it and in the others."""
    fill = Fill(values={"x": "a b"}, references={"R": {"href": "https://e.com/{{x}}", "title": ""}})
    assert source.fill_source("[r]: https://e.com/{{x}}", fill) == "[r]: https://e.com/a%20b"
    assert source.fill_source("see [r]", fill).endswith("[r]: <https://e.com/a%20b>")


def test_no_comment_is_left_in_an_image_s_words() -> None:
    """A comment in the words that stand for an image does not reach the runbook either."""
    assert "psst" not in source.without_comments("![a <!-- psst -->b](https://e.com/b.png)")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("## Deploy <service>", "## Deploy \\<service>"),
        ("> a <b>c</b> <x y='1'> `<x>` <br>\n> <z>", "> a <b>c</b> \\<x y='1'> `<x>` <br>\n> \\<z>"),
        ("| <a-b> | `<a-b>` |\n|---|---|\n| </x> | b |", "| \\<a-b> | `<a-b>` |\n|---|---|\n| \\</x> | b |"),
        ("1 < 2 <!-- <x> --> \\<x> <https://e.org>", "1 < 2 <!-- <x> --> \\<x> <https://e.org>"),
        ("<div>\n<x>\n</div>", "<div>\n<x>\n</div>"),
        ("[a](<x>) <x>", "[a](<x>) <x>"),
    ],
)
def test_a_tag_that_nobody_knows_is_shown_in_jupyterlab(text: str, shown: str) -> None:
    """It gets a backslash where nothing else is drawn otherwise; doing it twice changes nothing."""
    assert source.with_shown_tags(text) == shown
    assert source.with_shown_tags(shown) == shown
