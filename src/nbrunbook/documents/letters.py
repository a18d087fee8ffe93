"""Letters as authors write them: with combining marks behind them, as Hindi and decomposed umlauts have them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container

MARKS = (
    "\u0300-\u1fff\u20d0-\u20ff\u2cef-\u2cf1\u2d7f\u2de0-\u2dff\u302a-\u302f\u3099\u309a\ua66f-\uabff\ufb1e"
    "\ufe00-\ufe0f\ufe20-\ufe2f\U000101fd-\U0001e94a\U000e0100-\U000e01ef"
)
"""Where all combining marks stand (Mn, Mc), which Python's \\w leaves out. `are_letters` knows what else is there."""
LETTER = rf"[\w{MARKS}]"
"""A letter, a digit, an underscore, or a mark on one."""
NAME = rf"[^\W\d]{LETTER}*"
"""What Python takes for a name, as far as a pattern can tell."""


def are_letters(text: str) -> bool:
    """Tell whether a text without blanks holds nothing but ASCII, letters and marks on them."""
    others = re.findall(r"[^\w\x00-\x7f]", text)
    return all(unicodedata.category(each) in ("Mn", "Mc") for each in others)


def composed(step_id: str) -> str:
    """Return a step's id in NFC, so that it is the same however it was typed.

    One without marks stays as it is, which NFC would change too where it is in Hangul: plans may hold it so.
    """
    return step_id if re.fullmatch(r"[\w.-]*", step_id) else unicodedata.normalize("NFC", step_id)


def meant(name: str, known: Container[str]) -> str:
    """Return the name that is meant among some that are known: the same one, else that which reads the same."""
    return name if name.isascii() or name in known else unicodedata.normalize("NFC", name)
