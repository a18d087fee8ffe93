"""What a run wrote, as it is shown: text alone, without what moves or colours a terminal. Pure."""

from __future__ import annotations

import re

from nbrunbook.documents.terminal_text import plain
from nbrunbook.errors import visible

CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
LONGEST_SHOWN = 4_000
"""Characters of an output in a page that is not live."""


def shown(output: str) -> str:
    """Return what somebody would have read of an output: what was written over is gone, and so are colours.

    What turns the direction of a text is shown as a code.
    """
    if output.isascii() and output.replace("\n", "").isprintable():
        return output
    return visible(CONTROLS.sub("", plain(output)))


def end_of(output: str) -> str:
    """Return the last of an output as it is shown in a page that is not live; where it is cut, it says so."""
    text = shown(output)
    if len(text) <= LONGEST_SHOWN:
        return text
    rest = text[-LONGEST_SHOWN:].partition("\n")[2] or text[-LONGEST_SHOWN:]
    return f"[the first {len(text) - len(rest):,} of {len(text):,} characters are left out here]\n{rest}"
