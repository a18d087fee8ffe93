"""Runbooks whose steps the machine does, with real runs: what several tests begin, end and look at."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from nbrunbook.automation import lock, looking
from nbrunbook.errors import JournalBrokenError
from nbrunbook.runbook.events import Event
from nbrunbook.work.session import Session
from tests.conftest import PARAMETERS, ROOT, Workplace
from tests.making import session_on

PATIENCE_SECONDS = 90
DECLARED = f"from nbrunbook import Secret, action, check, warn\n{PARAMETERS}\ntoken: Secret = Secret('SHOP_TOKEN')"
STEPS = "- [ ] Green {#green}\n- [ ] Purge {#purge .irreversible}\n- [ ] Manual {#manual}\n"
CODE = """import os, pathlib, time

@check("green")
def look():
    print("looking", token.value)
    while pathlib.Path("hang").exists():
        time.sleep(0.01)
    if pathlib.Path("lost").exists():
        raise OSError("no route")
    if pathlib.Path("amber").exists():
        warn("health is amber")
    assert not pathlib.Path("red").exists(), "health is red"
    return "12 shards"

@action("purge")
def purge(run):
    pathlib.Path("keys").open("a").write(run.key + chr(10))
    while pathlib.Path("slow").exists():
        time.sleep(0.01)
    if pathlib.Path("odd").exists():
        raise OSError("no route")
"""
KEY = "staging/1.0"


def wait_for(what: Callable[[], Any]) -> Any:
    """Return the first true answer; fail where none comes."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not (answer := what()):
        assert time.monotonic() < deadline, f"waited {PATIENCE_SECONDS} s in vain"
        time.sleep(0.01)
    return answer


def sampled(cases: Iterable[str], *, every: int) -> list[Any]:
    """Return some cases of a fault, all of them marked `whole` but one in `every`, the first one too."""
    marks = [pytest.mark.whole]
    return [pytest.param(each, marks=marks if number % every else []) for number, each in enumerate(cases)]


@pytest.fixture
def made(work: Workplace, engine: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workplace]:
    """A runbook with a check and an action; what is left of its runs is ended."""
    monkeypatch.setenv("PYTHONPATH", f"{ROOT / 'src'}:{ROOT}")
    monkeypatch.setenv("SHOP_TOKEN", "s3cret-token")
    assert work.run("instantiate", work.template(STEPS, parameters=DECLARED, code=CODE), "-e", "staging") == 0, work.err
    yield work
    for name in ("slow", "hang"):
        (work.root / name).unlink(missing_ok=True)
    for place in looks_in(work):
        wait_for(lambda place=place: lock.is_free(place))
    with suppress(JournalBrokenError):
        _end_all()


def _end_all() -> None:
    session = session_on()
    for step in session.progress.running:
        run = session.progress.of(step.id).run
        heard = session.progress.heard[run.id] if run else None
        if heard and heard.pid and not lock.is_free(Path(heard.folder)):
            os.kill(heard.pid, signal.SIGKILL)
            wait_for(lambda heard=heard: lock.is_free(Path(heard.folder)))


def looks_in(work: Workplace) -> list[Path]:
    """Return the places of looks at checks."""
    return [each for folder in work.root.rglob(f"*nbrunbook/{looking.FOLDER}") for each in folder.iterdir()]


def begun(work: Workplace) -> tuple[Session, Event]:
    """Begin the action, which waits, in the background."""
    (work.root / "slow").touch()
    assert work.run("run", KEY, "purge", "--background", "--yes") == 0, work.err
    session = session_on()

    keys = work.root / "keys"

    def heard() -> bool:
        session.refresh()
        written = keys.exists() and keys.read_text(encoding="utf-8")
        return bool(written) and all(each.pid for each in session.progress.heard.values())

    wait_for(heard)
    run = session.progress.of("purge").run
    assert run
    return session, run


def killed(session: Session, run: Event) -> None:
    """Kill the supervisor of a run, and wait until nothing of it lives."""
    heard = session.progress.heard[run.id]
    os.kill(heard.pid, signal.SIGKILL)
    wait_for(lambda: lock.is_free(Path(heard.folder)))


def runs_of(work: Workplace) -> list[dict[str, Any]]:
    """Return the runs of what was printed as JSON."""
    return json.loads(work.out)["runs"]


def step_of(work: Workplace, step: str) -> dict[str, Any]:
    """Return a step as `status --json` shows it."""
    assert work.run("status", KEY, "--json") == 0, work.err
    return next(each for each in json.loads(work.out)["runbooks"][0]["steps"] if each["id"] == step)


def at_once(work: Workplace, *commands: Sequence[str]) -> list[subprocess.CompletedProcess[str]]:
    """Run command lines as processes of their own at the same moment, and return what each said."""
    program = [sys.executable, "-c", "from nbrunbook.commands import main; main()"]
    pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "encoding": "utf-8"}
    begun = [subprocess.Popen([*program, *each], cwd=work.root, **pipes) for each in commands]  # type: ignore[call-overload]
    found = []
    for each in begun:
        out, err = each.communicate(timeout=PATIENCE_SECONDS)
        found.append(subprocess.CompletedProcess(each.args, each.returncode, out, err))
    return found
