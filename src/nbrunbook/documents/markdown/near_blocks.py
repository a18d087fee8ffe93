"""Near blocks: braces that were probably meant as attributes and are text, in titles, other text and comments."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nbrunbook.documents import attributes
from nbrunbook.documents.attributes import HEADING_FLAGS, STEP_FLAGS, STEP_KEYS

if TYPE_CHECKING:
    from markdown_it.token import Token

BROKEN = "it does not parse as a whole"
GLUED = "no blank stands in front of it"
MIDDLE = "it does not end its line by itself"
LOST = "it stands behind no title"

LONGEST = 2_000
"""Characters of something that looks like a block."""
NARROW = str.maketrans("｛｝＃．＝“”‘’：，　", "{}#.=\"\"'':, ")
"""What an input method or a word processor writes in place of a block's own characters."""

# Compiled where they are used, as those of `attributes`. A group ends at the next brace: linear.
_FLAG = "(?:" + "|".join({**STEP_FLAGS, **HEADING_FLAGS}) + r")(?![\w-])"
_KEY = "(?:" + "|".join(STEP_KEYS) + ")"
_GROUP = rf"(?<![\\${{%#@])\{{[^{{}}]{{1,{LONGEST}}}(?:\}}(?!\}})|\Z)"
_NAMED = r"\{[ \t]*:?[ \t]*\#[^\W\d]"
"""An id comes first; the colon is kramdown's."""
_KNOWN = rf"[\s:,;{{](?:\.{_FLAG}|{_KEY}[ \t]*=)"
_ENDING = rf"\{{[ \t]*(?:[#.][A-Za-z]|[A-Za-z_-]+[ \t]*=|{_KEY}|{_FLAG})[^{{}}]*\}}"
"""What is enough at the end of a title, behind a blank."""
_BARE = rf"(?:\#[\w.-]+\s+)?(?:\.{_FLAG}|{_KEY}=\S).*"
"""What is enough in a comment by itself."""


@dataclass(frozen=True, kw_only=True)
class NearBlock:
    """Something that looks like attributes to a person and is text."""

    line: int
    """Counted from 0 in the text."""
    text: str
    why: str


def near_blocks(tokens: Sequence[Token]) -> Iterator[NearBlock]:
    """Yield what looks like attributes in a text whose own attributes were taken off its titles."""
    for index, token in enumerate(tokens):
        if token.type not in ("inline", "html_block") or not re.search("[{｛]|<!--", token.content):
            continue
        text = token.content.translate(NARROW)
        found = dict(_in_comments(text))
        if token.type == "html_block":
            found.update(_in_text(text, named=False))
        else:
            found.update(_in_title(text, token) if _is_title(tokens, index) else _in_text(text, named=True))
        yield from _told(token, found)


Found = Iterator[tuple[int, tuple[int, str]]]
"""Where something begins, where it ends, and why it is text."""


def _told(token: Token, found: Mapping[int, tuple[int, str]]) -> Iterator[NearBlock]:
    """With the lines in which they begin, counted from the last one, since a title may begin behind its marker."""
    content, told = token.content, []
    at, line = len(content), (token.map or [0, 1])[1] - 1 + content.endswith("\n")
    for start in sorted(found, reverse=True):
        end, why = found[start]
        line -= content.count("\n", start, at)
        at = start
        told.append(NearBlock(line=line, text=content[start:end], why=why))
    yield from reversed(told)


def _is_title(tokens: Sequence[Token], index: int) -> bool:
    in_list = index > 1 and tokens[index - 2].type == "list_item_open"
    return "title_of" in tokens[index].meta or in_list or tokens[index - 1].type == "heading_open"


def _in_title(text: str, token: Token) -> Found:
    ends = _ends(text)
    for start, end in _groups(text):
        block = text[start:end]
        at_end = end in ends
        alone = at_end and (start == 0 or text[start - 1].isspace())
        if re.match(_NAMED, block) or re.search(_KNOWN, block) or (alone and re.fullmatch(_ENDING, block)):
            parses = attributes.parse(token.content[start:end]) is not None
            has_title = "title_of" in token.meta and start > 0
            glued = at_end and text[start - 1 : start] not in (" ", "\t", "\n")
            yield start, (end, _why(parses=parses, has_title=has_title, glued=glued))


def _why(*, parses: bool, has_title: bool, glued: bool) -> str:
    return BROKEN if not parses else LOST if not has_title else GLUED if glued else MIDDLE


def _in_text(text: str, *, named: bool) -> Found:
    """A known flag or key is enough, and an id alone where it ends a line and may be meant."""
    ends = _ends(text) if named else set()
    for start, end in _groups(text):
        block = text[start:end]
        if re.search(_KNOWN, block) or (end in ends and re.match(_NAMED, block) and attributes.parse(block)):
            yield start, (end, LOST if attributes.parse(block) else BROKEN)


def _in_comments(text: str) -> Found:
    """What fills a comment."""
    code = attributes.code_spans(text)
    for first, last in _comments(text):
        if _within(code, first):
            continue
        inside = text[first:last]
        start = first + len(inside) - len(inside.lstrip())
        block = inside.strip()
        if len(block) > LONGEST:
            continue
        in_braces = block[:1] == "{" and block[-1:] == "}" and (re.match(_NAMED, block) or re.search(_KNOWN, block))
        if in_braces or re.fullmatch(_BARE, block):
            yield start, (start + len(block), LOST if attributes.parse(block) else BROKEN)


def _comments(text: str) -> Iterator[tuple[int, int]]:
    """Where the insides of comments stand."""
    end = 0
    while (start := text.find("<!--", end)) >= 0 and (end := text.find("-->", start + 4)) >= 0:
        yield start + 4, end


def _groups(text: str) -> Iterator[tuple[int, int]]:
    """Where braces stand, or one that is never closed, outside code, comments and addresses."""
    spans = sorted([*attributes.code_spans(text), *_comments(text)])
    for match in re.compile(_GROUP).finditer(text):
        word = re.split(r"\s", text[max(0, match.start() - 200) : match.start()])[-1]
        if not _within(spans, match.start()) and "://" not in word:
            yield match.start(), match.end()


def _within(spans: Sequence[tuple[int, int]], place: int) -> bool:
    at = bisect_left(spans, (place + 1,)) - 1
    return at >= 0 and place < spans[at][1]


def _ends(text: str) -> set[int]:
    """Where lines end, but for comments."""
    found, at = set(), 0
    for line in text.split("\n"):
        shown = line[-LONGEST:].rstrip()
        while shown.endswith("-->") and (opening := shown.find("<!--", shown.rfind("-->", 0, -3) + 1)) >= 0:
            shown = shown[:opening].rstrip()
        found.add(at + max(0, len(line) - LONGEST) + len(shown))
        at += len(line) + 1
    return found
