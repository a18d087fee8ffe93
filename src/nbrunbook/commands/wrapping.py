"""Wrapping what a terminal shows: lines break between words only, and commands stand on lines of their own. Pure."""

from __future__ import annotations

import re
from functools import lru_cache

from nbrunbook.texts import columns_of

NARROWEST = 20
"""Columns that a line gets, however narrow the terminal is."""
OPENS = re.compile(r"\s*(?:\[.\] |- |> |\d+\. |\| )?")
"""What stands in front of a line's text: its indent, and a box or a mark."""
QUOTED = re.compile(r"""(?<![^\s(])'((?:nbrunbook|manage.py|python|git|pip)(?: (?:[^\s']+|'(?:[^']|'"'"')*'))*)'""")
"""A command among other words, as messages name it: in quotes, its arguments perhaps quoted for a shell."""
LAST = re.compile(r"(?<!Usage: )(?<=[:;] )((?:nbrunbook [a-z]|manage.py runbook |pip install )\S.*)$")
"""A command at the end of a line."""
STYLED = re.compile(r"\x1b\[[0-9;]*m")
IDEOGRAPH = "\u2e80-\u2fdf\u3005-\u3007\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
"""Letters of scripts without spaces: a line may break behind each."""
ENDS = "、。，．：；？！」』）】》〉”’"
"""Signs that begin no line there."""


def wrapped(text: str, width: int) -> list[str]:
    """Return one line of text as lines for a terminal of some columns; what goes on is indented.

    Words and commands to copy are never broken: a line of one may be wider.
    """
    *before, last = QUOTED.split(text)
    lead = OPENS.match(text)[0]  # type: ignore[index]  # it matches anything
    hang = " " * (len(lead) if lead.strip() else len(lead) + 2)
    lines: list[str] = []
    for number, piece in enumerate([*before, *LAST.split(last)]):
        if number % 2:  # as `split` gives what matched
            lines.append(f"{hang}  {piece}")
        elif said := (piece.lstrip("),;. ") if number else piece).removesuffix("(").rstrip():
            lines += _filled(said, max(width, NARROWEST), hang, indent=hang if lines else "")
    return lines or [""]


def _filled(text: str, width: int, hang: str, *, indent: str) -> list[str]:
    lines, line, used = [], indent, len(indent)
    for gap, word in _units(max(width - len(hang), 2)).findall(text):
        wide = columns_of(STYLED.sub("", word))
        if line.strip() and used + len(gap) + wide > width:
            lines.append(line)
            line, used = f"{hang}{word}", len(hang) + wide
        else:
            line, used = f"{line}{gap}{word}", used + len(gap) + wide
    return [*lines, line]


@lru_cache
def _units(most: int) -> re.Pattern[str]:
    """What no line breaks in, with the blanks before it: a word, or what stands in quotes if it fits into a line."""
    quoted = rf"(?<!\S)'(?=\S)[^'\n]{{1,{most - 1}}}'[^\s{IDEOGRAPH}]*"
    return re.compile(rf"(\s*)({quoted}|[{IDEOGRAPH}][{ENDS}]*|[^\s{IDEOGRAPH}]+)")
