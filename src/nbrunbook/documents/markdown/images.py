"""Images that a text names, and those that it would name if Markdown saw them."""

from __future__ import annotations

import re

from nbrunbook.documents.markdown.reading import MarkdownDocument
from nbrunbook.documents.markdown.tags import tags

SPACED_IMAGE = re.compile(r"(?i)!\[[^\]\n]{0,999}\]\(((?=[^()]*[ \t])[^()<>\n]{1,999}\.(?:png|jpe?g|gif|webp|svg))\)")
"""An image in a text is none to Markdown, by its blanks."""


def image_targets(document: MarkdownDocument) -> list[str]:
    """Return the targets of the images in a text: Markdown's, and those of HTML."""
    found: list[str] = []
    for token in document.tokens:
        for each in (token, *(token.children or ())):
            if each.type == "image":
                found.append(str(each.attrs["src"]))
            elif each.type in ("html_block", "html_inline"):
                images = (tag for tag in tags(each.content) if tag.name == "img" and not tag.closes)
                found += [tag.attributes["src"] for tag in images if "src" in tag.attributes]
    return found


def spaced_targets(document: MarkdownDocument) -> list[str]:
    """Return the targets of what would be images if they had no blanks in them."""
    texts = (child.content for token in document.tokens for child in token.children or () if child.type == "text")
    return [match[1] for text in texts if "](" in text for match in SPACED_IMAGE.finditer(text)]
