"""One item of a text."""

from __future__ import annotations

from nbrunbook.documents.markdown.items import Item
from nbrunbook.documents.markdown.reading import read_markdown


def only_item(text: str) -> Item:
    """Return the only item of a text."""
    (item,) = read_markdown(text).items
    return item
