"""Boxes that a person sees and Markdown does not: each is told with its line and why."""

from __future__ import annotations

import pytest

from nbrunbook.documents.markdown.reading import read_markdown


def test_a_box_that_nobody_reads_is_told_with_its_line() -> None:
    """A line is counted from 0, shown without its indentation, and a box that is read is not among them."""
    found = read_markdown("- [ ] read\n\n<!--\n  - [ ] hidden\n-->\n[ ] bare").unseen
    assert [(each.line, each.text) for each in found] == [(3, "- [ ] hidden"), (5, "[ ] bare")]
    assert [each.why for each in found] == ["it is inside a comment", "it has no list marker in front"]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("-\u00a0[ ] a", "a blank beside - is none of Markdown's"),
        ("\u200b- [ ] a", "a blank beside - is none of Markdown's"),
        ("- -- [ ] a", "-- is no list marker"),
        ("• [ ] a", "• is no list marker"),
        ("➢ [ ] a", "➢ is no list marker"),
        ("a. [ ] a", "a. is no list marker"),
        ("-[ ] a", "no blank stands between the list marker and it"),
        ("- [ ]a", "no blank stands behind it"),
        ("- **[ ]** a", "it is inside emphasis or a tag"),
        ("- ☐ a", "☐ is a character, no box"),
        ("- \\[ \\] a", "\\[ \\] has backslashes in front of its brackets"),
        ("- <input type=checkbox> a", "<input> is HTML, not Markdown"),
        ("- ［ ］ a", "［ ］ has other brackets than [ and ]"),
        ("- [ x] a", "[ x] has blanks beside its x"),
        ("- [  ] a", "[  ] has something else than one space between its brackets"),
        ("- [✓] a", "[✓] has neither a space nor an x between its brackets"),
        ("- a [ ]", "it is not at the beginning of a list item"),
        ("Text\n2. [ ] a", "it belongs to the text above it"),
        ("- [ ] b\n      - [ ] a", "it belongs to the text above it"),
        ("<p><!-- c -->\n- [ ] a\n</p>", "it is inside HTML"),
        ("<p>\n<!--\n- [ ] a\n-->\n</p>", "it is inside a comment"),
        ("# ☐ a", "it stands in a heading"),
        ("| a |\n|---|\n| ☐ |", "it stands in a table"),
    ],
)
def test_why_a_box_is_none_is_told(text: str, why: str) -> None:
    """Each box is told once, with what keeps just this one from being read."""
    assert [each.why for each in read_markdown(text).unseen] == [why]


def test_a_box_on_the_line_below_its_marker_is_read() -> None:
    """An item may begin on the next line; its box is not told."""
    found = read_markdown("-\n  [ ] a\n- b\n\n  - [ ] c")
    assert ([item.title for item in found.items if item.box], found.unseen) == (["a", "c"], [])


@pytest.mark.parametrize("marks", ["`[]`", "x[0]", "[a](b)", "a [ ] b", "[ ](https://example.org)"])
def test_what_nobody_takes_for_a_box_is_not_told(marks: str) -> None:
    """Code, indices and links are no boxes; neither is one in the middle of a sentence."""
    assert list(read_markdown(f"Text {marks} goes on.").unseen) == []


def test_an_empty_pair_of_brackets_in_code_is_a_list() -> None:
    """In a code block [] is somebody's empty list; with a blank it was probably meant as a box."""
    assert [each.text for each in read_markdown("```\n- []\n- [ ] a\n```").unseen] == ["- [ ] a"]


def test_a_second_box_on_one_line_is_told() -> None:
    """Of two boxes on a line one is read, and the other one is told."""
    found = read_markdown("- [ ] a\n- [ ] - [ ] b").unseen
    assert [each.line for each in found] in ([], [1])
    assert sum(item.box for item in read_markdown("- [ ] a\n- [ ] - [ ] b").items) + len(found) == 3
