"""SQLite: a file on a disk of its own, synced, and never exchanged unnoticed."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from nbrunbook.errors import JournalError
from nbrunbook.journal import sqlite
from nbrunbook.journal.journal import Journal
from tests.conftest import Workplace
from tests.journal.conftest import Opened, write_note


def _file(opened: Journal) -> Path:
    return Path(opened.where)


@pytest.mark.on("sqlite")
def test_a_journal_deleted_while_open_is_told(opened: Opened) -> None:
    """Writing to a journal whose file was deleted is an error: nobody would ever see it."""
    found, row = opened
    _file(found).unlink()
    with pytest.raises(JournalError, match="was deleted while it was open"):
        write_note(found, row)


@pytest.mark.on("sqlite")
@pytest.mark.parametrize("written", [True, False], ids=["after-a-write", "after-only-reading"])
def test_a_journal_replaced_while_open_is_told(opened: Opened, written: bool) -> None:
    """A journal whose file was replaced is an error from then on; the one that is there now is as it was."""
    found, row = opened
    mine = Journal.open(found.url, wait_seconds=5)
    assert mine.events(row)
    if written:
        write_note(mine, row)
    backup = _file(found).with_suffix(".backup")
    shutil.copy(_file(found), backup)
    _file(found).unlink()
    backup.rename(_file(found))
    before = _file(found).read_bytes()
    with pytest.raises(JournalError, match="was replaced while it was open"):
        write_note(mine, row)
    assert _file(found).read_bytes() == before
    with pytest.raises(JournalError, match="was replaced while it was open"):
        mine.events(row)
    assert write_note(Journal.open(found.url), row).kind == "noted"


@pytest.mark.parametrize("create", [True, False])
@pytest.mark.parametrize("content", [b"no database at all, but rather long " * 50, b"SQLite format 3\0"])
def test_a_file_that_is_no_database_is_told(tmp_path: Path, content: bytes, create: bool) -> None:
    """A file that is no database is an expected error, and stays as it was."""
    path = tmp_path / "journal.db"
    path.write_bytes(content)
    with pytest.raises(JournalError, match=r"journal\.db"):
        Journal.open(f"sqlite:///{path}", create=create)
    assert path.read_bytes() == content


def test_a_network_filesystem_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """SQLite on a network filesystem is refused with a pointer to PostgreSQL, and no file is made."""
    monkeypatch.setattr(sqlite, "network_filesystem", lambda _: "nfs4")
    path = tmp_path / "journal.db"
    with pytest.raises(JournalError, match=r"network filesystem.*PostgreSQL"):
        Journal.open(f"sqlite:///{path}", create=True)
    assert not path.exists()


@pytest.mark.on("sqlite")
def test_a_tick_is_on_the_disk_before_it_is_answered(opened: Opened) -> None:
    """SQLite keeps a rollback journal and syncs in full, so that a power cut loses nothing."""
    found, _ = opened
    with found.door.engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "delete"
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1


@pytest.mark.parametrize("name", ["with space", "{braces}", "ünï-日本", "100%41", "what?#x", "a&b=c"])
def test_a_journal_may_lie_anywhere(tmp_path: Path, name: str) -> None:
    """A folder's name may hold whatever a file system takes."""
    path = tmp_path / name / "journal.db"
    Journal.open(f"sqlite:///{path}", create=True).close()
    assert path.stat().st_size > 0
    assert [each.name for each in tmp_path.iterdir()] == [name]


@pytest.mark.on("sqlite")
def test_a_read_only_file_can_be_read(opened: Opened, work: Workplace) -> None:
    """Looking goes on where the file may not be written, and writing is one clear error."""
    found, row = opened
    found.close()
    _file(found).chmod(0o444)
    _file(found).parent.chmod(0o555)
    for folder in (work.root, *work.root.parents[:3]):
        folder.chmod(0o755)
    with _as_nobody():
        assert len(Journal.open(found.url).events(row)) == 2
        with pytest.raises(JournalError, match="is read-only; expected a file that can be written to; nothing was"):
            write_note(Journal.open(found.url), row)
    _file(found).parent.chmod(0o755)
    assert len(found.events(row)) == 2


@contextlib.contextmanager
def _as_nobody() -> Iterator[None]:
    """Be somebody who may not write everywhere, where we are root."""
    before = os.geteuid()
    os.seteuid(65534 if before == 0 else before)
    try:
        yield
    finally:
        os.seteuid(before)


@pytest.mark.on("sqlite")
def test_a_copy_that_was_put_back_erases_nothing(opened: Opened) -> None:
    """Its file may say that nothing changed since: SQLite's counter is back where it was, and another one wrote."""
    found, row = opened
    path, ana, ben = _file(found), Journal.open(found.url, wait_seconds=5), Journal.open(found.url, wait_seconds=5)
    before = path.read_bytes()
    lost = write_note(ana, row)
    path.write_bytes(before)
    kept = write_note(ben, row)
    assert kept.seq == lost.seq
    write_note(ana, row)
    there = Journal.open(found.url)
    assert [each.id for each in there.events(row)][kept.seq - 1] == kept.id
    assert there.faults(row) == []
