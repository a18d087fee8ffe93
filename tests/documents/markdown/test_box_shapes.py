"""What a box looks like to a person, and what the line that holds it was meant as."""

from __future__ import annotations

import pytest

from nbrunbook.documents.markdown.box_shapes import as_item, boxes_in, inputs_in, run_on


def texts(line: str, *, is_code: bool = False) -> list[str]:
    """Return what looks like a box in a line."""
    return [box.text for box in boxes_in(line, inputs_in(line).get(0, ()), is_code=is_code)]


@pytest.mark.parametrize(
    "box",
    [
        "[ ]", "[x]", "[X]", "[]", "[  ]", "[\t]", "[_]", "[ x]", "[x ]", "[\u00a0]", "[\u2009]", "[\u200b]",
        "[&nbsp;]", "[&#160;]", "[✓]", "[✗]", "[×]", "[-]", "[~]", "[*]", "\\[ \\]", "\\[ ]", "\\[x\\]", "［ ］",
        "［　］", "【 】", "( )", "☐", "☑", "☒", "□", "⬜", "☐\ufe0f", "&#9744;", "&#x2610;", ":white_large_square:",
        "$\\square$", "`[ ]`", "<input type=checkbox>", "<input type='checkbox' disabled/>",
        '<INPUT checked TYPE = "CHECKBOX" />',
    ],
)  # fmt: skip
@pytest.mark.parametrize(
    "line", ["- {} text", "1) {} text", "> * {} text", "• {} text", "–\u00a0{} text", "\u200b- {} a"]
)
def test_whatever_looks_like_a_box_behind_a_marker_is_one(line: str, box: str) -> None:
    """Brackets of all kinds, characters and HTML, behind whatever looks like a list's marker."""
    assert texts(line.format(box)) == [box]


@pytest.mark.parametrize(
    "line",
    [
        "[ ] a", "☐ a", "[_] a", "**[ ] a**", "<li>[ ] a", "# [ ] a", "a. [ ] b", "1.[ ] a", "-[ ] a", "| b | [ ] a |",
        "|☐ a|", "a<br>[ ] b", "- a - [ ] b", "- a [ ]", "1. a ☐", "Done? [ ]", "Sent: ☐", "Step 1: [ ] a",
        "Yes ☐ No ☐", "Approved by ana [ ], ben [ ]", "- Ana [ ] {#a}", "a <input type=checkbox> b",
    ],
)  # fmt: skip
def test_a_box_is_seen_wherever_it_stands(line: str) -> None:
    """At the beginning of a line without a marker, in tables, headings and HTML, at the end of an item."""
    assert len(texts(line)) == 1


@pytest.mark.parametrize(
    "line",
    [
        "a [ ] b", "a[ ] = b", "x[0]", "[a] b", "- [1] b", "- [a](b)", "- [x](b)", "- [_](b)", "- [ ", "- []int",
        "- [!NOTE]", "- [...] b", "[-] b", "( ) b", "- (x) b", "- ✅ b", "- ✔ b", "■ b", "qed □", "the ☐ means open",
        "- a: b", "1.5 [ ]", "<input type=text>", "<input> checkbox", "[✓](a)", "【重要】 b",
    ],
)  # fmt: skip
def test_what_nobody_takes_for_a_box(line: str) -> None:
    """Links, indices, notes, lists of features and characters in a sentence are none."""
    assert texts(line) == []


def test_in_code_less_looks_like_a_box() -> None:
    """In somebody's code [] is an empty list, and [_] and <input> are code."""
    lines = ["- [ ] a", "☐ a", "- [x] a", "- [] a", "- [_] a", "<input type=checkbox>", "- a [ ]"]
    assert [len(texts(line, is_code=True)) for line in lines] == [1, 1, 1, 0, 0, 0, 0]


def test_html_goes_on_over_lines() -> None:
    """A checkbox of HTML is told with the line in which it begins."""
    assert inputs_in("a\n b <input\n  type='checkbox'> c") == {1: [(3, 9)]}


@pytest.mark.parametrize(
    ("line", "item"),
    [
        ("\t•\u00a0☐\u00a0a", "\t- [ ] a"),
        ("> 2)[  ]  a", "> 2) [ ]  a"),
        ("- 1. [_] a", "- 1. [ ] a"),
        ("\\- [ ] a", ""),
        ("&bull; [ ] a", "- [ ] a"),
        ("- [ x]a", "- [x] a"),
        ("[ x] a", ""),
        ("- [] a", ""),
        ("1234567890. [ ] a", ""),
        ("\u00a0\u00a0- [ ] a", ""),
        ("- <b>[ ]</b> a", ""),
        ("- ☐ \u00a0", ""),
        ("- [ ] a", ""),
    ],
)
def test_a_line_is_written_as_it_was_meant(line: str, item: str) -> None:
    """Its indentation, its own marker and its text stay; where there is no one answer there is none."""
    assert as_item(line, boxes_in(line, (), is_code=False)[0]) == item


@pytest.mark.parametrize("rest", [" [ ] b", " • [ ] b", " - [] b", " ☐ b", " 2. [x] b", ""])
def test_a_title_ends_where_another_box_begins(rest: str) -> None:
    """A line that ran into a title is no part of what is to be done."""
    assert run_on(f"Set a[ ] in {{}}{rest}") == len("Set a[ ] in {}")
