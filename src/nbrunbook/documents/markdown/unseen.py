"""Boxes and {{name}}s that a person sees and Markdown does not: in a comment, without a list marker, with spaces."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nbrunbook.documents.letters import LETTER
from nbrunbook.documents.markdown.items import Item

if TYPE_CHECKING:
    from markdown_it.token import Token


BOX_LIKE = re.compile(r"(?:^[ \t>]*[-*+]?|(?:[-*+]|\d{1,9}[.)]|\#{1,6}|\|)[ \t]+)(\[ \]|\[[xX]?\](?![(\[:\w]))")
"""Whatever looks like a box to a person: after a list marker or at the start of a line."""

SPACED = re.compile(rf"\]\(|\)|\{{\{{[ \t]++(?P<left>{LETTER}++)[ \t]*+\}}\}}|\{{\{{(?P<right>{LETTER}++)[ \t]++\}}\}}")
"""A {{name}} with spaces inside of its braces, and what begins and ends a link's target."""


@dataclass(frozen=True, kw_only=True)
class Unseen:
    """Something that looks like a box to a person and is none to Markdown."""

    line: int
    text: str
    why: str


def unseen_boxes(text: str, tokens: Sequence[Token], items: Sequence[Item]) -> Iterator[Unseen]:
    """Yield what looks like a box in a text and is none of its items, and why."""
    seen: dict[int, int] = {}
    for item in items:
        if item.box:
            seen[item.line] = seen.get(item.line, 0) + 1
    where = _regions(tokens)
    for number, line in enumerate(text.split("\n")):
        matches = list(BOX_LIKE.finditer(line)) if "[" in line else []
        region = where.get(number, "")
        if region == "fence":
            matches = [match for match in matches if match[1] != "[]"]
        for match in matches[seen.get(number, 0) :]:
            yield Unseen(line=number, text=line.strip(), why=_why(region, match, line))


def _regions(tokens: Sequence[Token]) -> dict[int, str]:
    found = {}
    for token in tokens:
        if token.type in ("html_block", "fence", "code_block") and token.map:
            kind = token.type
            if kind == "html_block" and "<!--" not in token.content:
                kind = "html"
            found.update(dict.fromkeys(range(*token.map), kind))
    return found


def _why(region: str, match: re.Match[str], line: str) -> str:
    if region == "html_block" or "<!--" in line[: match.start(1)]:
        return "it is inside a comment"
    if region == "html":
        return "it is inside HTML"
    if region == "fence":
        return "it is inside a code block"
    if region == "code_block":
        return "it is indented so far that it is a code block"
    if match[1] == "[]":
        return "[] has no space between the brackets"
    if not re.match(r"[ \t>]*(?:[-*+]|\d{1,9}[.)])", line):
        return "it has no list marker in front"
    if not line[match.end(1) :].strip():
        return "nothing stands behind it"
    return "it is not at the beginning of a list item"


def spaced_names(text: str) -> Iterator[tuple[int, str, str, bool]]:
    """Yield each {{ name }} that stays as it is for its spaces: (line, as it stands, name, in a link's target)."""
    for number, line in enumerate(text.split("\n")):
        in_target = False
        for match in SPACED.finditer(line) if "{{" in line else ():
            if match[0] in ("](", ")"):
                in_target = match[0] == "]("
            else:
                yield number, match[0], match["left"] or match["right"], in_target
