"""A runbook whose functions leave a trace outside of any journal, and what has to hold whatever is killed or frozen."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from nbrunbook.automation import asking, beginning, lock
from nbrunbook.automation.beginning import Begun
from nbrunbook.project.settings import find_project
from nbrunbook.runbook import status
from nbrunbook.runbook.events import Event
from nbrunbook.runbook.status import Heard
from nbrunbook.work.session import Session
from tests.automation import halting
from tests.conftest import PARAMETERS, ROOT, Workplace
from tests.making import session_on
from tests.running import KEY, wait_for

DECLARED = f"from nbrunbook import action, check\n{PARAMETERS}"
STEPS = "- [ ] Act {#act}\n- [ ] Look {#look}\n- [ ] By hand {#manual .optional}\n"
CODE = """import fcntl, os, time
from pathlib import Path

def effect(run, word):
    handle = os.open("effects", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.write(handle, f"{word} {run.key}\\n".encode())
    os.close(handle)

def work(run):
    alone = open("alone", "a")
    try:
        fcntl.flock(alone, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        effect(run, "overlap")
    effect(run, "began")
    Path("child").write_text(str(os.getpid()))
    while os.path.exists("slow"):
        time.sleep(0.01)
    effect(run, "done")
    return run.key

@check("look")
def look(run):
    if os.path.exists("odd.py"):
        exec(Path("odd.py").read_text(), {"run": run, "effect": effect})
    return work(run)

@action("act")
def act(run):
    return work(run)
"""
MINUTE_SECONDS = 2.0
"""What the minute is in these tests."""


@pytest.fixture
def acts(work: Workplace, engine: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workplace]:
    """A runbook with an action and a check that tell of themselves; whatever is left of their runs is ended."""
    monkeypatch.setenv("PYTHONPATH", f"{ROOT / 'src'}:{ROOT}")
    monkeypatch.setitem(beginning.begin.__kwdefaults__, "reporter", halting.REPORTER)
    monkeypatch.setattr(status, "UNKNOWN_SECONDS", MINUTE_SECONDS)
    assert work.run("instantiate", work.template(STEPS, parameters=DECLARED, code=CODE), "-e", "staging") == 0, work.err
    yield work
    for each in [work.root / "slow", *work.root.glob("halt-*")]:
        each.unlink(missing_ok=True)
    end_all(work.root)


def end_all(root: Path) -> None:
    """Kill what is left of all runs in a project's folder; what holds a lock there is nobody else's."""
    for folder in (root / ".nbrunbook" / "runs").glob("*"):
        for pid in set(lock.holders(folder)) - {os.getpid()}:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        wait_for(lambda folder=folder: lock.is_free(folder))


def touch(work: Workplace, *names: str) -> None:
    """Make some files that the functions and halting.py look for."""
    for name in names:
        (work.root / name).touch()


def at(work: Workplace, point: str) -> int:
    """Wait until somebody halts at a point, and return whose process that is."""
    place = work.root / f"at-{point}"
    wait_for(place.exists)
    return int(place.read_text(encoding="utf-8"))


def child(work: Workplace) -> int:
    """Wait until the function has begun, and return its process."""
    place = work.root / "child"
    return int(wait_for(lambda: place.exists() and place.read_text(encoding="utf-8")))


def pressed(step: str = "act") -> tuple[Session, Begun]:
    """Begin a run from here."""
    session = session_on()
    return session, beginning.begin(session, find_project(), step)


@contextmanager
def kernel(step: str = "act") -> Iterator[subprocess.Popen[str]]:
    """Begin a run from a process of its own, as a kernel does; it is ended afterwards, whatever was done to it."""
    command = [sys.executable, "-c", "from tests.automation.halting import press; press()", step]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def said(process: subprocess.Popen[str]) -> str:
    """Return what a kernel said of its run: that it has begun, or why not."""
    assert process.stdout
    return process.stdout.readline().strip()


def heard(session: Session, step: str = "act") -> Heard:
    """Return what was last heard of a step's run; it has to run."""
    session.refresh()
    run = session.progress.of(step).run
    assert run
    return session.progress.heard[run.id]


def died(session: Session, step: str = "act") -> Path:
    """Wait until nothing of a step's run lives, and return its folder."""
    folder = Path(heard(session, step).folder)
    wait_for(lambda: lock.is_free(folder))
    return folder


def effects(work: Workplace) -> list[list[str]]:
    """Return what the functions did, each a word and a key."""
    place = work.root / "effects"
    return [line.split() for line in place.read_text(encoding="utf-8").splitlines()] if place.exists() else []


def last(session: Session, step: str = "act") -> str | None:
    """Return what came out of a step's last run that has an end; None where none has."""
    session.refresh()
    found = session.progress.of(step).last
    return found.kind if found else None


def check_truth(work: Workplace) -> Session:
    """Say what is wrong with the story: two at a time, a passed that nothing did, a chain that does not hold."""
    session, did = session_on(), effects(work)
    assert "overlap" not in [word for word, _ in did], did
    started = {event.id: event for event in session.events if event.kind == "started"}
    for event in session.events:
        if event.kind in ("passed", "warned"):
            assert ["done", started[event.data["run"]].data["key"]] in did, (event, did)
    assert _one_at_a_time(session.events), [event.kind for event in session.events]
    assert session.journal.faults(session.runbook) == []
    return session


def _one_at_a_time(events: list[Event]) -> bool:
    running: dict[str, str] = {}
    for event in events:
        if event.kind == "started" and event.step in running:
            return False
        if event.kind == "started":
            running[event.step] = event.id
        elif event.data.get("run") == running.get(event.step, ""):
            del running[event.step]
    return True


def settle(work: Workplace, step: str = "act") -> None:
    """Say what became of a run that died, where nobody knows it; then it runs once more, to its end."""
    for each in [work.root / "slow", *work.root.glob("halt-*")]:
        each.unlink(missing_ok=True)
    session = check_truth(work)
    asking.catch_up(session)
    if session.progress.of(step).run:
        wait_for(lambda: heard(session, step).is_unknown)
        word = ("run", KEY, step, "--it-did-not", "--reason", "I looked")
        assert work.run(*word) == 0, work.err
    for folder in (work.root / ".nbrunbook" / "runs").glob("*"):
        os.utime(folder, (0, 0))
    more = ("--force", "--reason", "once more") if session.progress.of(step).settled and step == "act" else ()
    assert work.run("run", KEY, step, "--yes", *more) == 0, work.out + work.err
    assert last(check_truth(work), step) == "passed"
    wait_for(lambda: not list((work.root / ".nbrunbook" / "runs").glob("*")))
