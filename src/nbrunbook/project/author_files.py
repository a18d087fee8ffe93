"""Files that an author wrote, who may be anybody: read within their repository, and never without end."""

from __future__ import annotations

import os
import stat
from pathlib import Path

LARGEST_TEMPLATE = 5_000_000
"""Bytes of one part of a template."""
LARGEST_IMAGE = 10_000_000
LARGEST_SETTINGS = 1_000_000
LARGEST = 200_000_000
"""Bytes of anything else, such as a runbook with its outputs."""
TREE_MARK = ".nbrunbook-tree"
"""A file of this name stands beside the throw-away tree of a commit: nothing in it leads further."""


def read(path: Path, *, at_most: int = LARGEST, named_in: Path | None = None) -> bytes:
    """Return what a regular file holds that lies, all links followed, in the repository of its path.

    `named_in` is the file or folder that names it, where it is not a person who does: its repository counts then.
    OSError where it cannot be read, ValueError where it is no regular file, leads out of the repository or is larger
    than `at_most` bytes: a device or a pipe would never end, and a link may lead to whatever its reader may see.
    """
    real = path.resolve(strict=True)
    home = repository(path if named_in is None else named_in / path.name)
    if not real.is_relative_to(home):
        raise ValueError(f"it leads out of its repository {home}, to {real}")
    with os.fdopen(os.open(real, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW), "rb") as file:
        found = os.fstat(file.fileno())
        if stat.S_ISDIR(found.st_mode):
            raise IsADirectoryError(f"{path} is a folder")
        if not stat.S_ISREG(found.st_mode):
            raise ValueError("it is no regular file")
        content = file.read(at_most + 1)
    if len(content) > at_most:
        raise ValueError(f"more than {at_most / 1e6:g} MB")
    return content


def repository(path: Path) -> Path:
    """Return the folder that a file of a project may not lead out of, all links followed.

    It is that of its git repository; without one that of the next configuration above it, else the file's own folder.
    """
    above = path.absolute().parents
    for marks in ((".git", TREE_MARK), ("nbrunbook.toml", "pyproject.toml")):
        for folder in above:
            if any((folder / mark).exists() for mark in marks):
                return folder.resolve()
    return above[0].resolve()
