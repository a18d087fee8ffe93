"""Task lists: Markdown whose steps bear their attributes in comments, so that a forge does not show them.

Each edit leaves the rest to the letter, and is read again before it is believed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from typing import Any

from nbrunbook.documents import attributes
from nbrunbook.documents.attributes import NONE, Attributes
from nbrunbook.documents.markdown.items import Item
from nbrunbook.documents.markdown.reading import MarkdownDocument, read_markdown
from nbrunbook.errors import NbrunbookError, one_line, visible
from nbrunbook.texts import short

MARKERS = re.compile(r"(?:[ \t>]|(?:[-*+]|\d{1,9}[.)])(?=[ \t]|$))*")
"""What stands in front of an item's text."""
BOXED = re.compile(rf"({MARKERS.pattern}\[)([ xX])(\])")
MARKER = re.compile(r"[-*+]|\d{1,9}[.)]")
CLOSING = re.compile(r"(?<![ \t])[ \t]++#++[ \t]*+$")
"""The marks that may end a heading; tried once for each run of blanks."""


@dataclass(frozen=True, kw_only=True)
class Mark:
    """What is written on one item of a list."""

    block: str = ""
    """Its attributes, with their braces or in a comment; empty for none."""
    ticked: bool | None = None
    """None for as it stands."""
    said: str = ""
    """Why it is struck through; empty where it is not."""
    added: tuple[AddedItem, ...] = ()
    """Items that follow it."""
    struck: bool = True
    """False where the title cannot bear it, such as one that ends in a bare web address."""
    braces: bool = False
    """Whether the attributes keep their braces, where a comment would become part of the title."""


@dataclass(frozen=True, kw_only=True)
class AddedItem:
    """An item that the text did not hold."""

    title: str
    """Markdown on one line."""
    mark: Mark


WEAKER: Sequence[Callable[[Mark], Mark]] = (
    lambda mark: replace(mark, struck=False),
    lambda mark: replace(mark, said=""),
    lambda mark: replace(mark, braces=True),
)
"""What is given up, in this order, where an item would not be read as it was meant."""


def comment(block: str) -> str:
    """Return attributes as a comment; as they are where a comment cannot carry them.

    GitHub ends a comment at two dashes, as CommonMark did up to 0.30.
    """
    return block if block.startswith("<!--") or "--" in block or not block else f"<!--{block}-->"


def remark(said: str) -> str:
    """Return words as a comment that nothing in them can end, and that is neither code nor a box."""
    words = re.sub(r"-{2,}", "–", one_line(visible(said))).replace("`", "'").replace("[ ]", "[_]")
    return f"<!-- {words.strip('-> ')} -->"


def marked(
    document: MarkdownDocument, marks: Mapping[int, Mark], headings: Mapping[int, str], references: Mapping[str, Any]
) -> str:
    """Return a text with marks on its items and blocks on its headings, by their places in the document.

    Blocks that stand on other headings become comments. `references` are the links with which it was read.
    Raises NbrunbookError where reading the text again would not give the same items.
    """
    meant, read = _meant(document, marks), _read_again(document, marks, headings, references)
    for weaker in WEAKER:
        found = facts(read, _new_ids(marks))
        wrong = [index for index in marks if index >= len(found) or found[index] != meant[index]]
        if not wrong:
            break
        marks = {**marks, **{index: weaker(marks[index]) for index in wrong}}
        read = _read_again(document, marks, headings, references)
    compare(meant, facts(read, _new_ids(marks)))
    if len(read.items) != len(document.items) + len(_new_ids(marks)):
        raise NbrunbookError("an added step cannot be written behind its neighbour", "a list that it fits into")
    return read.text


def _read_again(
    document: MarkdownDocument, marks: Mapping[int, Mark], headings: Mapping[int, str], references: Mapping[str, Any]
) -> MarkdownDocument:
    return read_markdown(_edited(document, marks, headings), references)


def _meant(document: MarkdownDocument, marks: Mapping[int, Mark]) -> list[dict[str, Any]]:
    meant = facts(document)
    for index, mark in marks.items():
        meant[index]["attributes"] = _attributes(mark.block)
        meant[index]["ticked"] = meant[index]["ticked"] if mark.ticked is None else mark.ticked
    return meant


def _new_ids(marks: Mapping[int, Mark]) -> set[str | None]:
    return {_attributes(added.mark.block).id for mark in marks.values() for added in mark.added}


def _edited(document: MarkdownDocument, marks: Mapping[int, Mark], headings: Mapping[int, str]) -> str:
    lines = document.text.split("\n")
    for index, heading in enumerate(document.headings):
        if heading.block:
            _to_comment(lines, range(heading.line, heading.end), heading.block)
        elif headings.get(index):
            number = heading.line if heading.end - heading.line == 1 else heading.end - 2
            lines[number] = f"{CLOSING.sub('', lines[number]).rstrip()} {comment(headings[index])}"
    behind: dict[int, list[str]] = {}
    for index, mark in marks.items():
        item = document.items[index]
        if mark.added:
            at = _last_line(lines, item)
            behind[at] = [*(_new_line(lines, item, added) for added in mark.added), *behind.get(at, ())]
        _mark(lines, item, mark)
    return "\n".join(line for number, each in enumerate(lines) for line in (each, *behind.get(number, ())))


def _to_comment(lines: list[str], where: Iterable[int], block: str) -> None:
    for number in where:
        before, found, after = lines[number].rpartition(block)
        if found and before.strip():
            lines[number] = before + comment(block) + after


def _mark(lines: list[str], item: Item, mark: Mark) -> None:
    line = lines[item.last_line]
    if item.block:
        before, _, after = line.rpartition(item.block)
    else:
        before = line.rstrip()
        before, after = before + " " * bool(mark.block), line[len(before) :]
    alone = not before.strip(" \t>")  # there a comment would be a block of its own
    written = mark.block if alone or mark.braces else comment(mark.block)
    box = _box(lines, item) if item.box else None
    start = box.end() if box else 0
    number = item.last_line if box is None else box_line(lines, item)
    can_strike = bool(mark.said) and mark.struck and box is not None and not alone
    if can_strike and lines[number][start:].strip():
        title = before.rstrip()
        before = f"{title}~~{before[len(title) :]}"
    else:
        can_strike = False
    said = f" {remark(mark.said)}" if mark.said else ""
    lines[item.last_line] = f"{before}{written}{said}{after}"
    if box is not None:
        line = lines[number]
        tick = box[2] if mark.ticked is None else "x" if mark.ticked else " "
        gap = line[start : len(line) - len(line[start:].lstrip())]
        lines[number] = f"{box[1]}{tick}{box[3]}{gap}{'~~' * can_strike}{line[start + len(gap) :]}"


def box_line(lines: Sequence[str], item: Item) -> int:
    """Return the line with an item's box: the one of its marker, or the next."""
    return next(
        (number for number in range(item.line, item.last_line + 1) if BOXED.match(lines[number])), item.last_line
    )


def _box(lines: Sequence[str], item: Item) -> re.Match[str] | None:
    return BOXED.match(lines[box_line(lines, item)])


def _last_line(lines: Sequence[str], item: Item) -> int:
    """The last line of an item, its sub-steps and its body."""
    filled = [number for number in range(item.line, item.end) if lines[number].strip(" \t>")]
    return max(filled, default=item.last_line)


def _new_line(lines: Sequence[str], item: Item, added: AddedItem) -> str:
    front = MARKERS.match(lines[item.line])
    own = front[0] if front else ""
    last = max((match.start() for match in MARKER.finditer(own)), default=0)
    front_of_it = MARKER.sub(lambda match: " " * len(match[0]), own[:last])
    mark = added.mark
    title = f"~~{added.title}~~" if mark.said else added.title
    said = f" {remark(mark.said)}" if mark.said else ""
    own_marker = own[last:].rstrip()
    return f"{front_of_it}{own_marker} [{'x' if mark.ticked else ' '}] {title} {comment(mark.block)}{said}"


# The law: what was written reads as what was meant.


def _attributes(block: str) -> Attributes:
    return attributes.split(f"x {block}").attributes or NONE


def facts(document: MarkdownDocument, leave_out: AbstractSet[str | None] = frozenset()) -> list[dict[str, Any]]:
    """Return what a text says of each of its items, in order."""
    items = [item for item in document.items if item.id is None or item.id not in leave_out]
    place = {id(item): number for number, item in enumerate(items)}
    return [
        {
            "box": item.box,
            "ticked": item.ticked,
            "title": item.title.replace("~~", ""),  # a step that is skipped is struck through
            "attributes": item.attributes or NONE,
            "parent": place.get(id(item.parent)),
            "body": " ".join(item.body.split()),
        }
        for item in items
    ]


def compare(meant: Sequence[Mapping[str, Any]], found: Sequence[Mapping[str, Any]]) -> None:
    """Raise NbrunbookError for the first item that is not what was meant; see `facts`."""
    if meant == found:
        return
    index = next((n for n, (a, b) in enumerate(zip(meant, found, strict=False)) if a != b), min(len(meant), len(found)))
    title = meant[index]["title"] if index < len(meant) else found[index]["title"]
    raise NbrunbookError(f"{short(title)!r} would not be the same step in one list", "a text that ends what it begins")
