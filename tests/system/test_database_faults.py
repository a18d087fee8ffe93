"""PostgreSQL that dies, stalls or is not there, and a client that dies: what was said done is there, once."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from nbrunbook.errors import JournalBusyError, JournalError
from nbrunbook.journal.database import COMMAND_WAIT_SECONDS
from nbrunbook.journal.journal import Journal
from nbrunbook.project.settings import find_project
from nbrunbook.runbook import events
from tests.conftest import Workplace
from tests.databases import PATIENCE_SECONDS, Server
from tests.making import registered, session_on
from tests.system.proxy import Proxy

pytestmark = [pytest.mark.system, pytest.mark.database, pytest.mark.faults]
STEPS = "\n".join(f"- [ ] Step {number} {{#s{number}}}" for number in range(200))
WRITER = """
import sys
from nbrunbook.project.operator import declared
from nbrunbook.project.settings import find_project
from nbrunbook.work.opening import open_session
opened = open_session(find_project(), "staging/1.0", declared("ana", "env"), wait_seconds=30)
print("ready", flush=True)
for number in range(200):
    opened.append("ticked", f"s{number}")
    print(number, flush=True)
"""


@pytest.fixture
def server(work: Workplace, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """A server that syncs, with a journal of one runbook in it, which may be killed."""
    made = Server()
    monkeypatch.setenv("NBRUNBOOK_JOURNAL", made.with_schema())
    registered(STEPS)
    yield made
    made.close()


@pytest.fixture
def proxy(server: Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[Proxy]:
    """A network in front of the server that can fail; the project's journal is behind it."""
    made = Proxy(server.port)
    url = find_project().journal
    monkeypatch.setenv("NBRUNBOOK_JOURNAL", url.replace(f":{server.port}/", f":{made.port}/"))
    yield made
    made.close()


def _writer() -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", WRITER], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout
    assert process.stdout.readline() == "ready\n", process.communicate()[1]
    return process


def _ticked() -> list[int]:
    session = session_on()
    assert session.journal.faults(session.runbook) == []
    return [int(event.step[1:]) for event in session.events if event.kind == "ticked"]


@pytest.mark.parametrize("after", [3, pytest.param(40, marks=pytest.mark.whole)])
def test_what_was_said_done_outlives_the_server(server: Server, after: int) -> None:
    """PostgreSQL is killed with -9 during ticks: each that was said done is there once, and the chain holds."""
    with _writer() as process:
        assert process.stdout
        said = [int(process.stdout.readline()) for _ in range(after)]
        server.kill()
        out, err = process.communicate(timeout=PATIENCE_SECONDS)
        said += [int(line) for line in out.split()]
    assert process.returncode == 1
    assert "JournalError" in err
    server.start()
    ticked = _ticked()
    assert ticked[: len(said)] == said
    assert ticked == list(range(len(ticked)))
    session_on().append("ticked", f"s{len(ticked)}")


@pytest.mark.parametrize("after", [3, pytest.param(40, marks=pytest.mark.whole)])
def test_what_was_said_done_outlives_the_client(server: Server, after: int) -> None:
    """A client that is killed with -9 during ticks leaves no half of one, and nobody waits for its lock."""
    with _writer() as process:
        assert process.stdout
        said = [int(process.stdout.readline()) for _ in range(after)]
        process.send_signal(signal.SIGKILL)
        said += [int(line) for line in process.stdout.read().split()]
    session_on().append("noted", data={"note": "goes on"})
    ticked = _ticked()
    assert ticked[: len(said)] == said
    assert ticked == list(range(len(ticked)))


def test_an_open_session_outlives_a_restart(server: Server) -> None:
    """A connection that died while nobody used it is replaced: the next click is recorded at once."""
    session = session_on()
    session.append("ticked", "s0")
    server.kill()
    server.start()
    session.append("ticked", "s1")
    assert not session.refresh()
    assert _ticked() == [0, 1]


def test_the_answer_to_a_commit_is_lost(server: Server, proxy: Proxy) -> None:
    """Where the server commits and its answer is lost it is not known; the same id finds the first answer."""
    session, event_id = session_on(wait_seconds=2), events.new_id()
    _swallow_after_commit(session.journal, proxy)
    with pytest.raises(JournalError, match="not known") as told:
        session.append("ticked", "s0", event_id=event_id)
    assert not isinstance(told.value, JournalBusyError)
    assert "nothing was recorded" not in str(told.value)
    proxy.cut()
    first = session.append("ticked", "s0", event_id=event_id)
    assert first.id == event_id
    assert _ticked() == [0]


def _swallow_after_commit(journal: Journal, proxy: Proxy) -> None:
    """Lose what the server says from the moment when COMMIT is sent."""

    @sa.event.listens_for(journal.door.engine, "commit", once=True)
    def lose(_: sa.Connection) -> None:
        proxy.swallow_answers()


CLIENT = """
import os, signal, sys
from nbrunbook.project.operator import declared
from nbrunbook.project.settings import find_project
from nbrunbook.work.opening import open_session
opened = open_session(find_project(), "staging/1.0", declared("ana", "env"))
dialect = opened.journal.door.engine.dialect
commit = dialect.do_commit
def die(connection):
    commit(connection)
    os.kill(os.getpid(), signal.SIGKILL)
dialect.do_commit = die
opened.append("ticked", "s0", event_id=sys.argv[1])
"""


def test_a_client_dies_between_commit_and_answer(server: Server) -> None:
    """It is in the journal; sending the same id again gives the first answer, and there is one row."""
    event_id = events.new_id()
    process = subprocess.run([sys.executable, "-c", CLIENT, event_id], capture_output=True, timeout=PATIENCE_SECONDS)
    assert process.returncode == -signal.SIGKILL, process.stderr
    session = session_on()
    found = session.find(event_id)
    assert found is not None
    assert session.append("ticked", "s0", event_id=event_id) == found
    assert _ticked() == [0]


def test_a_server_that_is_down_is_told_at_once(server: Server, work: Workplace) -> None:
    """Where nobody listens every command is one line and exit 1, long before its wait is over."""
    server.stop()
    for command in (["status"], ["tick", "staging/1.0", "s0"], ["journal", "init"], ["work", "staging/1.0"]):
        start = time.monotonic()
        assert work.run(*command) == 1
        assert "refused" in work.err.lower()
        assert len(work.err.splitlines()) == 1
        assert time.monotonic() - start < COMMAND_WAIT_SECONDS


def test_a_stalled_network_is_given_up(server: Server, proxy: Proxy) -> None:
    """A session whose server takes the bytes and never answers gives up in its own time, and nothing was recorded."""
    session = session_on(wait_seconds=2)
    session.append("ticked", "s0")
    proxy.lose_packets()
    start = time.monotonic()
    with pytest.raises(JournalError, match="nothing was recorded"):
        session.append("ticked", "s1")
    assert time.monotonic() - start < COMMAND_WAIT_SECONDS
    with pytest.raises(JournalError):
        session.refresh()
    proxy.cut()
    proxy.mend()
    session.append("ticked", "s1")
    assert _ticked() == [0, 1]


def test_a_server_that_never_answers_is_given_up(work: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that takes the connection and says nothing is given up when the wait is over."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        start = time.monotonic()
        with pytest.raises(JournalError, match="timeout"):
            Journal.open(f"postgresql://ana@127.0.0.1:{port}/ops", wait_seconds=2)
        assert time.monotonic() - start < COMMAND_WAIT_SECONDS


def test_a_server_that_was_slow_is_waited_for(server: Server, proxy: Proxy) -> None:
    """A command outlives a server that answers late: what it was told is recorded once."""
    session = session_on(wait_seconds=30)
    session.append("ticked", "s0")
    proxy.lose_packets()
    done: list[int] = []
    waiting = threading.Thread(target=lambda: done.append(session.append("ticked", "s1").seq))
    waiting.start()
    waiting.join(timeout=3)
    assert waiting.is_alive()
    proxy.mend()
    waiting.join(timeout=PATIENCE_SECONDS)
    assert done == [3]
    assert _ticked() == [0, 1]
