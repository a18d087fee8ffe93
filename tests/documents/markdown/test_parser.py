"""The parser: CommonMark, whatever the line ends."""

from __future__ import annotations

from nbrunbook.documents.markdown.reading import read_markdown
from tests.documents.markdown.conftest import only_item


def test_line_ends_do_not_matter() -> None:
    """A file from Windows reads as any other."""
    text = "# A {.gate}\n\n- [ ] a {#a}\n  body\n"
    assert read_markdown(text.replace("\n", "\r\n")).text == text
    assert only_item(text.replace("\n", "\r")).id == "a"
