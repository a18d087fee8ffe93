"""Links in Markdown source."""

from __future__ import annotations

import pytest

from nbrunbook.documents.markdown.filling import Fill
from nbrunbook.documents.relinking import line_starts, relinked

UP = Fill(links=lambda target: f"../{target}" if not target.startswith("http") else target)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("[a](b.md) and b.md", "[a](../b.md) and b.md"),
        ("![a](b.png)\n\n[c]: d.md\n[c]", "![a](../b.png)\n\n[c]: ../d.md\n[c]"),
        ('<a href="b.md">x</a> `<a href="b.md">`', '<a href="../b.md">x</a> `<a href="b.md">`'),
        ("[a](https://e.com/b.md)", "[a](https://e.com/b.md)"),
    ],
)
def test_a_link_leads_elsewhere_where_it_stands(written: str, read: str) -> None:
    """In Markdown, its definitions and its HTML; tags in code and whole addresses stay."""
    assert relinked(written, UP) == read


def test_lines_are_counted_by_their_ends() -> None:
    """One more than there are lines: where the text ends."""
    assert line_starts("ab\n\nc") == [0, 3, 4, 6]
