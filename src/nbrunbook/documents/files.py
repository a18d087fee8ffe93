"""Files that are written whole or not at all, and read where they are files."""

from __future__ import annotations

import errno
import fcntl
import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from nbrunbook.project import author_files


@contextmanager
def beside(path: Path) -> Iterator[Path]:
    """Yield a temporary path in the same folder, made if it is missing; gone afterwards.

    NbrunbookError for a folder that is in a repository, and by a link leads out of it: somebody's branch may bring one.
    """
    author_files.check_inside(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".nbrunbook-", suffix=path.suffix)
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
    finally:
        temporary.unlink(missing_ok=True)


def put(temporary: Path, path: Path, *, private: bool = False) -> None:
    """Rename a finished temporary file to its place, once its bytes are on the disk; `private` for this user alone.

    Then its new name is on the disk, too.
    """
    temporary.chmod(0o600 if private else 0o666 & ~_umask())
    with temporary.open("rb") as file:
        os.fsync(file.fileno())
    os.replace(temporary, path)
    _sync(path.parent)


def write(path: Path, content: bytes, *, private: bool = False) -> None:
    """Write a file whole or not at all: after an error the old one is as it was; `private` for this user alone."""
    with beside(path) as temporary:
        temporary.write_bytes(content)
        put(temporary, path, private=private)


def opened(path: Path) -> BinaryIO:
    """Open a file of ours to read it, where others' code may have put a link, a folder or a pipe: OSError for those."""
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW)
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise OSError(errno.EINVAL, "it is no regular file", str(path))
    return os.fdopen(handle, "rb")


def write_new(path: Path, content: bytes) -> None:
    """Write a new file whole or not at all; FileExistsError where somebody was faster."""
    with beside(path) as temporary:
        temporary.write_bytes(content)
        temporary.chmod(0o666 & ~_umask())
        try:
            os.link(temporary, path)
        except PermissionError:  # a filesystem without hard links: there the name is taken first
            path.touch(exist_ok=False)
            os.replace(temporary, path)


def rewrite(path: Path, content: bytes) -> None:
    """Write a file whole or not at all; one that was there keeps its mode, and a link stays a link.

    NbrunbookError for a link that leads out of the repository.
    """
    author_files.check_inside(path / path.name)
    path = path.resolve()
    mode = path.stat().st_mode if path.exists() else None
    write(path, content)
    if mode is not None:
        path.chmod(mode)


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the lock on a folder or a file: whoever wants it at the same moment waits. It ends with the process."""
    handle = os.open(path, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def ignored_by_git(folder: Path) -> None:
    """Make a folder that git ignores with all that is in it, for this user alone. Repeating is safe."""
    private_folder(folder)
    with suppress(FileExistsError), (folder / ".gitignore").open("x", encoding="utf-8") as ignore:
        ignore.write("*\n")


def private_folder(folder: Path) -> None:
    """Make a folder for this user alone. Repeating is safe."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    folder.chmod(0o700)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
