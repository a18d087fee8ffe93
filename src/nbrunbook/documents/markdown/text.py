"""Drawn HTML as plain text, to be read in a terminal and copied from: links with their targets, code to the letter.

It is made of what a page shows, cleaned, so that both show the same. Nothing is wrapped, and nothing is coloured.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from typing import ClassVar

TOKEN = re.compile(r'<(/?)([a-z][a-z0-9-]*)((?:\s+[a-z-]+(?:="[^"]*")?)*)\s*/?>|([^<]+|<)')
"""A tag as nh3 writes it, or text."""
ATTRIBUTE = re.compile(r'([a-z-]+)="([^"]*)"')
NUMBER = re.compile("-?[0-9]{1,9}")
PARTED = frozenset(("p", "pre", "blockquote", "table", "ul", "ol", "h1", "h2", "h3", "h4", "h5", "h6", "details"))
"""Blocks behind which a blank line stands."""
BLOCKS = PARTED | {"div", "section", "summary", "li", "dl", "dt", "dd", "hr", "thead", "tbody", "tr"}
STRUCK = frozenset(("s", "del", "strike"))
BREAK, BLANK = "\0", "\1"
"""What stands for a line break, and for a blank in code, until a line is laid out; no text holds them."""
STEP = "data-step"
"""The attribute of an item that is a step: below it stands more, and its mark is in its text."""
SAID, BESIDE = "nbr-said", "nbr-beside"
"""Elements with lines of our own: what is said of a step, and steps that stand beside it. No author can write them."""


def plain_text(drawn: str) -> list[str]:
    """Return drawn and cleaned HTML as lines of text.

    Code stands between fences, from the first column on: what is copied from there is what was written.
    """
    text = _Text()
    for match in TOKEN.finditer(drawn):
        if match[4] is not None:
            text.add(match[4])
        elif match[1]:
            text.close(match[2])
        else:
            text.open(match[2], dict(ATTRIBUTE.findall(match[3])))
    text.end_line()
    return text.lines


@dataclass(kw_only=True)
class _Level:
    """What stood before an element was opened, and comes back when it is closed."""

    tag: str
    indent: str
    number: int | None
    step: str | None


class _Text:
    INDENT: ClassVar[str] = "    "

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.line: list[str] = []
        self.levels: list[_Level] = []
        self.indent = ""
        self.lead: str | None = None
        """What stands in front of the next line instead of the indent: an item's mark."""
        self.number: int | None = None
        """Of the next item in an ordered list."""
        self.step: str | None = None
        """The indent of the step that we are in."""
        self.is_parted = self.has_body = self.is_first = False
        """Whether a blank line comes before the next one; whether the last step has more than its title; whether the
        next item is the first of its list."""
        self.links: list[tuple[str, int]] = []
        self.code: int | None = None
        self.language = ""
        self.in_pre = self.in_own = False

    def add(self, text: str) -> None:
        self.line.append(html.unescape(text))

    def open(self, tag: str, given: dict[str, str]) -> None:
        if tag in BLOCKS or tag in (SAID, BESIDE):
            self._open_block(tag, given)
        elif tag == "br":
            self.line.append(BREAK)
        elif tag == "img":
            alt = html.unescape(given.get("alt", ""))
            self.line.append(f"(image: {alt})" if alt else "(image)")
        elif tag == "a":
            self.links.append((html.unescape(given.get("href", "")), len(self.line)))
        elif tag == "code":
            self.language = given.get("class", "").removeprefix("language-")
            self.code = len(self.line)
        elif tag in STRUCK:
            self.line.append("~~")
        elif tag in ("td", "th"):
            self.line.append("| ")

    def close(self, tag: str) -> None:
        if tag in BLOCKS or tag in (SAID, BESIDE):
            self._close_block(tag)
        elif tag == "a" and self.links:
            target, start = self.links.pop()
            label = "".join(self.line[start:]).strip()
            named = target in label.removesuffix(")").split()[-1:]  # as an image that is told by its address
            if target and not named and target != f"mailto:{label}":
                self.line.append(f" <{target}>" if label else f"<{target}>")
        elif tag == "code" and not self.in_pre and self.code is not None:
            said = "".join(self.line[self.code :]).replace("\n", " ").replace(" ", BLANK)
            quote = "``" if "`" in said else "`"
            self.line[self.code :] = [f"{quote}{said}{quote}"]
            self.code = None
        elif tag in STRUCK:
            self.line.append("~~")
        elif tag in ("td", "th"):
            self.line.append(" ")

    def end_line(self) -> None:
        """Lay out what was gathered, a line for each break in it."""
        said = re.sub(r"[ \t\n\r\f]+", " ", "".join(self.line))
        self.line.clear()
        for each in said.split(BREAK) if said.strip(f" {BREAK}") else ():
            self._put(each.strip(" ").replace(BLANK, " "))

    def _put(self, line: str) -> None:
        if self.is_parted and self.lines and self.lines[-1]:
            self.lines.append("")
        self.lines.append(f"{self.indent if self.lead is None else self.lead}{line}".rstrip())
        self.lead, self.is_parted, self.has_body = None, False, True

    def _open_block(self, tag: str, given: dict[str, str]) -> None:
        self.end_line()
        self.levels.append(_Level(tag=tag, indent=self.indent, number=self.number, step=self.step))
        if tag == "li":
            self._open_item(given)
        elif tag in ("ul", "ol"):
            self.is_first = True
            start = given.get("start", "1")
            self.number = None if tag == "ul" else int(start) if NUMBER.fullmatch(start) else 1
        elif tag == "blockquote":
            self.lead = f"{self.indent if self.lead is None else self.lead}> "
            self.indent += "> "
        elif tag == "hr":
            self._put("---")
            self.levels.pop()
        elif tag == "pre":
            self.in_pre, self.language = True, ""
        elif tag == "tr":
            self.is_parted = self.is_parted and not self._in_table()
        elif tag[0] == "h":
            self.is_parted = True

    def _in_table(self) -> bool:
        return bool(self.lines) and self.lines[-1].lstrip().startswith("|")

    def _open_item(self, given: dict[str, str]) -> None:
        self.is_parted = self.has_body if STEP in given else self.is_parted and self.is_first
        self.is_first = False
        if STEP in given:
            self.step = "" if self.step is None else f"{self.step}  "
            self.lead, self.indent = self.step, self.step + self.INDENT
            return
        mark = "- " if self.number is None else f"{self.number}. "
        self.lead = f"{self.indent if self.lead is None else self.lead}{mark}"
        self.indent += " " * len(mark)

    def _close_block(self, tag: str) -> None:
        if tag == "pre":
            self._put_code()
        elif tag in (SAID, BESIDE):
            self._put_own(tag)
        elif tag == "tr" and self.line:
            self.line.append("|")
        self.end_line()
        if not self.levels or self.levels[-1].tag != tag:
            return
        level = self.levels.pop()
        if tag == "li" and self.lead is not None and self.lead.strip():
            self._put("")
        self.lead = None if tag in ("li", "blockquote") else self.lead
        self.indent, self.step = level.indent, level.step
        self.number = level.number + 1 if tag == "li" and level.number is not None else level.number
        self.is_parted = self.is_parted or tag in PARTED

    def _put_code(self) -> None:
        code = "".join(self.line).replace(BREAK, "\n").removesuffix("\n")
        self.line.clear()
        self.in_pre, self.code = False, None
        if self.lead is not None and self.lead.strip():
            self._put("")
        longest = max(map(len, re.findall("`+", code)), default=0)
        fence = "`" * max(3, longest + 1)
        self.lead, self.is_parted = "", True
        self._put(f"{fence}{self.language}")
        self.lines += [*code.split("\n"), fence]

    def _put_own(self, tag: str) -> None:
        """Lines of ours, to the letter: of the step itself they are no body."""
        lines = list(filter(None, "".join(self.line).split("\n")))
        self.line.clear()
        indent = (self.step or "") + (self.INDENT if tag == SAID else "")
        self.lines += [f"{indent}{line}".rstrip() for line in lines]
        self.is_parted = tag == SAID and bool(lines)
        self.has_body = self.has_body and tag != SAID
