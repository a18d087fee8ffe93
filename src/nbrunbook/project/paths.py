"""Paths as they were written: where they begin is found, links on the way stay links."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path


def plain(path: Path) -> Path:
    """Return a path from the file system's root and without `..`; where a link makes another way of it, that one."""
    whole = path.absolute()
    if ".." not in whole.parts:
        return whole
    short = Path(os.path.normpath(whole))
    return short if short.resolve() == whole.resolve() else whole.resolve()


def below(path: Path, folder: Path) -> Path | None:
    """Return the way from a folder to a path in it, as it was written; None for one that lies elsewhere.

    What a link in the folder leads to is in the folder; the folder itself may have been reached by a link.
    """
    whole = plain(path)
    if whole.is_relative_to(folder):
        return whole.relative_to(folder)
    real = folder.resolve()
    for above in (whole, *whole.parents):
        if above.resolve() == real:
            return whole.relative_to(above)
    found = whole.resolve()
    return found.relative_to(real) if found.is_relative_to(real) else None


def of_ours(path: Path) -> Path:
    """Return a file of ours by its folder's real path: `runbooks` may be a link; the file itself stays what it is.

    What git does not track is read behind no link, since a branch may bring one. Whoever made the file has looked at
    where its folder leads.
    """
    return path.absolute().parent.resolve() / path.name


def beside(path: Path, root: Path, folders: Iterable[Path]) -> str:
    """Return the way from one folder, by `..`, to a path in the first of some others that it lies in.

    What lies in none of them is an absolute path.
    """
    for folder in folders:
        found = below(path, folder)
        if found is not None:
            return Path(os.path.relpath(folder / found, root)).as_posix()
    return plain(path).as_posix()
