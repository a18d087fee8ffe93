"""Things: what of a step, a cell and an image is compared."""

from __future__ import annotations

from dataclasses import replace

import pytest

from nbrunbook.review.compare import compare
from tests.comparing import BASE, edit, only, side, told


@pytest.mark.parametrize(
    ("old", "new"), [("[console](https://a.example)", "[console](https://b.example)"), ("*Promote*", "**Promote**")]
)
def test_what_only_markdown_shows_of_a_title_is_a_rewording(old: str, new: str) -> None:
    """A link's target and emphasis count, though the plain title is the same."""
    assert edit(f"- [ ] Press {old} {{#a}}", f"- [ ] Press {new} {{#a}}").name == "title"


def test_code_is_matched_by_what_it_says() -> None:
    """A code cell that changed is one change, with its tags; one that is gone is removed."""
    one = side(BASE, code="print(1)\nprint(2)\nprint(3)")
    found = only(compare(one, side(BASE, code="print(1)\nprint(2)\nprint(4)")))
    assert (found.subject, found.kind, found.edits[0].name) == ("code", "changed", "text")
    assert only(compare(one, side(BASE))).kind == "removed"


def test_a_cell_that_moved_is_told() -> None:
    """A text that went behind the steps, and code that runs in another order, have moved."""
    text = "# Before all\nRead this."
    assert {what for _, _, what in told(compare(side(text, BASE), side(BASE, text)))} == {"order"}
    first = side(BASE, code="x = 1")
    moved = replace(first, order=(first.order[-1], *first.order[:-1]))
    assert told(compare(first, moved)) == {("code", "code", "order")}


def test_an_image_that_changed_under_its_name_shows() -> None:
    """The same link to another image is a change."""
    text = "![a](a.png)\n\n- [ ] a {#a}"
    found = only(compare(side(text, images={"a.png": b"1"}), side(text, images={"a.png": b"2"})))
    assert (found.subject, found.id) == ("image", "a.png")
