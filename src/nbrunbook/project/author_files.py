"""Files that an author wrote, who may be anybody: read within their repository, and never without end."""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from pathlib import Path

from nbrunbook.errors import NbrunbookError
from nbrunbook.project import git

LARGEST_TEMPLATE = 5_000_000
"""Bytes of one part of a template."""
LARGEST_IMAGE = 10_000_000
LARGEST_SETTINGS = 1_000_000
LARGEST = 200_000_000
"""Bytes of anything else, such as a runbook with its outputs."""


def read(path: Path, *, at_most: int = LARGEST, named_in: Path | None = None) -> bytes:
    """Return what a regular file holds that lies, all links followed, in the repository of its path.

    `named_in` is the file or folder that names it, where it is not a person who does: its repository counts then.
    OSError where it cannot be read, ValueError where it is no regular file, leads out of the repository or is larger
    than `at_most` bytes: a device or a pipe would never end, and a link may lead to whatever its reader may see.
    In a git repository that is what git itself keeps, and what nobody has published: a link leads to neither.
    """
    try:
        real = path.resolve(strict=True)
    except RuntimeError as error:  # a loop, before Python 3.13
        raise OSError(str(error)) from None
    home = repository(path if named_in is None else named_in / path.name)
    if not real.is_relative_to(home):
        raise ValueError(f"it leads out of its repository {home}, to {real}")
    with os.fdopen(os.open(real, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW), "rb") as file:
        found = os.fstat(file.fileno())
        if stat.S_ISDIR(found.st_mode):
            raise IsADirectoryError(f"{path} is a folder")
        if not stat.S_ISREG(found.st_mode):
            raise ValueError("it is no regular file")
        _check_published(path, real, home)
        content = file.read(at_most + 1)
    if len(content) > at_most:
        raise ValueError(f"more than {at_most / 1e6:g} MB")
    return content


def _check_published(path: Path, real: Path, home: Path) -> None:
    if ".git" in real.relative_to(home).parts:
        raise ValueError(f"it is a file of git's own, {real}")
    if git.is_repository(home) and _is_link(path, home) and not git.known(real.parent, "ls-files", "--", str(real)):
        raise ValueError(f"it is a link to {real}, which git does not track")


def _is_link(path: Path, home: Path) -> bool:
    """Whether a path goes through a link within its repository; the repository itself may lie behind one."""
    way = [each for each in (path.absolute(), *path.absolute().parents) if each.resolve() != home]
    return any(each.is_symlink() for each in way if each.resolve().is_relative_to(home))


def check_inside(path: Path) -> None:
    """Raise NbrunbookError for a path in a repository whose folder leads out of it by a link, or to git's own files."""
    place, home = Path(os.path.normpath(path.absolute())), repository(path)
    real = place.parent.resolve()
    leads_out = not real.is_relative_to(home) or (".git" in real.relative_to(home).parts and ".git" not in place.parts)
    if place.is_relative_to(home) and leads_out:
        raise NbrunbookError(f"{place.parent} leads out of its repository {home}", "a folder in it", "take it away")


def repository(path: Path) -> Path:
    """Return the folder that a file of a project may not lead out of, all links followed.

    It is that of its git repository; without one that of the next configuration above it, of the next manage.py (an
    image of a Django site has neither), else the file's own folder.
    """
    above = path.absolute().parents
    for marks in ((".git", git.TREE_MARK), ("nbrunbook.toml", "pyproject.toml"), ("manage.py",)):
        found = [folder for folder in above if any((folder / mark).exists() for mark in marks)]
        if found:
            return _nearest(found).resolve()
    return above[0].resolve()


def _nearest(folders: Sequence[Path]) -> Path:
    """The nearest of some folders, from the inside out, that no link leads to from the one around it."""
    home = folders[-1]
    for inner in reversed(folders[:-1]):
        way = (inner, *inner.parents)
        if any(each.is_symlink() for each in way[: way.index(home)]):
            break
        home = inner
    return home
