"""Moving a journal in SQLite from where earlier versions kept it, where a checkout could replace it.

The one is held locked, copied by SQLite's own backup, compared row by row and put in its place; then a text is left
where it was, which tells people and which no version of nbrunbook takes for a journal.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

from nbrunbook.documents import files
from nbrunbook.errors import JournalError
from nbrunbook.project.local_state import NOTE_SIZE, holds_journal

NOTE = """\
The journal of this project was here. nbrunbook moved it, since git may replace a file here at a checkout. It is now:

{path}

All of it is there. This text may be deleted.
"""


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
            if holds_journal(old):
                raise
        if not holds_journal(old):
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
    with files.beside(new) as made:
        with closing(_opened(old)) as journal, closing(_opened(made)) as copy:
            copy.execute("PRAGMA synchronous = FULL")
            journal.backup(copy)
            if copy.execute("PRAGMA integrity_check").fetchall() != [("ok",)] or _rows(copy) != _rows(journal):
                raise JournalError(f"a copy of the journal did not come out right at {new.parent}", "the same rows")
        files.put(made, new, private=True)


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
    text = NOTE.format(path=new).encode(errors="replace")[: NOTE_SIZE - 1].ljust(NOTE_SIZE - 1)
    files.write(old, text + b"\n", private=True)
