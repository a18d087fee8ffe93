"""Limits: how much a template may hold. A stranger wrote it, and reading takes as long as there is to read."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from nbrunbook.errors import NbrunbookError

MOST_TEXT = 300_000
"""Characters in all cells of a template; the longest that we know has 30,000."""
MOST_CODE = 100_000
"""Characters in one code cell: Python's own parser takes the square of some."""
MOST_STEPS = 2_000
"""Boxes, and sections, of a template; the longest that we know has 50."""
MOST_PROBLEMS = 1_000
"""Findings that are told of one template."""
BOX = re.compile(r"\[[ xX]\]|[☐☑☒]")


def check_text(path: Path, texts: Iterable[str]) -> None:
    """Raise NbrunbookError for texts that are together more than a template may hold; `path` is only for messages."""
    listed = list(texts)
    check(path, MOST_TEXT, sum(map(len, listed)), "characters")
    check(path, MOST_STEPS, sum(len(BOX.findall(text)) for text in listed), "boxes")


def check(path: Path, most: int, found: int, what: str) -> None:
    """Raise NbrunbookError where more was found than there may be."""
    if found > most:
        raise NbrunbookError(f"{path}: {found:,} {what}", f"{most:,} at most", "part it in two")


def tries(text: str) -> int:
    """Return how many times reading a text may be tried: a hundred times for a short one, some times for a long one."""
    return min(100, 1_000_000 // (len(text) + 1))
