"""Conflicts: the marks that a merge left in a text, and that nobody has taken out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from nbrunbook.documents.markdown.parser import normalized, parse_plain

USUAL = 7
"""How long git, and whoever follows it, makes a mark; `conflict-marker-size` may say otherwise."""

MARK = re.compile(r"^(?:(<{7,})(?: [^>\n]*)?|(={7,})|(>{7,})(?: .*)?)$", re.MULTILINE)
"""A line that is a mark, if others stand around it: rows of = underline a heading, seven > quote seven times.

https://git-scm.com/docs/git-merge, "How conflicts are presented".
"""

BETWEEN_CELLS = re.compile(r'^<span style="color:red">\*\*(.*)\*\*</span>$', re.MULTILINE)
"""How nbdime writes a mark where whole cells are in conflict: in a Markdown cell of its own."""

EXAMPLES = ("", "text", "txt", "diff", "git", "conflict", "markdown", "md")
"""Languages of a fence that may show a conflict; in a command or a program it is one."""


@dataclass(frozen=True, kw_only=True)
class Mark:
    """A line that may be a mark of a conflict."""

    text: int
    """Which of some texts it stands in."""
    line: int
    """Counted from 1."""
    sign: str
    """<, = or >."""
    size: int


def marks(text: str, number: int = 0, *, prose: str = "") -> list[Mark]:
    """Return the lines of a text that may be marks; `number` says which of some texts it is.

    Those are left out that stand in an example of `prose`, which is its Markdown, line for line: a fence, not
    indented, that shows one conflict and nothing else.
    """
    found = list(_marks(text, number))
    shown = set(_examples(prose)) if prose and any(mark.sign != "=" for mark in found) else set()
    return [mark for mark in found if mark.line not in shown]


def _marks(text: str, number: int) -> Iterator[Mark]:
    line, at = 1, 0
    for match in MARK.finditer(BETWEEN_CELLS.sub(r"\1", normalized(text))):
        line, at = line + match.string.count("\n", at, match.start()), match.start()
        run = match[match.lastindex or 0]
        yield Mark(text=number, line=line, sign=run[0], size=len(run))


def _examples(markdown: str) -> Iterator[int]:
    for token in parse_plain(markdown):
        if token.type == "fence" and token.level == 0 and token.map and _shows(token.info):
            inside = token.content.strip("\n").split("\n")
            if inside[0].startswith("<" * USUAL) and inside[-1].startswith(">" * USUAL):
                yield from range(token.map[0] + 1, token.map[1] + 1)


def _shows(info: str) -> bool:
    return (info.split() or [""])[0].lower() in EXAMPLES


def first(found: Iterable[Mark]) -> Mark | None:
    """Return the mark with which the first conflict begins; None where the marks are none.

    Marks of one length in their order are a conflict. Of the usual length what is left of one is enough: the first
    of them, or the last two.
    """
    begun: dict[int, Mark] = {}
    parted: dict[int, Mark] = {}
    for mark in found:
        if mark.sign == "<":
            begun.setdefault(mark.size, mark)
        elif mark.sign == "=" and (mark.size in begun or mark.size == USUAL):
            parted.setdefault(mark.size, mark)
        elif mark.sign == ">" and mark.size in parted:
            return begun.get(mark.size, parted[mark.size])
    return begun.get(USUAL)
