"""Links in Markdown source."""

from __future__ import annotations

import re

import pytest

from nbrunbook.documents.markdown.filling import Fill
from nbrunbook.documents.markdown.html import draw
from nbrunbook.documents.relinking import line_starts, relinked, stuck_link

UP = Fill(links=lambda target: f"../{target}" if not target.startswith("http") else target)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("[a](b.md) and b.md", "[a](../b.md) and b.md"),
        ("![a](b.png)\n\n[c]: d.md\n[c]", "![a](../b.png)\n\n[c]: ../d.md\n[c]"),
        ('<a href="b.md">x</a> `<a href="b.md">`', '<a href="../b.md">x</a> `<a href="b.md">`'),
        ('<a href="b.md">x</a href="b.md">', '<a href="../b.md">x</a href="b.md">'),
        ("[a](https://e.com/b.md)", "[a](https://e.com/b.md)"),
        ("[a](<x y.md>)", "[a](<../x%20y.md>)"),
        ("[a](x\\_y.md) [b](b&amp;c.md 'T')", "[a](<../x_y.md>) [b](<../b&amp;c.md> 'T')"),
        ("[a](ü.md) [b](b(1).md) [c]( <d.md> )", "[a](<../%C3%BC.md>) [b](../b(1).md) [c]( <../d.md> )"),
        ("[a](x.md) and `[a](x.md)`", "[a](../x.md) and `[a](x.md)`"),
        ("`` ` [a](x.md)`` \\`[a](x.md)\\`", "`` ` [a](x.md)`` \\`[a](../x.md)\\`"),
        ("[a](x.md)\n\n```\n[a](x.md)\n```\n", "[a](../x.md)\n\n```\n[a](x.md)\n```\n"),
        ("- a\n\n      [a](x.md)\n  [a](x.md)", "- a\n\n      [a](x.md)\n  [a](../x.md)"),
        ("<div>\n[a](x.md)\n</div>\n\n[a](x.md)", "<div>\n[a](x.md)\n</div>\n\n[a](../x.md)"),
        ("[c]\n\n- [c]: <x y.md>", "[c]\n\n- [c]: <../x%20y.md>"),
        ("|a|b|\n|-|-|\n|[a](x.md)|`[a](x.md)`|", "|a|b|\n|-|-|\n|[a](../x.md)|`[a](x.md)`|"),
    ],
)
def test_a_link_leads_elsewhere_where_it_stands(written: str, read: str) -> None:
    """In Markdown, its definitions and its HTML; tags in code and whole addresses stay."""
    assert relinked(written, UP) == read
    if "<div>" not in written:
        assert stuck_link(written, UP) == ""
        assert re.sub(r"\s+", " ", draw(read, Fill())) == re.sub(r"\s+", " ", draw(written, UP))


def test_a_link_that_cannot_be_moved_is_named() -> None:
    """The first one of its text."""
    odd = Fill(links=lambda target: f"x y/{target}")
    assert stuck_link("[a](a.md) [b](b.md)", odd) == "a.md"


def test_lines_are_counted_by_their_ends() -> None:
    """One more than there are lines: where the text ends."""
    assert line_starts("ab\n\nc") == [0, 3, 4, 6]
