"""Names that become a file's name and a part of a key: those of releases, environments and groups."""

from __future__ import annotations

import re

from nbrunbook.errors import NbrunbookError
from nbrunbook.texts import short

LONGEST_NAME = 100
"""Bytes: an environment's and a release's name together become one file's name."""
UNSAFE = re.compile(r'[\x00-\x1f\x7f/\\@#,:*?"<>|]|^[\s.~-]|[\s.]$')
"""What a name that becomes a file's name and a part of a key may not hold."""


def check_name(name: str, what: str) -> str:
    """Return a release's or environment's name if it can be a file's name and part of a key."""
    if len(name.encode(errors="replace")) > LONGEST_NAME:
        raise NbrunbookError(f"{what} {short(name, 40)!r} is too long", f"at most {LONGEST_NAME} bytes")
    if not name or UNSAFE.search(name) or name.startswith("_") or not name.isprintable():
        raise NbrunbookError(
            f"{what} {name!r} cannot be a file's name",
            'no / \\ @ # , : * ? " < > |, no dot, dash or underscore in front, no dot or space at the end',
            f"choose another name for this {what}",
        )
    return name
