"""What JupyterLab takes out of a Markdown cell without a word: RB221."""

from __future__ import annotations

import re
from collections.abc import Iterator

from nbrunbook.documents.markdown.reading import MarkdownDocument
from nbrunbook.documents.markdown.tags import tags
from nbrunbook.template.cells import stretches
from nbrunbook.template.placed_cells import Place
from nbrunbook.template.problems import Problem
from nbrunbook.texts import short

TAKEN_OUT = frozenset(("embed", "frame", "iframe", "math", "object", "script", "style", "svg"))
"""Tags that its sanitiser does not let through; in a panel and a record they are told."""
FOLLOWED = ("http", "https", "mailto", "tel", "ftp")
"""Schemes of the links that it leaves."""


def problems(place: Place, document: MarkdownDocument) -> Iterator[Problem]:
    """Yield RB221 for what is gone where a text stays a Markdown cell: where there is no step under its heading."""
    where = {line for each in stretches(document) if not each.items for line in range(each.start, each.end)}
    for line, name in _tags(document):
        if line in where:
            hint = "save it as an image, or link to it"
            yield place.problem("RB221", f"JupyterLab shows no <{name}> of a Markdown cell", hint, line + 1)
    for line, target in document.links:
        scheme = re.match(r"(?i)([a-z][a-z0-9+.-]*):", target)
        if line in where and scheme and scheme[1].lower() not in FOLLOWED:
            message = f"JupyterLab shows the link {short(target, 80)!r} without its target"
            yield place.problem("RB221", message, "write the address as its text", line + 1)


def _tags(document: MarkdownDocument) -> Iterator[tuple[int, str]]:
    """The line and the name of each tag that is taken out."""
    for token in document.tokens:
        line = (token.map or [0])[0]
        for each in (token, *(token.children or ())):
            line += each.type in ("softbreak", "hardbreak")
            if each.type in ("html_block", "html_inline"):
                content = re.sub(r"(?i)<(?=(?:script|style)\b)", "<x-", each.content)
                for tag in tags(content):
                    name = tag.name.removeprefix("x-")
                    if name in TAKEN_OUT and not tag.closes:
                        yield line + each.content.count("\n", 0, tag.start), name
