"""Steps and headings in Markdown: one rule takes boxes and attributes off the titles."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nbrunbook.documents import attributes
from nbrunbook.documents.attributes import Attributes

if TYPE_CHECKING:
    from markdown_it.rules_core import StateCore
    from markdown_it.token import Token


BOX = re.compile(r"\[([ xX])\](?:\s+|$)")


@dataclass(kw_only=True, eq=False)
class Item:
    """A list item that is a step, or a plain bullet over steps."""

    line: int
    """The line of its marker, counted from 0 in the text."""
    last_line: int
    """The title's last line, where attributes stand."""
    body_line: int
    """The line after it, and after what of its paragraph nobody sees."""
    box: bool
    ticked: bool = False
    title: str = ""
    """Plain text, with {{name}} as it stands."""
    words: str = ""
    """The title without any tags: its id is made from it, as it was when <version> was not yet seen as text."""
    lead: str = ""
    """The bold text that it begins with, if any; its id is made from it too."""
    block: str = ""
    attributes: Attributes | None = None
    parent: Item | None = None
    quoted: bool = False
    """Whether it stands in a block quotation."""
    end: int = 0
    """The line after it and all that it holds."""
    body: str = ""
    """What is indented under the title up to the first sub-step, as it stands in the source."""

    @property
    def id(self) -> str | None:
        """The pinned id."""
        return self.attributes.id if self.attributes else None


@dataclass(kw_only=True, eq=False)
class Heading:
    """A heading of the text itself, not one in a list or a quotation."""

    level: int
    title: str
    line: int
    end: int
    """The line after it."""
    words: str = ""
    """The title without any tags, from which its id is made."""
    block: str = ""
    attributes: Attributes | None = None


def mark_items(state: StateCore) -> None:
    """The core rule: take boxes and attributes off titles, and keep them as `meta` of their tokens."""
    tokens, lines = state.tokens, state.src.split("\n")
    stack: list[tuple[Token, Item | None]] = []
    quotes = 0
    for index, token in enumerate(tokens):
        if token.type == "list_item_open":
            stack.append((token, _raw_item(tokens, index, lines, quotes > 0)))
        elif token.type == "list_item_close":
            stack.pop()
        elif token.type in ("blockquote_open", "blockquote_close"):
            quotes += token.nesting
        elif token.type == "heading_open" and token.level == 0:
            _mark_heading(token, tokens[index + 1])
        if token.type == "list_item_open" and stack[-1][1] and stack[-1][1].box:
            _keep(stack)
    state.tokens = list(_parted(tokens))


def _raw_item(tokens: list[Token], index: int, lines: Sequence[str], quoted: bool) -> Item | None:
    opening = tokens[index]
    if index + 2 >= len(tokens) or tokens[index + 1].type != "paragraph_open":
        return None
    inline = tokens[index + 2]
    box = BOX.match(inline.content)
    split = attributes.split(inline.content[box.end() :] if box else inline.content)
    end = _end(inline, lines)
    last_line = end - 1 - (split.rest.count("\n") + 1 if split.rest else 0)
    item = Item(
        line=(opening.map or [0])[0],
        last_line=last_line,
        body_line=last_line + 1 if split.rest else (inline.map or [0, end])[1],
        box=bool(box),
        ticked=bool(box and box[1] in "xX"),
        block=split.block,
        attributes=split.attributes,
        quoted=quoted,
    )
    following = tokens[index + 4] if index + 4 < len(tokens) else None
    if box and not split.text:
        if following is None or following.type not in ("fence", "code_block"):
            item.box = False
            return item
        code = following.content.strip().splitlines()
        item.title = code[0].strip() if code else ""
    opening.meta["inline"], opening.meta["split"] = inline, split
    return item


def _end(inline: Token, lines: Sequence[str]) -> int:
    """The line after a paragraph's text: Markdown has taken lines of other blanks than its own off both of its ends."""
    begin, end = inline.map or [0, 0]
    text = inline.content.partition("\n")[0]
    first = next((number for number in range(begin, end) if lines[number].rstrip().endswith(text.rstrip())), begin)
    return first + inline.content.count("\n") + 1


def _keep(stack: list[tuple[Token, Item | None]]) -> None:
    parent: Item | None = None
    for token, item in stack:
        if item is None:
            continue
        if "item" not in token.meta:
            item.parent = parent
            token.meta["item"] = item
            if "inline" in token.meta:
                inline = token.meta["inline"]
                inline.meta["title_of"] = item
                inline.content = token.meta["split"].text
                inline.meta["rest"] = token.meta["split"].rest
        parent = item


def _parted(tokens: Sequence[Token]) -> Iterator[Token]:
    """Give the lines under a title's attributes a paragraph of their own."""
    from markdown_it.token import Token

    rest: Token | None = None
    for token in tokens:
        yield token
        if token.type == "inline" and token.meta.get("rest"):
            rest = token
        elif token.type == "paragraph_close" and rest is not None:
            opening = Token("paragraph_open", "p", 1, level=token.level, block=True)
            inline = Token("inline", "", 0, level=rest.level, block=True)
            inline.content, inline.children = rest.meta["rest"], []
            inline.map = opening.map = [rest.meta["title_of"].body_line, (rest.map or [0, 0])[1]]
            yield from (opening, inline, Token("paragraph_close", "p", -1, level=token.level))
            rest = None


def _mark_heading(token: Token, inline: Token) -> None:
    lines = token.map or [0, 1]
    split = attributes.split(inline.content)
    if split.attributes and not split.text:
        split = attributes.PartedTitle(text=inline.content)
    heading = Heading(
        level=int(token.tag[1]),
        title="",
        line=lines[0],
        end=lines[1],
        block=split.block,
        attributes=split.attributes,
    )
    token.meta["heading"] = heading
    inline.meta["title_of"] = heading
    inline.content = split.text
