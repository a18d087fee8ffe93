"""What can be wrong in the text of one Markdown cell: boxes and attributes that nobody sees, {{name}}s, links."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

from nbrunbook.documents import attributes
from nbrunbook.documents.letters import meant
from nbrunbook.documents.markdown import near_blocks
from nbrunbook.documents.markdown.box_shapes import boxes_in
from nbrunbook.documents.markdown.filling import is_relative
from nbrunbook.documents.markdown.items import Heading, Item
from nbrunbook.documents.markdown.reading import MarkdownDocument
from nbrunbook.documents.markdown.unseen import spaced_names
from nbrunbook.errors import nearest
from nbrunbook.template.placed_cells import Place
from nbrunbook.template.problems import Problem
from nbrunbook.texts import short

STRAIGHT = 'write straight quotes: key="value"'
NEAR_HINTS = {
    near_blocks.GLUED: "put a blank in front of it",
    near_blocks.MIDDLE: "write all of them at the end of the title's last line, in one pair of braces",
}


def problems(place: Place, document: MarkdownDocument, folder: Path, known: set[str]) -> Iterator[Problem]:
    """Yield the problems of a cell's text; `known` are the names that have a value, links lead from `folder`."""
    yield from _boxes(place, document)
    yield from _near_blocks(place, document)
    yield from _placeholders(place, document, known)
    yield from _links(place, document, folder)


def raw_problems(place: Place) -> Iterator[Problem]:
    """Yield the boxes in a raw cell, which is shown to nobody as a list."""
    for number, line in enumerate(str(place.cell["source"]).splitlines(), 1):
        if boxes_in(line, (), is_code=True):
            message = f"Markdown sees no box in {short(line.strip())!r}: it is inside a raw cell"
            yield place.problem("RB201", message, "make it a Markdown cell", number)


def _boxes(place: Place, document: MarkdownDocument) -> Iterator[Problem]:
    for unseen in document.unseen:
        message = f"Markdown sees no box in {short(unseen.text)!r}: {unseen.why}"
        hint = f"write it as: {_one_line(unseen.instead)}" if unseen.instead else unseen.hint
        yield place.problem("RB201", message, hint, unseen.line + 1)
    for item in document.items:
        if item.ticked:
            message = f"{short(item.title)!r} is ticked already"
            yield place.problem("RB202", message, "a template's boxes are open", item.line + 1)
        if item.box and item.quoted:
            message = f"{short(item.title)!r} stands in a quotation"
            yield place.problem("RB210", message, "take it out of the >", item.line + 1)


def _near_blocks(place: Place, document: MarkdownDocument) -> Iterator[Problem]:
    for near in document.near_blocks:
        hint = NEAR_HINTS.get(near.why, 'attributes, {#id .flag key="value"}, stand behind the title of a step')
        quotes = _typographic(near.text) if near.why == near_blocks.BROKEN else ""
        why = f"{near.why}: {quotes} are no straight quotes" if quotes else near.why
        hint = STRAIGHT if quotes else hint
        yield place.problem("RB208", f"{_one_line(near.text)} is text: {why}", hint, near.line + 1)
    titled: tuple[Item | Heading, ...] = (*document.items, *document.headings)
    for each in titled:
        for pair in attributes.quoted_otherwise(each.block):
            message = f"in {_one_line(pair)} {_typographic(pair)} are no straight quotes, and a part of the value"
            yield place.problem("RB208", message, STRAIGHT, each.line + 1)


def _typographic(text: str) -> str:
    return " ".join(dict.fromkeys(re.findall(f"[{attributes.TYPOGRAPHIC}]", text)))


def _one_line(text: str) -> str:
    return short(" ".join(text.split()), 80)


def _placeholders(place: Place, document: MarkdownDocument, known: set[str]) -> Iterator[Problem]:
    for line, name, _ in document.placeholders:
        close = nearest(name, known) if meant(name, known) not in known else None
        if close:
            message, hint = f"{{{{{name}}}}} is no parameter", f"did you mean {{{{{close}}}}}?"
            yield place.problem("RB204", message, hint, line + 1)
    for line, written, name, in_target in spaced_names(document.text):
        if meant(name, known) in known or in_target:
            hint = f"write {{{{{name}}}}} without spaces"
            yield place.problem("RB205", f"{written} stays as it is", hint, line + 1)


def _links(place: Place, document: MarkdownDocument, folder: Path) -> Iterator[Problem]:
    for line, target in document.links:
        path = unquote(urlsplit(target).path) if is_relative(target) and "{{" not in target else ""
        try:
            leads = not path or (folder / path).exists()
        except (OSError, ValueError):
            leads = False
        if not leads:
            message = f"the link {short(unquote(target), 80)!r} leads nowhere"
            yield place.problem("RB215", message, "relative links lead from the template's folder", line + 1)
