"""Moving a journal in SQLite from where earlier versions kept it, where a checkout could replace it.

The one is held locked, copied by SQLite's own backup, compared row by row and put in its place; then a text is left
where it was, which tells people and which no version of nbrunbook takes for a journal.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

from nbrunbook.errors import JournalError

NOTE_SIZE = 5_001
"""Bytes of the text that is left; no database has so many, since it has a whole number of pages."""
NOTE = """\
The journal of this project was here. nbrunbook moved it, since git may replace a file here at a checkout. It is now:

{path}

All of it is there. This text may be deleted.
"""


def is_database(path: Path) -> bool:
    """Tell whether a file is there that is neither empty nor the text that was left in a journal's place.

    By its size: to open and close it would take away the locks that SQLite holds on it in this process
    (https://sqlite.org/howtocorrupt.html, 2.2). JournalError where that cannot be seen.
    """
    try:
        size = path.stat().st_size
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError as error:
        raise JournalError(
            f"the journal {path} cannot be looked at ({error.strerror})", "a file of this user's"
        ) from None
    return size not in (0, NOTE_SIZE)


def two(old: Path, new: Path) -> JournalError:
    """Return what to say of two journals."""
    return JournalError(
        f"there are two journals, {old} and {new}",
        "one",
        "nothing is taken from either: move the one away that is not this project's "
        "(NBRUNBOOK_JOURNAL=sqlite:///PATH shows what is in one)",
    )


def same(one: Path, other: Path) -> bool:
    """Tell whether two journals hold the same rows, as after a move that was cut short."""
    try:
        with closing(_opened(one)) as first, closing(_opened(other)) as second:
            return _rows(first) == _rows(second)
    except sqlite3.Error:
        return False


def move(old: Path, new: Path, wait_seconds: float) -> None:
    """Move a journal. Repeating is safe, also after any crash, and so is doing it in two processes at once.

    JournalError where it cannot be, with the old one as it was; sqlite3.Error where that is locked or broken.
    """
    with closing(_opened(old, wait_seconds)) as held:
        try:
            held.execute("BEGIN IMMEDIATE")
        except sqlite3.DatabaseError:
            if is_database(old):
                raise
        if not is_database(old):
            return  # another process was faster, and what we hold is no longer there
        try:
            if not new.exists():
                _copy(old, new)
            elif not same(old, new):
                raise two(old, new)
            _leave_note(old, new)
        except OSError as error:
            raise JournalError(
                f"the journal {old} cannot be moved to {new} ({error.strerror})", "a folder that can be written to"
            ) from None


def _opened(path: Path, wait_seconds: float = 30.0) -> sqlite3.Connection:
    return sqlite3.connect(
        f"file:{quote(os.fsencode(path.absolute()))}?mode=rw", uri=True, timeout=wait_seconds, isolation_level=None
    )


def _copy(old: Path, new: Path) -> None:
    """Copy a journal that is held locked, through a connection of its own: SQLite copies from none that may write."""
    new.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle, name = tempfile.mkstemp(dir=new.parent, prefix=f"{new.name}-")
    os.close(handle)
    made = Path(name)
    try:
        with closing(_opened(old)) as journal, closing(_opened(made)) as copy:
            copy.execute("PRAGMA synchronous = FULL")
            journal.backup(copy)
            if copy.execute("PRAGMA integrity_check").fetchall() != [("ok",)] or _rows(copy) != _rows(journal):
                raise JournalError(f"a copy of the journal did not come out right at {new.parent}", "the same rows")
        _put(made, new)
    finally:
        made.unlink(missing_ok=True)


def _rows(connection: sqlite3.Connection) -> list[object]:
    return list(_each(connection))


def _each(connection: sqlite3.Connection) -> Iterator[object]:
    """The statements that made it, and the sha256 of each table's rows in an order of their own."""
    connection.text_factory = bytes
    made = connection.execute("SELECT type, name, sql FROM sqlite_master ORDER BY type, name").fetchall()
    yield made
    for kind, name, _ in made:
        if kind == b"table":
            table = name.decode().replace('"', '""')
            rows = connection.execute(f'SELECT * FROM "{table}"')  # noqa: S608
            yield sorted(hashlib.sha256(repr(row).encode()).digest() for row in rows)


def _leave_note(old: Path, new: Path) -> None:
    handle, name = tempfile.mkstemp(dir=old.parent, prefix=f"{old.name}-")
    with os.fdopen(handle, "wb") as file:
        file.write(NOTE.format(path=new).encode(errors="replace")[: NOTE_SIZE - 1].ljust(NOTE_SIZE - 1) + b"\n")
    _put(Path(name), old)


def _put(made: Path, path: Path) -> None:
    """Put a whole file in its place, so that it is there after a power cut too."""
    for each in (made, made.parent):
        handle = os.open(each, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
    made.replace(path)
    handle = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
