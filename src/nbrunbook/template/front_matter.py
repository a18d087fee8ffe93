"""Markdown parts: the front matter, the parameters and the text of a Markdown file, parted. The door to YAML."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from nbrunbook.documents.markdown.parser import normalized, parse_plain

INFO = "python parameters"
"""The info string of the fence that holds a part's parameters."""

FRONT_MATTER = re.compile(
    r"\A---[ \t]*\n(?P<yaml>(?:[ \t]*(?:#[^\n]*)?\n)*(?:[\w\"'][^\n]*:(?:[ \t][^\n]*)?\n.*?)?)^---[ \t]*(?:\n|\Z)",
    re.DOTALL | re.MULTILINE,
)
"""YAML between two lines of ---; steps between two thematic breaks are none, for they begin with no key."""


@dataclass(frozen=True, kw_only=True)
class PartedFile:
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

    def around_parameters(self) -> tuple[str, str]:
        """Return the text above and below the parameters; all is below where there are none."""
        at = (self.parameters_line or 1) - 1
        lines = self.text.split("\n")
        return "\n".join(lines[:at]).strip("\n"), "\n".join(lines[at:]).strip("\n") + "\n"

    def about(self) -> Any:
        """Return what the front matter says under `nbrunbook`, numbers and dates as texts; None where it says nothing.

        ValueError where it says something and is no YAML.
        """
        if not re.search(r"^[\"']?nbrunbook[\"']?[ \t]*:", self.front_matter, re.MULTILINE):
            return None
        import yaml

        try:
            # The loader that makes texts and nothing else: a release 1.10 and an environment `on` stay what they are.
            found = yaml.load(self.front_matter, Loader=yaml.BaseLoader)  # noqa: S506
        except (yaml.YAMLError, RecursionError) as error:
            raise ValueError(" ".join(str(error).split())[:160]) from None
        return found.get("nbrunbook") if isinstance(found, dict) else None


def split(text: str) -> PartedFile:
    """Part a Markdown file's front matter, its first fence `python parameters`, and the rest.

    A fence in a list, a quotation, a comment or another fence is text.
    """
    text = normalized(text)
    matter = FRONT_MATTER.match(text)
    if matter:
        text = "\n" * matter[0].count("\n") + text[matter.end() :]
    front_matter = matter["yaml"] if matter else ""
    found = _fence(text)
    if found is None:
        return PartedFile(front_matter=front_matter, parameters=None, parameters_line=None, text=text)
    (first, last), content = found
    lines = text.split("\n")
    lines[first:last] = [""] * (last - first)
    return PartedFile(front_matter=front_matter, parameters=content, parameters_line=first + 1, text="\n".join(lines))


def fence(parameters: str) -> str:
    """Return the fence that declares parameters, longer than any that they hold."""
    ticks = max((len(run) for run in re.findall("`+", parameters)), default=0)
    marks = "`" * max(3, ticks + 1)
    return f"{marks}{INFO}\n{parameters}\n{marks}"


def _fence(text: str) -> tuple[tuple[int, int], str] | None:
    """The lines of the fence, counted from 0, and what it holds."""
    if "parameters" not in text:
        return None
    for token in parse_plain(text):
        if token.type == "fence" and token.level == 0 and token.info.split() == INFO.split() and token.map:
            return (token.map[0], token.map[1]), token.content.removesuffix("\n")
    return None
