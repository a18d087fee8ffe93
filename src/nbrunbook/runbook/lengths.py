"""Lengths of time in an author's code: 30s, 5m, 2h."""

from __future__ import annotations

import re

from nbrunbook.documents import attributes


def seconds(length: str) -> int:
    """Return the seconds of a length of time such as 30s, 5m or 2h; ValueError for anything else, and for none."""
    match = re.fullmatch(r"\s*(\d{1,5})\s*s\s*", length)
    found = int(match[1]) if match else attributes.seconds(length)
    if not found:
        raise ValueError(length)
    return found


def duration(length: int | None) -> str:
    """Return seconds as `seconds` reads them; empty for None."""
    return f"{length}s" if length and length % 60 else attributes.duration(length)
