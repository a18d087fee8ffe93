"""Images that a text names."""

from __future__ import annotations

import pytest

from nbrunbook.documents.markdown.images import image_targets, spaced_targets
from nbrunbook.documents.markdown.reading import read_markdown


def test_images_are_told() -> None:
    """The targets of a text's images are told, in links, by reference and in HTML too; none of code and comments."""
    html = "<img src='e f.png'> `<img src=x>` <!-- <img src=x> -->\n\n<p>\n<IMG alt=a SRC=g.png></p>"
    document = read_markdown(f"![a](a.png) [![b](b.png)](c) ![d] {html}\n\n[d]: d.png")
    assert image_targets(document) == ["a.png", "b.png", "d.png", "e f.png", "g.png"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("![a](attachment:b c.png) ![d](e  f.JPG)", ["attachment:b c.png", "e  f.JPG"]),
        ("![a](b%20c.png) ![a](<b c.png>) ![a](b.png 'a title') \\![a](b.png) `![a](b c.png)` ![a](see b c)", []),
    ],
)
def test_an_image_with_blanks_in_its_address_is_none(text: str, found: list[str]) -> None:
    """Markdown ends an address at a blank, and then it is text."""
    assert spaced_targets(read_markdown(text)) == found
