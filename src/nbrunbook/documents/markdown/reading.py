"""Reading Markdown: a document with its headings, its steps, its links and its {{name}}s."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from nbrunbook.documents.markdown.filling import shown_tag
from nbrunbook.documents.markdown.items import Heading, Item
from nbrunbook.documents.markdown.near_blocks import NearBlock, near_blocks
from nbrunbook.documents.markdown.parser import PLACEHOLDER, normalized, parse_markdown
from nbrunbook.documents.markdown.unseen import Unseen, unseen_boxes

if TYPE_CHECKING:
    from markdown_it.token import Token


DEFINITION_LIKE = re.compile(r"^[ \t>*+.)\d-]*+\[[^\]]{1,999}\]:", re.MULTILINE)
"""Where none of these stands no reference link is defined; a list's or a quotation's marks may be in front.

A label has at most 999 characters: https://spec.commonmark.org/0.31.2/#link-label.
"""


@dataclass(frozen=True, kw_only=True)
class MarkdownDocument:
    """A Markdown text as read."""

    text: str
    tokens: Sequence[Token]
    headings: Sequence[Heading]
    items: Sequence[Item]
    unseen: Sequence[Unseen]
    near_blocks: Sequence[NearBlock]
    """Braces that look like attributes and are text."""
    placeholders: Sequence[tuple[int, str, str]]
    """(line, name, context): context is text, code, link or html."""
    links: Sequence[tuple[int, str]] = ()
    """(line, target) of links."""
    references: Mapping[str, Any] = field(default_factory=dict)
    """The reference links that it defines: label -> {title, href}."""


def read_markdown(text: str, references: Mapping[str, Any] | None = None) -> MarkdownDocument:
    """Return what a Markdown text holds; `references` are links defined elsewhere."""
    text = normalized(text)
    env: dict[str, Any] = {"references": dict(references or {})}
    tokens = parse_markdown(text, env)
    _finish_titles(tokens)
    items = [token.meta["item"] for token in tokens if "item" in token.meta]
    _add_bodies(tokens, text)
    headings = [token.meta["heading"] for token in tokens if "heading" in token.meta]
    own = {label: link for label, link in env["references"].items() if label not in (references or {})}
    return MarkdownDocument(
        text=text,
        tokens=tokens,
        headings=headings,
        items=items,
        unseen=list(unseen_boxes(text, tokens)),
        near_blocks=list(near_blocks(tokens)),
        placeholders=list(placeholders(tokens)),
        links=[(line, str(child.attrs["href"])) for line, child in _inline(tokens) if child.type == "link_open"],
        references=own,
    )


def link_definitions(text: str) -> dict[str, Any]:
    """Return the reference links that a text defines: label -> {title, href}."""
    env: dict[str, Any] = {"references": {}}
    if "]:" in text and DEFINITION_LIKE.search(text):
        parse_markdown(text, env)
    return dict(env["references"])


def _finish_titles(tokens: Sequence[Token]) -> None:
    for token in tokens:
        owner = token.meta.get("title_of")
        if owner is not None:
            owner.words = plain(token.children or [], tags=False) or owner.title
            owner.title = plain(token.children or []) or owner.title
            if isinstance(owner, Item):
                owner.lead = _lead(token.children or [])


def plain(children: Sequence[Token], *, tags: bool = True) -> str:
    """Return the text of inline tokens as a person reads it, with {{name}} as it stands, on one line.

    A tag such as <version>, which is none of HTML's that may stay, is text, and what is struck through keeps its ~~;
    without `tags` both are nothing.
    """
    parts = []
    for token in children:
        if token.type == "placeholder":
            parts.append("{{" + token.content + "}}")
        elif token.type in ("text", "code_inline", "text_special"):
            parts.append(token.content)
        elif token.type in ("softbreak", "hardbreak"):
            parts.append(" ")
        elif token.type == "html_inline" and tags:
            parts.append(shown_tag(token.content))
        elif token.type in ("s_open", "s_close") and tags:
            parts.append("~~")
        elif token.type == "image":
            parts.append(plain(token.children or [], tags=tags))
    return re.sub(r"\s+", " ", "".join(parts)).strip()


def _lead(children: Sequence[Token]) -> str:
    shown = [token for token in children if token.type != "text" or token.content.strip()]
    if not shown or shown[0].type != "strong_open":
        return ""
    end = next((i for i, token in enumerate(shown) if token.type == "strong_close"), 0)
    return plain(shown[1:end], tags=False).rstrip(":")


def _add_bodies(tokens: Sequence[Token], text: str) -> None:
    lines = text.split("\n")
    opened = [(token.meta["item"], token.map or [0, 0]) for token in tokens if "item" in token.meta]
    nested: dict[int, int] = {}
    for item, where in opened:
        nested.setdefault(id(item.parent), where[0])
    for item, (_, end) in opened:
        item.end = end
        stop = min(nested.get(id(item), end), end)
        item.body = "\n".join(lines[item.body_line : stop]).strip("\n")


def placeholders(tokens: Sequence[Token]) -> Iterator[tuple[int, str, str]]:
    """Yield (line, name, context) for each {{name}} in some tokens; see `MarkdownDocument`."""
    for token in tokens:
        line = (token.map or [0])[0]
        if token.type in ("fence", "code_block", "html_block"):
            context = "html" if token.type == "html_block" else "code"
            line += token.type == "fence"
            for number, text in enumerate(token.content.split("\n"), line):
                yield from ((number, name, context) for name in PLACEHOLDER.findall(text))
    for line, child in _inline(tokens):
        if child.type == "placeholder":
            yield line, child.content, "text"
        elif child.type in ("code_inline", "html_inline"):
            context = "code" if child.type == "code_inline" else "html"
            for name in PLACEHOLDER.findall(child.content):
                yield line, name, context
        for key, context in (("href", "link"), ("src", "link"), ("title", "text")):
            for name in PLACEHOLDER.findall(str(child.attrs.get(key, ""))):
                yield line, name, context


def _inline(tokens: Sequence[Token]) -> Iterator[tuple[int, Token]]:
    """What stands in lines of text, with its line."""
    for token in tokens:
        line = (token.map or [0])[0]
        for child in token.children or ():
            line += child.type in ("softbreak", "hardbreak")
            yield line, child
