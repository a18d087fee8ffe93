"""Real runs, each in a folder of its own; whatever a test leaves of one is ended by its own id."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from nbrunbook.automation import lock, outcome, starting
from nbrunbook.automation.outcome import Outcome
from nbrunbook.automation.run import Run
from nbrunbook.automation.schedule import Schedule
from nbrunbook.automation.stopping import PASSED_OVER, Stop
from tests.conftest import ROOT
from tests.running import made, wait_for

__all__ = ["made", "wait_for"]


def lives(pid: int) -> bool:
    """Tell whether a process runs, and is no zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False


@contextmanager
def stopping() -> Iterator[Stop]:
    """Let this process hear of a stop as a supervisor does; its signals are put back."""
    numbers = (signal.SIGTERM, signal.SIGCHLD, *PASSED_OVER)
    before = [signal.getsignal(number) for number in numbers]
    try:
        yield Stop()
    finally:
        signal.set_wakeup_fd(-1)
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)


@dataclass(frozen=True)
class Begun:
    """A run whose supervisor was begun."""

    run: Run
    pid: int

    @property
    def root(self) -> Path:
        """Where it runs; files of a test lie there."""
        return self.run.root

    def told(self, call: str) -> list[dict[str, Any]]:
        """Return what the reporter was told by now."""
        with suppress(FileNotFoundError):
            lines = (self.root / "told").read_text(encoding="utf-8").splitlines(keepends=True)
            facts = [json.loads(line) for line in lines if line.endswith("\n")]
            return [each for each in facts if each["call"] == call]
        return []

    def number(self, name: str) -> int:
        """Wait for a process id that the code wrote into a file."""
        path = self.root / name
        return int(wait_for(lambda: path.exists() and path.read_text(encoding="utf-8").strip()))

    def written(self, name: str = "written") -> str:
        """Wait for a file of the code's, and return what is in it."""
        path = self.root / name
        wait_for(path.exists)
        return path.read_text(encoding="utf-8")

    @property
    def is_over(self) -> bool:
        """Whether nothing of it lives."""
        return lock.is_free(self.run.folder)

    def outcome(self) -> Outcome:
        """Wait until nothing of it lives, and return what came out."""
        wait_for(lambda: self.is_over)
        found = outcome.read(self.run.folder, self.run.id)
        assert found, (self.run.folder / starting.PLACE).read_text(encoding="utf-8")
        return found

    def log(self) -> bytes:
        """Return what is in its log."""
        return (self.run.folder / "output.log").read_bytes()


Begin = Callable[..., Begun]


@pytest.fixture
def begin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Begin]:
    """Begin a run of code that defines `f`, in an empty folder."""
    monkeypatch.setenv("PYTHONPATH", f"{ROOT / 'src'}:{ROOT}")
    begun: list[Begun] = []

    def begin(code: str, *, timeout: int | None = None, attempts: int = 1, every: int = 0, **more: Any) -> Begun:
        run = a_run(tmp_path, code, Schedule(attempts=attempts, every_seconds=every, timeout_seconds=timeout), **more)
        with lock.held(run.folder) as handle:
            begun.append(Begun(run, starting.spawn(run, handle)))
        return begun[-1]

    yield begin
    for each in begun:
        if not each.is_over:  # its guard ends what is left of the group
            with suppress(ProcessLookupError):
                os.kill(each.pid, signal.SIGCONT)
                os.kill(each.pid, signal.SIGKILL)
            wait_for(lambda each=each: each.is_over)


def a_run(root: Path, code: str, schedule: Schedule | None = None, **more: Any) -> Run:
    """Return a run of code that defines `f`, in a folder."""
    facts = {"id": "run-1", "key": "key-1", "cells": (code,), **more}
    facts = {"function": "f", "reporter": "tests.automation.reporters:Noting", "about": {"folder": str(root)}, **facts}
    return Run(root=root, folder=root / facts["id"], schedule=schedule or Schedule(), **facts)
