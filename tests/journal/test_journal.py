"""The journal: what was written stays, in order, and whoever changes it is found."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from nbrunbook.errors import JournalBrokenError, JournalBusyError, JournalError, RunbookExistsError, UnknownRunbookError
from nbrunbook.journal import sqlite, tables
from nbrunbook.journal.database import COMMAND_WAIT_SECONDS, SESSION_WAIT_SECONDS
from nbrunbook.journal.entries import Draft, RunbookRow, row_of, sha256
from nbrunbook.journal.journal import Journal
from nbrunbook.project.settings import find_project
from nbrunbook.runbook import events
from nbrunbook.runbook.events import Event
from tests.conftest import Workplace
from tests.making import REFUSED, raw_journal, registered, session_on

STEPS = "\n".join(f"- [ ] Step {number} {{#s{number}}}" for number in range(40))


def _draft(note: str = "hello", **more: str) -> Draft:
    return Draft(kind="noted", operator="ana", known="declared", known_by="env", data={"note": note}, **more)  # type: ignore[arg-type]


def _note(opened: Journal, runbook: RunbookRow, text: str = "hello", event_id: str = "") -> Event:
    def decide(_: Sequence[Event]) -> Draft:
        return _draft(text)

    return opened.append(runbook, event_id=event_id or events.new_id(), after=0, decide=decide)[1]


@pytest.fixture
def opened(work: Workplace, engine: str) -> tuple[Journal, RunbookRow]:
    """A journal that holds one runbook with one note."""
    key = registered(STEPS)
    found = Journal.open(find_project().journal, wait_seconds=10)
    row = found.runbook("shop", key)
    _note(found, row, "first")
    return found, row


Opened = tuple[Journal, RunbookRow]


def _file(opened: Journal) -> Path:
    return Path(opened.where)


# Append-only


VALUES = {
    "schema_version": {"version": 7},
    "plan": {"body": "{}"},
    "blob": {"content": b"other"},
    "runbook": {"body": "{}"},
    "event": {"body": "{}"},
    "event_data": {"data": "{}"},
}


def test_every_table_is_tried() -> None:
    """The tests below try each table that there is, but for the one that is only an index."""
    assert {*VALUES, "open_runbook"} == set(tables.metadata.tables)


@pytest.mark.parametrize("table", VALUES)
def test_no_row_is_updated(opened: Opened, work: Workplace, table: str) -> None:
    """A trigger refuses UPDATE on every table."""
    ((column, value),) = VALUES[table].items()
    with raw_journal() as raw, pytest.raises(REFUSED, match="append-only"):
        raw.execute(f"UPDATE {table} SET {column} = ?", (value,))


@pytest.mark.parametrize("table", VALUES)
def test_no_row_is_deleted(opened: Opened, work: Workplace, table: str) -> None:
    """A trigger refuses DELETE on every table."""
    with raw_journal() as raw, pytest.raises(REFUSED, match="append-only"):
        raw.execute(f"DELETE FROM {table}")


@pytest.mark.on("sqlite")
@pytest.mark.parametrize("verb", ["INSERT OR REPLACE", "REPLACE", "INSERT OR IGNORE", "INSERT"])
@pytest.mark.parametrize("table", VALUES)
def test_no_row_is_replaced(opened: Opened, work: Workplace, table: str, verb: str) -> None:
    """An insert over an existing row is refused on every table, however it is worded."""
    with raw_journal() as raw:
        before = raw.execute(f"SELECT * FROM {table}").fetchall()
        with pytest.raises(REFUSED, match="append-only"):
            raw.execute(f"{verb} INTO {table} SELECT * FROM {table} LIMIT 1")
        assert raw.execute(f"SELECT * FROM {table}").fetchall() == before


REPLACED = {
    "plan": "digest, body) SELECT rowid, 'x', body",
    "blob": "sha256, content) SELECT rowid, 'x', content",
    "runbook": "digest, project, key, release, environment, plan, body) "
    "SELECT rowid, 'x', project, 'other', release, environment, plan, body",
    "event": "id, runbook, seq, kind, body, hash) SELECT rowid, 'x', runbook, 99, kind, body, hash",
    "event_data": "event, salt, data) SELECT rowid, 'x', salt, data",
}


@pytest.mark.on("sqlite")
@pytest.mark.parametrize("table", REPLACED)
def test_no_row_is_replaced_by_its_rowid(opened: Opened, work: Workplace, table: str) -> None:
    """An insert with the number that SQLite may keep beside a row's key replaces nothing either."""
    with raw_journal() as raw:
        before = raw.execute(f"SELECT * FROM {table}").fetchall()
        with pytest.raises(sqlite3.DatabaseError):
            raw.execute(f"INSERT OR REPLACE INTO {table} (rowid, {REPLACED[table]} FROM {table} LIMIT 1")
        assert raw.execute(f"SELECT * FROM {table}").fetchall() == before


def test_no_seq_is_taken_twice(opened: Opened, engine: str) -> None:
    """Another event with the seq of an existing one is refused."""
    copied = "SELECT 'another', runbook, seq, kind, body, hash FROM event WHERE seq = 2"
    for verb in ("INSERT", *(("INSERT OR REPLACE",) if engine == "sqlite" else ())):
        with raw_journal() as raw, pytest.raises(REFUSED):
            raw.execute(f"{verb} INTO event (id, runbook, seq, kind, body, hash) {copied}")


def test_data_can_only_be_blanked(opened: Opened, work: Workplace) -> None:
    """Blanking salt and data is the one update that is allowed; without a `redacted` it is found all the same."""
    found, row = opened
    for change in ("data = 'x'", "salt = NULL", "data = NULL", "salt = 'x', data = NULL", "event = 'x', salt = NULL"):
        with raw_journal() as raw, pytest.raises(REFUSED, match="append-only"):
            raw.execute(f"UPDATE event_data SET {change}")
    with raw_journal() as raw:
        raw.execute("UPDATE event_data SET salt = NULL, data = NULL")
    assert {fault.partition(": ")[2] for fault in found.faults(row)} == {
        "its data was blanked, and no `redacted` says so"
    }
    assert all(each.redacted for each in found.events(row))


# The chain


def test_what_was_written_is_read_again(opened: Opened) -> None:
    """Events come back as they were written, in order, each on the one before it."""
    found, row = opened
    written = [_note(found, row, f"note {number}") for number in range(5)]
    read = found.events(row)
    assert read[-5:] == written
    assert [each.seq for each in read] == list(range(1, 8))
    assert [each.prev_hash for each in read] == [row.digest, *(each.hash() for each in read[:-1])]
    assert found.faults(row) == []


def test_only_later_events_are_read(opened: Opened) -> None:
    """A session reads only the events after its last."""
    found, row = opened
    assert [each.seq for each in found.events(row, after=1)] == [2]
    assert found.events(row, after=2) == []


EDITS = [
    "UPDATE event SET body = replace(body, '\"ana\"', '\"eve\"') WHERE seq = 2",
    "UPDATE event SET body = replace(body, '\"seq\":2', '\"seq\": 2') WHERE seq = 2",
    "UPDATE event SET hash = replace(hash, substr(hash, 1, 1), 'f') || 'f' WHERE seq = 2",
    "UPDATE event SET kind = 'ticked' WHERE seq = 2",
    "UPDATE event SET seq = 9 WHERE seq = 2",
    "UPDATE event SET body = 'no JSON' WHERE seq = 2",
    "UPDATE event SET body = '{}' WHERE seq = 2",
    "UPDATE event SET id = 'x' WHERE seq = 3",
    "DELETE FROM event WHERE seq = 1",
    "DELETE FROM event WHERE seq = 2",
    "UPDATE event SET seq = seq + 10",
]


@pytest.mark.parametrize("edit", EDITS)
def test_an_edited_event_is_found(opened: Opened, work: Workplace, edit: str) -> None:
    """A row that was edited or deleted behind the triggers' back is found."""
    found, row = opened
    _note(found, row, "third")
    found.close()
    with raw_journal(without="event") as raw:
        raw.execute(edit)
    assert found.faults(row)


DATA_EDITS = [
    'data = \'{"note":"other"}\'',
    "salt = '00'",
    "salt = NULL",
    "data = NULL",
    "data = 'no JSON'",
    "data = '[]'",
    "data = '7'",
    "data = '{}'",
]


@pytest.mark.parametrize("edit", DATA_EDITS)
def test_edited_data_is_found(opened: Opened, work: Workplace, edit: str) -> None:
    """Data that was edited behind the triggers' back is found."""
    found, row = opened
    with raw_journal(without="event_data") as raw:
        raw.execute(f"UPDATE event_data SET {edit} WHERE event = (SELECT id FROM event WHERE seq = 2)")
    assert len(found.faults(row)) == 1


def test_deleted_data_is_found(opened: Opened, work: Workplace) -> None:
    """Data that is gone without a redaction is found."""
    found, row = opened
    with raw_journal(without="event_data") as raw:
        raw.execute("DELETE FROM event_data WHERE event = (SELECT id FROM event WHERE seq = 2)")
    assert len(found.faults(row)) == 1


def test_an_edited_runbook_row_is_found(opened: Opened, work: Workplace) -> None:
    """The chain starts from the runbook's row, so that its facts cannot be edited either."""
    found, row = opened
    with raw_journal(without="runbook") as raw:
        raw.execute("UPDATE runbook SET body = replace(body, '\"ana\"', '\"eve\"')")
    assert found.faults(found.runbook("shop", row.key))


def test_an_edited_plan_is_found(opened: Opened, work: Workplace) -> None:
    """A plan is named by its digest: another body under that name is an error, not a plan."""
    found, row = opened
    with raw_journal(without="plan") as raw:
        raw.execute("UPDATE plan SET body = replace(body, 'Step 1', 'Step x')")
    with pytest.raises(JournalError, match="was edited"):
        found.plan_body(row.plan_digest)
    with pytest.raises(JournalError, match="is missing"):
        found.plan_body("0" * 64)


def test_a_body_that_cannot_be_read_is_an_expected_error(opened: Opened, work: Workplace) -> None:
    """An event that no nbrunbook wrote is told with its runbook and its place."""
    found, row = opened
    with raw_journal(without="event") as raw:
        raw.execute("UPDATE event SET body = '[]' WHERE seq = 2")
    with pytest.raises(JournalBrokenError, match=r"staging/1\.0, event 2"):
        found.events(row)


# Once


def test_the_same_event_is_written_once(opened: Opened) -> None:
    """Sending an event's id again writes nothing and returns the first answer."""
    found, row = opened
    event_id = events.new_id()
    first = _note(found, row, "said once", event_id)
    again = _note(found, row, "said otherwise", event_id)
    assert again == first
    assert [each.id for each in found.events(row)].count(event_id) == 1


def test_an_event_is_found_by_its_id(opened: Opened) -> None:
    """Whoever made an id can ask whether it was recorded after all."""
    found, row = opened
    written = _note(found, row)
    assert found.event(written.id) == written
    assert found.event(events.new_id()) is None


def test_whoever_decides_sees_all_that_came_before(opened: Opened) -> None:
    """The decision is made while the lock is held, with the events that the caller does not know yet."""
    found, row = opened
    third = _note(found, row, "by somebody else")
    seen: list[Event] = []

    def decide(new: Sequence[Event]) -> Draft:
        seen.extend(new)
        return _draft()

    new, event = found.append(row, event_id=events.new_id(), after=2, decide=decide)
    assert seen == [third]
    assert new == [third, event]


def test_a_decision_that_fails_writes_nothing(opened: Opened) -> None:
    """Where the decision raises, nothing was written, and the next one can be."""
    found, row = opened

    def decide(_: Sequence[Event]) -> Draft:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        found.append(row, event_id=events.new_id(), after=0, decide=decide)
    assert _note(found, row).seq == 3


def test_contents_are_kept_once(opened: Opened, work: Workplace) -> None:
    """A blob is kept under its sha256, once, however often it is given."""
    found, row = opened
    for _ in range(2):
        found.append(
            row,
            event_id=events.new_id(),
            after=0,
            decide=lambda _: _draft(contents=(b"\0\xff", b"")),  # type: ignore[arg-type]
        )
    assert found.blob(sha256(b"\0\xff")) == b"\0\xff"
    assert found.blob(sha256(b"")) == b""
    assert found.blob(sha256(b"other")) is None


# Registering


def _facts(row: RunbookRow, **changes: str) -> RunbookRow:
    return row_of({**row.facts, **changes})


def test_a_key_is_registered_once(opened: Opened) -> None:
    """A second runbook of the same key in one project is refused; another project may have it."""
    found, row = opened
    body, now = found.plan_body(row.plan_digest), datetime.now(UTC)
    with pytest.raises(RunbookExistsError):
        found.register(row, plan_body=body, notebook=b"", opened=_draft(), at=now)
    other = _facts(row, project="other")
    found.register(other, plan_body=body, notebook=b"", opened=_draft(), at=now)
    assert [each.project for each in found.runbooks("other")] == ["other"]
    assert len(found.runbooks("shop")) == 1


def test_what_cannot_be_published_is_not_registered(opened: Opened) -> None:
    """Where the runbook's file cannot be put in its place, the journal knows nothing of it."""
    found, row = opened

    def publish() -> None:
        raise OSError("disk full")

    other, body = _facts(row, key="staging/1.0@2"), found.plan_body(row.plan_digest)
    with pytest.raises(OSError, match="disk full"):
        found.register(other, plan_body=body, notebook=b"x", opened=_draft(), at=datetime.now(UTC), publish=publish)
    assert found.find("shop", "staging/1.0@2") is None
    assert found.blob(sha256(b"x")) is None


def test_an_unknown_runbook_is_told_with_the_nearest(opened: Opened) -> None:
    """A key that the journal does not hold is an error that offers the nearest one."""
    found, _ = opened
    with pytest.raises(UnknownRunbookError, match=r"did you mean 'staging/1\.0'"):
        found.runbook("shop", "stagin/1.0")
    with pytest.raises(UnknownRunbookError):
        found.runbook("other", "staging/1.0")


# Races and deaths


def test_two_threads_leave_no_gap(opened: Opened) -> None:
    """Two connections that write at once leave a chain without gaps."""
    found, row = opened
    start = threading.Barrier(2)

    def write(mine: Journal) -> None:
        start.wait()
        for _ in range(15):
            _note(mine, row)

    others = [Journal.open(found.url, wait_seconds=30) for _ in range(2)]
    threads = [threading.Thread(target=write, args=(each,)) for each in others]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert [each.seq for each in found.events(row)] == list(range(1, 33))
    assert found.faults(row) == []


WRITER = """
import sys
from nbrunbook.project.operator import declared
from nbrunbook.project.settings import find_project
from nbrunbook.work.opening import open_session
opened = open_session(find_project(), "staging/1.0", declared(sys.argv[1], "env"))
sys.stdin.readline()
for step in sys.argv[2:]:
    opened.append("ticked", step)
    print(step, flush=True)
"""


def _writer(name: str, *steps: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", WRITER, name, *steps]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def test_two_processes_leave_no_gap(opened: Opened) -> None:
    """Two processes that tick at once leave a chain without gaps, with the ticks of both."""
    found, row = opened
    steps = [f"s{number}" for number in range(20)]
    writers = [_writer("ana", *steps[:10]), _writer("ben", *steps[10:])]
    for writer in writers:
        assert writer.stdin
        writer.stdin.write("go\n")
        writer.stdin.flush()
    assert [writer.wait(timeout=60) for writer in writers] == [0, 0]
    for writer in writers:
        writer.communicate()
    read = found.events(row)
    assert [each.seq for each in read] == list(range(1, 23))
    assert {each.step for each in read[2:]} == set(steps)
    assert found.faults(row) == []


@pytest.mark.parametrize("after", [1, 7, 18])
def test_a_killed_process_loses_nothing_that_it_said_was_done(opened: Opened, after: int) -> None:
    """Whatever a process printed as done is in the journal after kill -9, and work goes on."""
    found, row = opened
    steps = [f"s{number}" for number in range(40)]
    with _writer("ana", *steps) as writer:
        assert writer.stdin
        assert writer.stdout
        writer.stdin.write("go\n")
        writer.stdin.flush()
        printed = [writer.stdout.readline().strip() for _ in range(after)]
        os.kill(writer.pid, signal.SIGKILL)
        printed += writer.stdout.read().split()
    done = [each.step for each in found.events(row) if each.kind == "ticked"]
    assert done[: len(printed)] == printed == steps[: len(printed)]
    assert found.faults(row) == []
    session_on().append("ticked", steps[len(done)])


# A journal that is not as it should be


def test_a_locked_journal_is_busy(opened: Opened, work: Workplace) -> None:
    """A lock that does not come free in time is an error of its own, and nothing was written."""
    found, row = opened
    waiting = Journal.open(found.url, wait_seconds=0.1)
    with raw_journal() as raw:
        raw.lock()
        with pytest.raises(JournalBusyError, match=r"0\.1 s"):
            _note(waiting, row)
    assert _note(waiting, row).seq == 3


def test_reading_goes_on_while_somebody_writes(opened: Opened, work: Workplace) -> None:
    """A writer's lock does not keep anybody from looking."""
    found, row = opened
    waiting = Journal.open(found.url, wait_seconds=0.1)
    with raw_journal() as raw:
        raw.lock()
        assert len(waiting.events(row)) == 2


@pytest.mark.on("sqlite")
def test_a_journal_deleted_while_open_is_told(opened: Opened) -> None:
    """Writing to a journal whose file was deleted is an error: nobody would ever see it."""
    found, row = opened
    _file(found).unlink()
    with pytest.raises(JournalError, match="was deleted while it was open"):
        _note(found, row)


@pytest.mark.on("sqlite")
@pytest.mark.parametrize("written", [True, False], ids=["after-a-write", "after-only-reading"])
def test_a_journal_replaced_while_open_is_told(opened: Opened, written: bool) -> None:
    """A journal whose file was replaced is an error from then on; the one that is there now is as it was."""
    found, row = opened
    mine = Journal.open(found.url, wait_seconds=5)
    assert mine.events(row)
    if written:
        _note(mine, row)
    backup = _file(found).with_suffix(".backup")
    shutil.copy(_file(found), backup)
    _file(found).unlink()
    backup.rename(_file(found))
    before = _file(found).read_bytes()
    with pytest.raises(JournalError, match="was replaced while it was open"):
        _note(mine, row)
    assert _file(found).read_bytes() == before
    with pytest.raises(JournalError, match="was replaced while it was open"):
        mine.events(row)
    assert _note(Journal.open(found.url), row).kind == "noted"


@pytest.mark.parametrize(("version", "age"), [(tables.SCHEMA + 1, "newer"), (0, "older")])
def test_another_schema_is_refused(opened: Opened, work: Workplace, version: int, age: str) -> None:
    """A journal of another schema is refused, and says which one is older."""
    found, _ = opened
    with raw_journal(without="schema_version") as raw:
        raw.execute("UPDATE schema_version SET version = ?", (version,))
    with pytest.raises(JournalError, match=f"schema {version}.*schema {tables.SCHEMA}.*{age}"):
        Journal.open(found.url)


def test_a_missing_journal_is_not_made_by_looking(tmp_path: Path) -> None:
    """Only who makes a runbook makes a journal."""
    url = f"sqlite:///{tmp_path / 'new' / 'journal.db'}"
    with pytest.raises(JournalError, match="no journal at"):
        Journal.open(url)
    assert not (tmp_path / "new").exists()
    made = Journal.open(url, create=True)
    assert made.is_new
    assert not Journal.open(url, create=True).is_new


@pytest.mark.parametrize("create", [True, False])
@pytest.mark.parametrize("content", [b"no database at all, but rather long " * 50, b"SQLite format 3\0"])
def test_a_file_that_is_no_database_is_told(tmp_path: Path, content: bytes, create: bool) -> None:
    """A file that is no database is an expected error, and stays as it was."""
    path = tmp_path / "journal.db"
    path.write_bytes(content)
    with pytest.raises(JournalError, match=r"journal\.db"):
        Journal.open(f"sqlite:///{path}", create=create)
    assert path.read_bytes() == content


def test_somebody_elses_database_is_told(tmp_path: Path) -> None:
    """A database of another program is no journal, and gets no tables of ours."""
    path = tmp_path / "journal.db"
    with sqlite3.connect(path) as raw:
        raw.execute("CREATE TABLE theirs (name TEXT)")
    raw.close()
    before = path.read_bytes()
    with pytest.raises(JournalError, match="is no journal"):
        Journal.open(f"sqlite:///{path}", create=True)
    assert path.read_bytes() == before


@pytest.mark.parametrize("url", ["mysql://ana:secret@host/db", "postgresql+asyncpg://ana:secret@host/db"])
def test_another_database_is_refused_without_its_password(url: str) -> None:
    """A URL that we cannot open is an error that shows no password."""
    with pytest.raises(JournalError) as told:
        Journal.open(url)
    assert "secret" not in str(told.value)
    assert "host/db" in str(told.value)


MOUNTS = """\
/dev/sda1 / ext4 rw 0 0
server:/export /mnt/nfs nfs4 rw 0 0
//server/share /mnt/with\\040space cifs rw 0 0
host:/home /mnt/ssh fuse.sshfs rw 0 0
share /mnt/vm 9p rw 0 0
/dev/sdb1 /mnt/nfs/local ext4 rw 0 0
tmpfs /tmp tmpfs rw 0 0
"""


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/home/ana/journal.db", None),
        ("/mnt/nfs/journal.db", "nfs4"),
        ("/mnt/nfs-not/journal.db", None),
        ("/mnt/with space/a/b/journal.db", "cifs"),
        ("/mnt/ssh/journal.db", "fuse.sshfs"),
        ("/mnt/vm/journal.db", "9p"),
        ("/mnt/nfs/local/journal.db", None),
        ("/tmp/journal.db", None),
    ],
)
def test_a_network_filesystem_is_known_by_its_mount(tmp_path: Path, path: str, kind: str | None) -> None:
    """A path lies on the filesystem of the nearest mount point above it."""
    mounts = tmp_path / "mounts"
    mounts.write_text(MOUNTS, encoding="utf-8")
    assert sqlite.network_filesystem(Path(path), str(mounts)) == kind


def test_where_nobody_tells_a_disk_is_local(tmp_path: Path) -> None:
    """Without a table of mounts every disk counts as local."""
    assert sqlite.network_filesystem(Path("/mnt/nfs"), str(tmp_path / "none")) is None


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


def test_a_closed_journal_opens_again(opened: Opened) -> None:
    """Closing gives the connection back; using the journal takes a new one."""
    found, row = opened
    found.close()
    found.close()
    assert _note(found, row).seq == 3


@pytest.mark.parametrize("name", ["with space", "{braces}", "ünï-日本", "100%41", "what?#x", "a&b=c"])
def test_a_journal_may_lie_anywhere(tmp_path: Path, name: str) -> None:
    """A folder's name may hold whatever a file system takes."""
    path = tmp_path / name / "journal.db"
    Journal.open(f"sqlite:///{path}", create=True).close()
    assert path.stat().st_size > 0
    assert [each.name for each in tmp_path.iterdir()] == [name]


def test_a_session_waits_less_than_a_browser() -> None:
    """A session waits for a lock at most 4 s, and a command 30 s."""
    assert (SESSION_WAIT_SECONDS, COMMAND_WAIT_SECONDS) == (4, 30)


def test_a_journal_that_lost_what_is_known_is_told(opened: Opened) -> None:
    """Who knows an event that is not there any more is told, when reading and when writing, and nothing is written."""
    found, row = opened
    last = found.events(row)[-1]
    assert found.events(row, after=last.seq, last_id=last.id) == []
    for lost in ({"after": last.seq, "last_id": events.new_id()}, {"after": last.seq + 1, "last_id": last.id}):
        with pytest.raises(JournalError, match=f"event {lost['after']} of {row.key} is gone"):
            found.events(row, **lost)  # type: ignore[arg-type]
        with pytest.raises(JournalError, match="no longer holds what it held"):
            found.append(row, event_id=events.new_id(), decide=lambda _: None, **lost)  # type: ignore[arg-type, return-value]
    assert found.events(row)[-1] == last


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
            _note(Journal.open(found.url), row)
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
