"""Markdown parts: the front matter, the parameters and the text of a Markdown file, parted."""

from __future__ import annotations

import re
from dataclasses import dataclass

from nbrunbook import markdown

INFO = "python parameters"
"""The info string of the fence that holds a part's parameters."""

FRONT_MATTER = re.compile(
    r"\A---[ \t]*\n(?P<yaml>(?:[ \t]*(?:#[^\n]*)?\n)*(?:[\w\"'][^\n]*:(?:[ \t][^\n]*)?\n.*?)?)^---[ \t]*(?:\n|\Z)",
    re.DOTALL | re.MULTILINE,
)
"""YAML between two lines of ---; steps between two thematic breaks are none, for they begin with no key."""


@dataclass(frozen=True, kw_only=True)
class Split:
    """A Markdown file, parted."""

    front_matter: str
    """What stands between the lines of ---; empty where there is none."""
    parameters: str | None
    """Python, as it would stand in the cell tagged `parameters`; None where there is no such fence."""
    parameters_line: int | None
    """The fence's first line, counted from 1: line n of the parameters is n lines below it."""
    text: str
    """The Markdown, with front matter and fence as empty lines: line numbers are the file's."""

    def setting(self, name: str) -> str:
        """Return a one-line value of the front matter without its quotation marks; empty where there is none."""
        found = re.search(rf"^{re.escape(name)}:[ \t]*(.+?)[ \t]*$", self.front_matter, re.MULTILINE)
        return found[1].strip("'\"") if found else ""


def split(text: str) -> Split:
    """Part a Markdown file's front matter, its first fence `python parameters`, and the rest.

    A fence in a list, a quotation, a comment or another fence is text.
    """
    text = markdown.normal(text)
    matter = FRONT_MATTER.match(text)
    if matter:
        text = "\n" * matter[0].count("\n") + text[matter.end() :]
    front_matter = matter["yaml"] if matter else ""
    found = _fence(text)
    if found is None:
        return Split(front_matter=front_matter, parameters=None, parameters_line=None, text=text)
    (first, last), content = found
    lines = text.split("\n")
    lines[first:last] = [""] * (last - first)
    return Split(front_matter=front_matter, parameters=content, parameters_line=first + 1, text="\n".join(lines))


def _fence(text: str) -> tuple[tuple[int, int], str] | None:
    """The lines of the fence, counted from 0, and what it holds."""
    if "parameters" not in text:
        return None
    for token in markdown.parse_plain(text):
        if token.type == "fence" and token.level == 0 and token.info.split() == INFO.split() and token.map:
            return (token.map[0], token.map[1]), token.content.removesuffix("\n")
    return None
