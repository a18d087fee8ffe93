"""The journal, the disk or the clock fail a run between its start and its end; what came out is known afterwards."""

from __future__ import annotations

import os
import resource
import signal
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from nbrunbook.automation import asking, beginning, lock, outcome
from nbrunbook.errors import JournalError
from nbrunbook.project.settings import find_project
from nbrunbook.runbook import events, words
from tests.automation.conftest import lives
from tests.automation.effects import acts, at, check_truth, child, effects, heard, last, pressed, settle, touch
from tests.conftest import Workplace
from tests.databases import QUICK, Server
from tests.making import clock, raw_journal, session_on
from tests.running import KEY, sampled, wait_for
from tests.small_disks import fill, small_disk

__all__ = ["acts"]
pytestmark = pytest.mark.faults


def tried(work: Workplace, times: int) -> None:
    """Wait until a supervisor has tried to tell the end so often."""
    wait_for((work.root / f"tried-{times}").exists)


def let_go(work: Workplace, *names: str) -> None:
    """Take away what functions and halting.py wait at."""
    for name in names:
        (work.root / name).unlink()


# The journal


def test_a_journal_that_is_locked_gets_the_end_later(acts: Workplace) -> None:
    """For longer than anybody waits for it: the end is in the file meanwhile, and is told once it answers."""
    touch(acts, "slow")
    session, begun = pressed()
    child(acts)
    with raw_journal() as raw:
        raw.lock()
        let_go(acts, "slow")
        tried(acts, 2)
        found = outcome.read(begun.folder, begun.run)
        assert found
        assert found.kind == "passed"
        assert not lock.is_free(begun.folder)
    wait_for(lambda: last(session) == "passed")
    settle(acts)


def test_a_journal_that_is_locked_when_somebody_presses(acts: Workplace) -> None:
    """Nothing has begun, nothing is recorded, and the folder that is left is in nobody's way."""
    with raw_journal() as raw:
        raw.lock()
        with pytest.raises(JournalError):
            beginning.begin(session_on(wait_seconds=0.2), find_project(), "act")
    assert [event.kind for event in session_on().events] == ["opened"]
    assert effects(acts) == []
    settle(acts)


@pytest.mark.on("sqlite")
def test_a_journal_that_is_gone_gets_the_end_when_it_is_back(acts: Workplace) -> None:
    """Its file was moved away, and is put back."""
    touch(acts, "slow")
    session, _ = pressed()
    child(acts)
    wait_for(lambda: heard(session).pid)
    place = acts.root / ".nbrunbook" / "journal.db"
    place.rename(acts.root / "moved.db")
    let_go(acts, "slow")
    tried(acts, 2)
    (acts.root / "moved.db").rename(place)
    wait_for(lambda: last(session) == "passed")
    settle(acts)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch, _own_world: None) -> Iterator[Server]:
    """A PostgreSQL that may be killed; the project's journal is in it."""
    made = Server(*QUICK)
    monkeypatch.setenv("NBRUNBOOK_JOURNAL", made.with_schema())
    yield made
    made.close()


@pytest.mark.database
@pytest.mark.on("sqlite")
@pytest.mark.parametrize(
    "point", sampled(["in the function", "loaded", "heard", "written", "ended", "recorded"], every=3)
)
def test_postgresql_is_killed(server: Server, acts: Workplace, point: str) -> None:
    """And started again once the run has got on: before it began nothing has run, else what came out is told."""
    touch(acts, "slow" if point == "in the function" else f"halt-{point}")
    session, begun = pressed()
    child(acts) if point == "in the function" else at(acts, point)
    server.kill()
    for each in [acts.root / "slow", acts.root / f"halt-{point}"]:
        each.unlink(missing_ok=True)
    if point == "loaded":  # nobody can be told: the next one who looks is
        wait_for(lambda: lock.is_free(begun.folder))
    elif point != "recorded":
        tried(acts, 2)
    server.start()
    asking.catch_up(session)
    wait_for(lambda: last(session))
    assert last(session) == ("undecided" if point == "loaded" else "passed")
    assert [word for word, _ in effects(acts)] == ([] if point == "loaded" else ["began", "done"])
    settle(acts)


# The disk


@pytest.mark.on("sqlite")
@pytest.mark.parametrize("when", ["before", "in the function"])
def test_a_full_disk_loses_nothing(work: Workplace, engine: str, request: pytest.FixtureRequest, when: str) -> None:
    """Neither the outcome's file nor the journal can be written, nor what is wrong: it is told once there is room."""
    with small_disk(work.root / ".nbrunbook", 3) as mounted:
        if not mounted:
            pytest.skip("no disk may be mounted here: a limit on the size of files stands for it in the test beside")
        made: Workplace = request.getfixturevalue("acts")
        if when == "before":
            filler = fill(made.root / ".nbrunbook")
            assert made.run("run", KEY, "act", "--yes") == 1
            assert "Traceback" not in made.err
            filler.unlink()
            assert last(session_on()) in (None, "undecided")
            assert effects(made) == []
        else:
            touch(made, "slow")
            session, begun = pressed()
            child(made)
            filler = fill(made.root / ".nbrunbook")
            let_go(made, "slow")
            tried(made, 2)
            assert outcome.read(begun.folder, begun.run) is None
            filler.unlink()
            wait_for(lambda: last(session) == "passed")
        settle(made)


def test_a_supervisor_that_may_write_nothing_loses_nothing(acts: Workplace) -> None:
    """Not even into its own log; where the journal lies elsewhere, that is told all the same."""
    touch(acts, "slow")
    session, begun = pressed()
    child(acts)
    pid = wait_for(lambda: heard(session).pid)
    before = resource.prlimit(pid, resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
    let_go(acts, "slow")
    if not find_project().journal.startswith("sqlite"):
        wait_for(lambda: last(session) == "passed")
    else:
        tried(acts, 2)
        assert lives(pid)
        assert outcome.read(begun.folder, begun.run) is None
        resource.prlimit(pid, resource.RLIMIT_FSIZE, before)
        wait_for(lambda: last(session) == "passed")
    settle(acts)


# The clocks


@pytest.mark.parametrize("hours", [2, -2])
def test_a_computer_that_slept_takes_all_back(acts: Workplace, hours: int) -> None:
    """The database's clock has gone on, or was put back, before anybody was heard of: unknown, until the next word."""
    touch(acts, "slow")
    session, _ = pressed()
    child(acts)
    pid = wait_for(lambda: heard(session).pid)
    os.kill(pid, signal.SIGSTOP)
    wait_for(lambda: "T" in Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0])
    with raw_journal() as raw:
        raw.execute(f"UPDATE run SET seen_at = seen_at - {3600 * hours}")
    assert heard(session).is_unknown
    assert acts.run("run", KEY, "act", "--it-did-not", "--reason", "I looked", "--host-is-gone") == 1
    os.kill(pid, signal.SIGCONT)
    wait_for(lambda: not heard(session).is_unknown)
    let_go(acts, "slow")
    wait_for(lambda: last(session) == "passed")
    settle(acts)


@pytest.mark.on("sqlite")
@pytest.mark.parametrize("timeout", [None, 3600])
def test_all_clocks_jump(acts: Workplace, monkeypatch: pytest.MonkeyPatch, timeout: int | None) -> None:
    """By two hours, the monotonic one as well: only a run that has a time is out of it, and says so."""
    monkeypatch.setitem(beginning.begin.__kwdefaults__, "reporter", "tests.automation.halting:Jumping")
    touch(acts, "slow", "jump")
    session = session_on()
    beginning.begin(session, find_project(), "act", timeout=timeout)
    wait_for(lambda: not (acts.root / "jump").exists())
    if timeout is None:
        let_go(acts, "slow")
    wait_for(lambda: last(session))
    assert last(session) == ("undecided" if timeout else "passed")
    found = session.progress.of("act").last
    assert found
    assert float(found.data["seconds"]) > 7200


def test_a_session_whose_clock_is_wrong_reads_the_same_story(acts: Workplace) -> None:
    """Who looks with a clock of yesterday or tomorrow sees what runs, and in order."""
    touch(acts, "slow")
    session, _ = pressed()
    child(acts)
    heard(session)
    for days in (-1, 1):
        said = words.line(session.progress.of("act"), clock(events.now() + timedelta(days=days)))
        assert said.startswith(f"running for {'1 d' if days > 0 else '0 s'}, started by ana")
    session.clock = lambda: events.now() - timedelta(days=1)
    session.append("noted", "act", data={"note": "of yesterday"})
    let_go(acts, "slow")
    wait_for(lambda: last(session) == "passed")
    check_truth(acts)
