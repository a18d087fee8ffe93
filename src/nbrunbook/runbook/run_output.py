"""What a run wrote, as it is shown: text alone, without what moves or colours a terminal. Pure."""

from __future__ import annotations

import re

from nbrunbook.errors import visible

ESCAPES = re.compile(
    r"\x1b\[[0-?]*[ -/]*(?:[@-~]|$)"  # CSI: colours, and moving about
    r"|\x1b[]PX^_][^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?"  # OSC, DCS and other strings: titles, links
    r"|\x1b[ -/]*[0-~]?"
    r"|\x9b[0-?]*[ -/]*[@-~]"
)
"""Escape sequences; see ECMA-48, sections 5.4 and 5.6."""
CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
LONGEST_SHOWN = 4_000
"""Characters of an output in a page that is not live."""


def shown(output: str) -> str:
    """Return what somebody would have read of an output: what was written over is gone, and so are colours.

    What turns the direction of a text is shown as a code.
    """
    if output.isascii() and output.replace("\n", "").isprintable():
        return output
    lines = ESCAPES.sub("", output).replace("\r\n", "\n").split("\n")
    return visible(CONTROLS.sub("", "\n".join(line.rstrip("\r").rpartition("\r")[2] for line in lines)))


def end_of(output: str) -> str:
    """Return the last of an output as it is shown in a page that is not live; where it is cut, it says so."""
    text = shown(output)
    if len(text) <= LONGEST_SHOWN:
        return text
    rest = text[-LONGEST_SHOWN:].partition("\n")[2] or text[-LONGEST_SHOWN:]
    return f"[the first {len(text) - len(rest):,} of {len(text):,} characters are left out here]\n{rest}"
