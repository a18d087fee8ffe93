"""What a box looks like to a person: brackets of all kinds, characters, HTML, and what stands in front of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import islice

BLANK = (
    r"(?:[\s\u00ad\u180e\u200b-\u200f\u2060\u2800\u3164\ufeff]"
    r"|&(?:nbsp|ensp|emsp|thinsp|zwnj|zwj|shy|\#160|\#8203|\#[xX]0*[aA]0|\#[xX]200[bB]);)"
)
"""Whatever shows as a blank, or as nothing."""
NOTHING = "\u00ad\u180e\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"
"""Those that show as nothing."""
TICKS = "xX×хХ✓✔✗✘√☑"
OPEN = "☐□◻▢⬜🔲❏❐❑❒⬚🗆"

# Compiled where they are used. What repeats is possessive or bounded: linear.
_PLAIN = r"\[ \]|\[[xX]?\](?![(\[:\w])"
_BALLOT = (
    rf"[{OPEN}☑☒🗹🗷🗵]\ufe0f?|&\#(?:974[456]|[xX]261[012]|9633|[xX]25[aA]1);|\$\\(?:square|Box)\$"
    r"|:(?:white_large_square|black_square_button|white_square_button|ballot_box_with_check):"
)
_INPUT = r"(?i:<input\b[^<>]{0,500}?\btype\s{0,9}=\s{0,9}[\"']?checkbox\b[^<>]{0,500}>)"
_ODD = rf"(?!\[[xX]?\])\\?[\[［【〔]{BLANK}*+(?:[{TICKS}_]{BLANK}*+)?\\?[\]］】〕](?![(\[:])"
_MARKED = rf"\[{BLANK}*+[-~*/]{BLANK}*+\](?![(\[:])|\((?:{BLANK}|_)++\)|`\[[ xX_]\]`"
"""A box behind a list's marker only."""
_BOX = rf"{_PLAIN}|{_ODD}|{_BALLOT}|{_INPUT}"
MARKER = r"(?:[-*+]|\d{1,9}[.)])"
"""A list's marker."""
_BULLET = (
    rf"(?:\\?[-*+·∙»§−﹣－]|(?![{OPEN}])[\u2010-\u2015\u2022-\u2027\u2043\u2190-\u21ff\u25a0-\u25ff\u2700-\u27bf\u2b00-\u2bff]\ufe0f?"
    r"|&(?:bull|middot|ndash|mdash|\#8226|\#821[12]);"
    r"|\(?(?:\d++(?:\.\d++)*+|[A-Za-z])[.)]|o(?=\s))"
)
"""A list's marker to a person."""
_TAG = r"</?(?!(?i:input\b))[A-Za-z][^<>]{0,200}>|<!--"
_FRONT = rf"(?:{BLANK}|>|{_BULLET}|\#|[_~]|{_TAG})*+"
_LATER = rf"(?:{MARKER}|\#{{1,6}})[ \t]+({_PLAIN})|(?:\||<(?:br|li|td|th|p|dd|dt)\b[^<>]{{0,200}}>)[ \t]*({_BOX})"
_INNER = r"(?<![^\s:?])(?:\[[ _]\]|[☐☑☒])(?![^\s.,;])"
"""What may be a box in the middle of a line: behind a colon or a question mark, in a row of them, at an item's end."""
_RUN_ON = rf"\s(?:{_BULLET}{BLANK}*+)?(?:{_BOX})(?=\s|$)"
_PIECE = rf"(?P<bullet>{_BULLET})|(?P<tag>{_TAG})|(?P<blank>{BLANK}++)|."


@dataclass(frozen=True, kw_only=True)
class WrittenBox:
    """Something that looks like a box, as it stands in its line."""

    start: int
    end: int
    text: str
    front: str | None
    """What stands in front of it; None where that is more than marks."""
    marker: str = ""
    """The list's marker in front of it, or what is one to a person."""
    gap: str = ""
    """What stands between the marker and it."""
    is_wrapped: bool = False
    """Whether emphasis or a tag begins in front of it."""

    @property
    def fault(self) -> str:
        """What is wrong with its shape; empty for what Markdown takes for a box."""
        if re.fullmatch(_PLAIN, self.text):
            return ""
        for pattern, words in _FAULTS.items():
            if re.search(pattern, self.text):
                return words
        return "is a character, no box"

    @property
    def is_open(self) -> bool:
        """Whether it is certainly a box that is not ticked."""
        pattern = rf"\[ \]|[\[［【〔]{BLANK}++[\]］】〕]|[\[［【〔]{BLANK}*+_{BLANK}*+[\]］】〕]|[{OPEN}]\ufe0f?"
        return bool(re.fullmatch(pattern, self.text)) or (
            self.text.startswith("<") and not re.search(r"(?i)\bchecked\b", self.text)
        )


_FAULTS: Mapping[str, str] = {
    r"^\\|\\[\]］】〕]": "has backslashes in front of its brackets",
    "^<": "is HTML, not Markdown",
    "^`": "is code",
    r"^\(": "has round brackets",
    "^[［【〔]": "has other brackets than [ and ]",
    rf"^\[{BLANK}*\]": "has something else than one space between its brackets",
    rf"^\[{BLANK}*[xX]{BLANK}*\]": "has blanks beside its x",
    r"^\[": "has neither a space nor an x between its brackets",
}


def is_marker(text: str) -> bool:
    """Tell whether Markdown takes this for a list's marker."""
    return bool(re.fullmatch(MARKER, text))


def boxes_in(line: str, inputs: Iterable[tuple[int, int]], *, is_code: bool) -> list[WrittenBox]:
    """Return what looks like a box in a line, in order: at its beginning, further on, or at its end.

    `inputs` are the checkboxes of HTML that begin in it. In code only a box of Markdown and a character count.
    """
    found: dict[int, WrittenBox] = {}
    first = _first(line)
    if first is not None:
        found[first.start] = first
    for match in re.compile(_LATER).finditer(line):
        start, end = match.span(match.lastindex or 0)
        found.setdefault(start, WrittenBox(start=start, end=end, text=line[start:end], front=None))
    for start, end in inputs:
        found.setdefault(start, WrittenBox(start=start, end=end, text=line[start:end], front=None))
    if is_code:
        return [each for _, each in sorted(found.items()) if re.fullmatch(rf"\[[ xX]\]|[{OPEN}☑☒]", each.text)]
    return [found[start] for start in sorted(found)] or _inner(line)


def _inner(line: str) -> list[WrittenBox]:
    """The first of some boxes in the middle of a line, or the only one that asks or ends an item."""
    row = list(islice(re.compile(_INNER).finditer(line), 2))
    if not row:
        return []
    start, end = row[0].span()
    asks = line[:start].rstrip().endswith((":", "?"))
    ends = not re.sub(r"\{[^{}]*\}\s*$", "", line[end:]).strip() and bool(_pieces(_front(line))[0])
    is_box = len(row) > 1 or asks or ends
    return [WrittenBox(start=start, end=end, text=row[0][0], front=None)] if is_box else []


def _front(line: str) -> str:
    match = re.compile(_FRONT).match(line)
    return match[0] if match else ""


def _first(line: str) -> WrittenBox | None:
    front = _front(line)
    match = re.compile(_BOX).match(line, len(front)) or re.compile(_MARKED).match(line, len(front))
    if match is None:
        return None
    marker, gap, is_wrapped = _pieces(front)
    if not marker and not re.fullmatch(_BOX, match[0]):
        return None
    return WrittenBox(
        start=match.start(), end=match.end(), text=match[0], front=front, marker=marker, gap=gap, is_wrapped=is_wrapped
    )


def _pieces(front: str) -> tuple[str, str, bool]:
    """The last marker in front of a box, the blanks behind it, and whether something else stands behind it."""
    marker, gap, is_wrapped = "", "", False
    for match in re.compile(_PIECE, re.DOTALL).finditer(front):
        if match["bullet"] and not (marker and not gap and match[0] in "*"):
            marker, gap, is_wrapped = match[0], "", False
        elif match["blank"]:
            gap += match[0]
        else:
            is_wrapped = match[0] not in ">#"
    return marker, gap, is_wrapped


def inputs_in(text: str) -> dict[int, list[tuple[int, int]]]:
    """Return where the checkboxes of HTML begin: by line, from column to column."""
    found: dict[int, list[tuple[int, int]]] = {}
    line = at = 0
    for match in re.compile(_INPUT).finditer(text):
        line += text.count("\n", at, match.start())
        at = match.start()
        column = at - (text.rfind("\n", 0, at) + 1)
        found.setdefault(line, []).append((column, column + len(match[0].partition("\n")[0])))
    return found


def as_item(line: str, box: WrittenBox) -> str:
    """Return a line whose box stands in front as the item that it was meant as; empty where nobody can tell."""
    front = box.front
    if front is None or box.is_wrapped:
        return ""
    text = re.sub(rf"^{BLANK}++", "", line[box.end :])
    if not text.strip() or "</input" in text:
        return ""
    is_ticked = bool(box.marker) and bool(re.fullmatch(rf"\[{BLANK}*+[xX]{BLANK}*+\]", box.text))
    gap = line[box.end : len(line) - len(text)]
    begin = _beginning(front, box.marker)
    if not (box.is_open or is_ticked) or begin is None:
        return ""
    gap = gap if re.fullmatch(r"[ \t]+", gap) else " "
    made = f"{begin}[{'x' if is_ticked else ' '}]{gap}{text}"
    return made if made != line else ""


def _beginning(front: str, marker: str) -> str | None:
    """What stands in front of the item's box: markers as they are, a dash in place of another character or of none."""
    indent = re.match(r"[ \t>]*", front)
    own = front[len(indent[0]) if indent else 0 :]
    if re.fullmatch(rf"(?:{MARKER}[ \t]+)+", own):
        return front
    is_indented = re.match(BLANK, own.lstrip(NOTHING))
    is_meant_otherwise = re.match(r"\\|\(?\w", marker) and not is_marker(marker)
    if re.sub(BLANK, "", own) != marker or is_indented or is_meant_otherwise:
        return None
    return f"{front[: len(front) - len(own)]}{marker if is_marker(marker) else '-'} "


def run_on(title: str) -> int:
    """Return where in a title another box begins that ran into it; its length where none does."""
    match = re.search(_RUN_ON, title)
    return match.start() if match else len(title)
