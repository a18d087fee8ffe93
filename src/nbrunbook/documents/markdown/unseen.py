"""Boxes that a person sees and Markdown does not: each with what keeps it from being one, and what it was meant as."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nbrunbook.documents.attributes import code_spans
from nbrunbook.documents.letters import LETTER
from nbrunbook.documents.markdown import box_shapes
from nbrunbook.documents.markdown.box_shapes import WrittenBox, boxes_in, inputs_in
from nbrunbook.documents.markdown.items import Item

if TYPE_CHECKING:
    from markdown_it.token import Token

COMMENT = "it is inside a comment"
HTML = "it is inside HTML"
FENCE = "it is inside a code block"
INDENTED = "it is indented so far that it is a code block"
TABLE = "it stands in a table"
HEADING = "it stands in a heading"
FURTHER = "it is not at the beginning of a list item"
EMPTY = "[] has no space between the brackets"
BARE = "it has no list marker in front"
MARKUP = "it is inside emphasis or a tag"
GLUED_MARKER = "no blank stands between the list marker and it"
GLUED = "no blank stands behind it"
NOTHING = "nothing stands behind it"
JOINED = "it belongs to the text above it"

HINTS = {
    COMMENT: "take it out of <!-- and -->",
    HTML: "write it as - [ ] text, with an empty line between the tag above and the list",
    FENCE: "take it out of the fence",
    INDENTED: "indent it less",
    TABLE: "write a list in place of the table: - [ ] text",
    HEADING: "make it an item below the heading: - [ ] text",
    FURTHER: "write each box on a line of its own: - [ ] text",
    JOINED: "indent it as its neighbours are, or leave the line above it empty",
}
"""What to do, where it is not *write it as: - [ ] text*."""

SPACED = re.compile(rf"\]\(|\)|\{{\{{[ \t]++(?P<left>{LETTER}++)[ \t]*+\}}\}}|\{{\{{(?P<right>{LETTER}++)[ \t]++\}}\}}")
"""A {{name}} with spaces inside of its braces, and what begins and ends a link's target."""


@dataclass(frozen=True, kw_only=True)
class Unseen:
    """Something that looks like a box to a person and is none to Markdown."""

    line: int
    text: str
    why: str
    instead: str = ""
    """The whole line as it was meant; empty where nobody can tell."""

    @property
    def hint(self) -> str:
        """What its author has to do."""
        return HINTS.get(self.why, "write it as: - [ ] text")


def unseen_boxes(text: str, tokens: Sequence[Token]) -> Iterator[Unseen]:
    """Yield what looks like a box in a text and is none of its items, and why."""
    kinds, seen, inputs = _kinds(tokens), _seen(tokens), inputs_in(text)
    for number, line in enumerate(text.split("\n")):
        kind = kinds.get(number, "")
        found = boxes_in(line, inputs.get(number, ()), is_code=kind == FENCE)
        if found and kind not in (FENCE, INDENTED):
            spans = code_spans(line)
            found = [box for box in found if not any(start < box.start < end for start, end in spans)]
        shown, commented = line.strip(), line.find("<!--")
        for box in found[seen.get(number, 0) :]:
            why = COMMENT if 0 <= commented < box.start else _why(kind, box, line)
            instead = box_shapes.as_item(line, box) if kind in ("", JOINED) and why != COMMENT else ""
            yield Unseen(line=number, text=shown, why=why, instead=instead)


def _seen(tokens: Sequence[Token]) -> dict[int, int]:
    """How many boxes of each line are items."""
    seen: dict[int, int] = {}
    for token in tokens:
        item = token.meta.get("title_of")
        if isinstance(item, Item) and item.box:
            line = (token.map or [0])[0]
            seen[line] = seen.get(line, 0) + 1
    return seen


def _kinds(tokens: Sequence[Token]) -> dict[int, str]:
    """What the lines are in which no item begins."""
    kinds = {"fence": FENCE, "code_block": INDENTED, "table_open": TABLE, "heading_open": HEADING, "html_block": HTML}
    found: dict[int, str] = {}
    for token in tokens:
        first, last = token.map or [0, 0]
        if token.type == "inline":
            found.update({line: JOINED for line in range(first + 1, last) if line not in found})
        elif token.type in kinds:
            found.update(dict.fromkeys(range(first, last), kinds[token.type]))
        if token.type == "html_block":
            found.update(dict.fromkeys(_commented(token.content, first), COMMENT))
    return found


def _commented(content: str, line: int) -> Iterator[int]:
    end = 0
    while (start := content.find("<!--", end)) >= 0:
        line += content.count("\n", end, start)
        closing = content.find("-->", start)
        end = len(content.rstrip()) if closing < 0 else closing
        last = line + content.count("\n", start, end)
        yield from range(line, last + 1)
        line = last
        if closing < 0:
            return


def _why(kind: str, box: WrittenBox, line: str) -> str:
    if kind and kind not in (JOINED, HEADING):
        return kind
    if box.text.startswith("<"):
        return f"<input> {box.fault}"
    if box.front is None:
        return FURTHER
    if kind == HEADING or "#" in box.front:
        return HEADING
    return _why_first(kind, box, line)


def _why_first(kind: str, box: WrittenBox, line: str) -> str:
    """Why a box at the beginning of its line is none."""
    behind = line[box.end :]
    if box.text == "[]":
        return EMPTY
    if box.fault:
        return f"{box.text} {box.fault}"
    if not box.marker:
        return BARE
    if box.is_wrapped:
        return MARKUP
    if not box_shapes.is_marker(box.marker):
        return f"{box.marker} is no list marker"
    if not box.gap:
        return GLUED_MARKER
    marks = re.split(rf"(?:{box_shapes.BLANK}|>)+", box.front or "")
    others = [mark for mark in marks if mark and not box_shapes.is_marker(mark)]
    if others:
        return f"{others[0]} is no list marker"
    if re.sub(rf"[ \t>]|{box_shapes.MARKER}", "", box.front or ""):
        return f"a blank beside {box.marker} is none of Markdown's"
    if not behind.strip():
        return NOTHING
    return JOINED if kind == JOINED else FURTHER if behind[:1].isspace() else GLUED


def spaced_names(text: str) -> Iterator[tuple[int, str, str, bool]]:
    """Yield each {{ name }} that stays as it is for its spaces: (line, as it stands, name, in a link's target)."""
    for number, line in enumerate(text.split("\n")):
        in_target = False
        for match in SPACED.finditer(line) if "{{" in line else ():
            if match[0] in ("](", ")"):
                in_target = match[0] == "]("
            else:
                yield number, match[0], match["left"] or match["right"], in_target
