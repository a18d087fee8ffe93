"""Text that was written for a terminal: read as one would show it, with colours, or without anything but the text."""

from __future__ import annotations

import re
from collections.abc import Iterator

STEERING = re.compile(
    "(?:\x1b\\[|\x9b)[0-?]*[ -/]*[@-~]"  # CSI: colours, cursor, erasing
    "|(?:\x1b\\]|\x9d)[^\x07\x1b\x9c\n]*(?:\x07|\x1b\\\\|\x9c)?"  # OSC: titles, links
    "|\x1b[PX^_][^\x1b\n]*(?:\x1b\\\\)?"  # strings for devices
    "|\x1b[ -/]*[0-~]?"  # character sets, modes; what was cut off
)
"""ECMA-48, with the sequences that xterm knows."""
COLOUR = re.compile("(?:\x1b\\[|\x9b)([0-9;]*)m")
COLOURS = ("black", "red", "green", "yellow", "blue", "magenta", "cyan", "white")
Style = tuple[str, bool]
"""One of COLOURS or empty, and whether it is bold."""


def plain(text: str) -> str:
    """Return the text alone."""
    return "".join(piece for piece, _ in styled(text))


def styled(text: str) -> Iterator[tuple[str, Style]]:
    """Yield the text in pieces, each with the colour of its letters; backgrounds and what else there is are gone."""
    style, end = ("", False), 0
    text = _overwritten(text)
    for found in STEERING.finditer(text):
        if piece := text[end : found.start()]:
            yield piece, style
        colour = COLOUR.fullmatch(found[0])
        style, end = (_after(style, colour[1]) if colour else style), found.end()
    if piece := text[end:]:
        yield piece, style


def _overwritten(text: str) -> str:
    """Lines without what was written over: progress bars go back to a line's beginning, `man` over a letter."""
    lines = (line.rstrip("\r").rpartition("\r")[2] for line in text.split("\n"))
    return re.sub("[^\n]\b", "", "\n".join(lines))


def _after(style: Style, codes: str) -> Style:
    colour, bold = style
    numbers = [int(each[-4:] or 0) for each in codes.split(";")]
    while numbers:
        code = numbers.pop(0)
        if code == 0:
            colour, bold = "", False
        elif code in (1, 22):
            bold = code == 1
        elif 30 <= code <= 37 or 90 <= code <= 97:
            colour = COLOURS[code % 10]
        elif code == 39:
            colour = ""
        elif code in (38, 48) and numbers:  # a colour of 256, or of all: no page knows whether it can be read there
            del numbers[: 2 if numbers[0] == 5 else 4]
            colour = "" if code == 38 else colour
    return colour, bold
