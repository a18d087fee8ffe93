"""The journal: each event once, in order, whoever else writes and whoever dies."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from nbrunbook.errors import JournalError, RunbookExistsError
from nbrunbook.journal.entries import Draft, RunbookRow, row_of, sha256
from nbrunbook.journal.journal import Journal
from nbrunbook.runbook import events
from nbrunbook.runbook.events import Event
from tests.journal.conftest import Opened, a_note, write_note
from tests.making import session_on

# Once


def test_the_same_event_is_written_once(opened: Opened) -> None:
    """Sending an event's id again writes nothing and returns the first answer."""
    found, row = opened
    event_id = events.new_id()
    first = write_note(found, row, "said once", event_id)
    again = write_note(found, row, "said otherwise", event_id)
    assert again == first
    assert [each.id for each in found.events(row)].count(event_id) == 1


def test_whoever_decides_sees_all_that_came_before(opened: Opened) -> None:
    """The decision is made while the lock is held, with the events that the caller does not know yet."""
    found, row = opened
    third = write_note(found, row, "by somebody else")
    seen: list[Event] = []

    def decide(new: Sequence[Event]) -> Draft:
        seen.extend(new)
        return a_note()

    new, event = found.append(row, event_id=events.new_id(), after=2, decide=decide)
    assert seen == [third]
    assert new == [third, event]


def test_a_decision_that_fails_writes_nothing(opened: Opened) -> None:
    """Where the decision raises, nothing was written, and the next one can be."""
    found, row = opened

    def decide(_: Sequence[Event]) -> Draft:
        raise ZeroDivisionError("undecided")

    with pytest.raises(ZeroDivisionError, match="undecided"):
        found.append(row, event_id=events.new_id(), after=0, decide=decide)
    assert write_note(found, row).seq == 3


# Registering


def _facts(row: RunbookRow, **changes: str) -> RunbookRow:
    return row_of({**row.facts, **changes})


def test_a_key_is_registered_once(opened: Opened) -> None:
    """A second runbook of the same key in one project is refused; another project may have it."""
    found, row = opened
    body, now = found.plan_body(row.plan_digest), datetime.now(UTC)
    with pytest.raises(RunbookExistsError, match=r"has a runbook already: staging/1\.0 .*--again"):
        found.register(row, plan_body=body, notebook=b"", opened=a_note(), at=now)
    other = _facts(row, project="other")
    found.register(other, plan_body=body, notebook=b"", opened=a_note(), at=now)
    assert [each.project for each in found.runbooks("other")] == ["other"]
    assert len(found.runbooks("shop")) == 1


def test_what_cannot_be_published_is_not_registered(opened: Opened) -> None:
    """Where the runbook's file cannot be put in its place, the journal knows nothing of it."""
    found, row = opened

    def publish() -> None:
        raise OSError("disk full")

    other, body = _facts(row, key="staging/1.0@2"), found.plan_body(row.plan_digest)
    with pytest.raises(OSError, match="disk full"):
        found.register(other, plan_body=body, notebook=b"x", opened=a_note(), at=datetime.now(UTC), publish=publish)
    assert found.find("shop", "staging/1.0@2") is None
    assert found.blob(sha256(b"x")) is None


# Races and deaths


def test_two_threads_leave_no_gap(opened: Opened) -> None:
    """Two connections that write at once leave a chain without gaps."""
    found, row = opened
    start = threading.Barrier(2)

    def write(mine: Journal) -> None:
        start.wait()
        for _ in range(15):
            write_note(mine, row)

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


def test_a_missing_journal_is_not_made_by_looking(tmp_path: Path) -> None:
    """Only who makes a runbook makes a journal."""
    url = f"sqlite:///{tmp_path / 'new' / 'journal.db'}"
    with pytest.raises(JournalError, match="no journal at"):
        Journal.open(url)
    assert not (tmp_path / "new").exists()
    made = Journal.open(url, create=True)
    assert made.is_new
    assert not Journal.open(url, create=True).is_new


def fill(connection: sa.Connection, path: Path, fault: type[BaseException]) -> None:
    """Bring in more than SQLite keeps in memory, so that it is in the file before the end; then fail."""
    connection.exec_driver_sql("CREATE TABLE large AS SELECT zeroblob(9000000) AS content")
    assert path.stat().st_size > 1_000_000
    raise fault


@pytest.mark.parametrize("fault", [KeyboardInterrupt, MemoryError])
@pytest.mark.parametrize("at", ["rows", "commit", "version", "make"])
def test_filling_that_is_interrupted_leaves_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: str, fault: type[BaseException]
) -> None:
    """However much was in it by then, and whenever it was."""
    found = Journal(f"sqlite:///{tmp_path / 'copy.db'}")

    def fail(*_: object) -> None:
        raise fault

    if at == "commit":
        monkeypatch.setattr(sa.Connection, "commit", fail)
    elif at == "version":
        monkeypatch.setattr(found, "_version", fail)
    elif at == "make":
        monkeypatch.setattr(found.door, "check_place", lambda: fail() if found.exists() else None)
    with pytest.raises(fault), found.filling() as connection:
        fill(connection, tmp_path / "copy.db", fault) if at == "rows" else None
    assert list(tmp_path.iterdir()) == []


def test_a_file_of_somebody_else_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty one that somebody else made, and a journal that another one has filled meanwhile."""
    path = tmp_path / "copy.db"
    path.touch()
    with pytest.raises(KeyboardInterrupt), Journal(f"sqlite:///{path}").filling() as connection:
        fill(connection, path, KeyboardInterrupt)
    assert (path.exists(), path.stat().st_size) == (True, 0)
    path.unlink()
    late = Journal(f"sqlite:///{path}")
    monkeypatch.setattr(late, "_version", lambda: Journal.open(late.url, create=True) and 1 / 0)
    with pytest.raises(ZeroDivisionError), late.filling():
        pass
    assert not Journal.open(late.url, create=True).is_new
