"""Versions: the order of releases, by packaging.version where their names are versions."""

from __future__ import annotations

import re
from typing import Any

from packaging.version import InvalidVersion, Version

SortKey = tuple[Any, ...]


def key(release: str) -> SortKey:
    """Return what releases are sorted by, oldest first; any two names can be compared.

    Names that are versions (https://packaging.python.org, "Version specifiers") come first, in their order;
    the others follow in natural order: rc9 before rc10.
    """
    version = _version(release)
    if version is None:
        return (1, _natural(release), release)
    return (0, version, _natural(release), release)


def is_before(release: str, since: str) -> bool:
    """Tell whether a release is older than another; a version and another name cannot say."""
    mine, other = key(release), key(since)
    if (_version(release) is None) != (_version(since) is None):
        return False
    return mine[1] < other[1]  # type: ignore[no-any-return]


def _version(name: str) -> Version | None:
    try:
        return Version(name)
    except (InvalidVersion, ValueError):  # int() refuses 4,301 digits
        return None


def _natural(name: str) -> tuple[tuple[int, int, str], ...]:
    """Digits as numbers, without making a number of them: they may be thousands."""
    parts = re.split(r"([0-9]+)", name)
    return tuple(
        (1, len(part.lstrip("0")), part.lstrip("0")) if number % 2 else (0, 0, part)
        for number, part in enumerate(parts)
    )
