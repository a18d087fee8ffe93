"""Runs that halt at a named point, in whatever process that is, so that a test can kill or freeze somebody there."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from nbrunbook.automation import beginning, outcome, starting, traces
from nbrunbook.automation.outcome import Outcome
from nbrunbook.automation.reporting import Reporting
from nbrunbook.automation.supervisor import Beat
from nbrunbook.project.settings import find_project
from nbrunbook.work import runs
from tests.making import session_on

REPORTER = "tests.automation.halting:Halting"
OF_STARTER = ("pressed", "started")
"""Before `started` is in the journal, and after it, before the supervisor begins."""
BEFORE_CHILD = ("loaded", "heard")
"""In the supervisor: before it says that it is there, and after it, before the child begins."""
AFTER_CHILD = ("ended", "written", "recorded")
"""After the function before the outcome's file, after the file before the journal, after the journal."""


def halt(root: Path, point: str) -> None:
    """Halt where a file `halt-POINT` says so, until it is gone; `at-POINT` says whose process did."""
    if (root / f"halt-{point}").exists():
        (root / f"at-{point}.new").write_text(str(os.getpid()), encoding="utf-8")
        (root / f"at-{point}.new").rename(root / f"at-{point}")
        while (root / f"halt-{point}").exists():
            time.sleep(0.01)


class Halting(Reporting):
    """Tells the journal, and halts in between."""

    def __init__(self, about: Mapping[str, Any]) -> None:
        self.root, self.tried = Path(about["root"]), 0
        halt(self.root, "loaded")
        super().__init__(about)
        written = outcome.write
        outcome.write = _after("ended", written, self.root)  # type: ignore[assignment]
        cleared = traces.clear
        traces.clear = _after("recorded", cleared, self.root)  # type: ignore[assignment]

    def started(self) -> None:
        """Halt when that is told."""
        super().started()
        halt(self.root, "heard")

    def ended(self, found: Outcome, log: Path) -> None:
        """Halt before that is told; `tried-N` says how often it was tried."""
        self.tried += 1
        (self.root / f"tried-{self.tried}").touch()
        halt(self.root, "written")
        super().ended(found, log)


def _after(point: str, what: Callable[..., None], root: Path) -> Callable[..., None]:
    def then(*args: object) -> None:
        halt(root, point)
        what(*args)

    return then


class Jumping(Halting):
    """All clocks of the supervisor's go on by two hours once a file `jump` is there, as on a machine that was moved."""

    def beat(self, beat: Beat) -> bool:
        """Jump, once."""
        if (self.root / "jump").exists():
            (self.root / "jump").unlink()
            monotonic, seconds = time.monotonic, time.time
            time.monotonic = lambda: monotonic() + 7200  # type: ignore[assignment]
            time.time = lambda: seconds() + 7200  # type: ignore[assignment]
            os.kill(os.getpid(), signal.SIGCHLD)  # as the system's timers would, wakes whoever waits
        return super().beat(beat)


def press() -> None:
    """Press the button of a step, as a kernel does, and then wait for ever: the process that a test kills."""
    step, root = sys.argv[1], Path.cwd()
    begin, spawn = runs.begin, starting.spawn

    def begun(*args: Any, **more: Any) -> Any:
        halt(root, "pressed")
        return begin(*args, **more)

    def spawned(*args: Any) -> int:
        halt(root, "started")
        return spawn(*args)

    runs.begin, starting.spawn = begun, spawned  # type: ignore[assignment]
    session = session_on(wait_seconds=60)
    halt(root, "ready")
    try:
        print("begun", beginning.begin(session, find_project(), step, reporter=REPORTER).run, flush=True)
    except Exception as error:  # said to the test that reads it
        print("refused", type(error).__name__, error, flush=True)
    sys.stdin.read()
