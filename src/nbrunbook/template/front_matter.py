"""Markdown parts: the front matter, the parameters and the text of a Markdown file, parted. The door to YAML."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from nbrunbook.documents.markdown.parser import normalized, parse_plain
from nbrunbook.texts import short

INFO = "python parameters"
"""The info string of the fence that holds a part's parameters."""

MARK = re.compile(r"---[ \t]*")
"""A line above and below the front matter."""

KEY = re.compile(r"[\w\"'].*:(?:[ \t]|$)")
"""What front matter begins with, but for comments; steps between two thematic breaks begin with no key."""

LONGEST_FRONT_MATTER = 20_000
"""Characters of YAML that are read: its parser takes a second for fifty thousand."""


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
        found = re.search(rf"^{re.escape(name)}:(.+)$", self.front_matter, re.MULTILINE)
        return found[1].strip(" \t").strip("'\"") if found else ""

    def around_parameters(self) -> tuple[str, str]:
        """Return the text above and below the parameters; all is below where there are none."""
        at = (self.parameters_line or 1) - 1
        lines = self.text.split("\n")
        return "\n".join(lines[:at]).strip("\n"), "\n".join(lines[at:]).strip("\n") + "\n"

    def about(self) -> Any:
        """Return what the front matter says under `nbrunbook`, numbers and dates as texts; None where it says nothing.

        ValueError where it says something and is no YAML, is too long, or names one thing in many places.
        """
        if not re.search(r"^[\"']?nbrunbook[\"']?[ \t]*:", self.front_matter, re.MULTILINE):
            return None
        if len(self.front_matter) > LONGEST_FRONT_MATTER:
            raise ValueError(f"{len(self.front_matter):,} characters, and {LONGEST_FRONT_MATTER:,} are read at most")
        found = _yaml(self.front_matter)
        return found.get("nbrunbook") if isinstance(found, dict) else None


def split(text: str) -> PartedFile:
    """Part a Markdown file's front matter, its first fence `python parameters`, and the rest.

    A fence in a list, a quotation, a comment or another fence is text.
    """
    lines = normalized(text).split("\n")
    last = _last_line(lines)
    front_matter = "".join(f"{line}\n" for line in lines[1:last])
    lines[: last + 1 if last else 0] = [""] * (last + 1 if last else 0)
    text = "\n".join(lines)
    found = _fence(text)
    if found is None:
        return PartedFile(front_matter=front_matter, parameters=None, parameters_line=None, text=text)
    (first, end), content = found
    lines[first:end] = [""] * (end - first)
    return PartedFile(front_matter=front_matter, parameters=content, parameters_line=first + 1, text="\n".join(lines))


def fence(parameters: str) -> str:
    """Return the fence that declares parameters, longer than any that they hold."""
    ticks = max((len(run) for run in re.findall("`+", parameters)), default=0)
    marks = "`" * max(3, ticks + 1)
    return f"{marks}{INFO}\n{parameters}\n{marks}"


def _last_line(lines: Sequence[str]) -> int:
    """Where the front matter's lower mark stands; 0 where there is no front matter."""
    if not MARK.fullmatch(lines[0]):
        return 0
    begun = False
    for number, line in enumerate(lines[1:], 1):
        if MARK.fullmatch(line):
            return number
        if not begun and line.strip(" \t") and not line.lstrip(" \t").startswith("#"):
            if not KEY.match(line):
                return 0
            begun = True
    return 0


def _yaml(text: str) -> Any:
    """What YAML says, numbers and dates as texts: a release 1.10 and an environment `on` stay what they are."""
    import yaml

    class Texts(yaml.BaseLoader):  # type: ignore[misc]
        """The loader that makes texts and nothing else, each thing written where it stands."""

        def compose_node(self, parent: Any, index: Any) -> Any:
            # With them a few lines stand for more than any machine can hold.
            if self.check_event(yaml.AliasEvent):
                raise yaml.YAMLError(f"*{self.peek_event().anchor} stands for something written elsewhere")
            return super().compose_node(parent, index)

    try:
        return yaml.load(text, Loader=Texts)  # noqa: S506
    except (yaml.YAMLError, RecursionError) as error:
        raise ValueError(short(" ".join(str(error).split()), 160)) from None


def _fence(text: str) -> tuple[tuple[int, int], str] | None:
    """The lines of the fence, counted from 0, and what it holds."""
    if "parameters" not in text:
        return None
    for token in parse_plain(text):
        if token.type == "fence" and token.level == 0 and token.info.split() == INFO.split() and token.map:
            return (token.map[0], token.map[1]), token.content.removesuffix("\n")
    return None
