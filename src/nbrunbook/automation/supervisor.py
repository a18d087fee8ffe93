"""The supervisor: a process in a session of its own that runs a step's function in a child, and tells of it.

It reads what the child writes, ends it when its time is over, writes down what came out, and then reports that, for as
long as it takes. All clocks are `time.monotonic`: see schedule.py.
"""

from __future__ import annotations

import importlib
import os
import sys
import threading
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from math import inf
from pathlib import Path
from typing import Protocol

from nbrunbook.automation import outcome, output
from nbrunbook.automation.attempt import Attempt, Ended
from nbrunbook.automation.outcome import Outcome
from nbrunbook.automation.output import Output
from nbrunbook.automation.run import Run, run_from_json
from nbrunbook.automation.stopping import Stop
from nbrunbook.errors import NbrunbookError, bug, one_line
from nbrunbook.texts import short

BEAT_SECONDS = 1.0
GONE_SECONDS, JOURNAL_GONE_SECONDS = 5.0, 120.0
"""After how long a project's folder that is not there is gone, and the file of a journal."""
FIRST_RETRY_SECONDS, LAST_RETRY_SECONDS = 0.5, 60.0


@dataclass(frozen=True, kw_only=True)
class Beat:
    """What is to be told of a run that goes on."""

    lines: tuple[str, ...]
    """The last that it wrote; masked."""
    attempt: int
    """Counted from 1; 0 before the first."""


class Reporter(Protocol):
    """What a supervisor tells. It is called in one thread at a time, and may take as long as it likes."""

    def started(self) -> None:
        """Nothing has begun yet; where this raises, nothing does, and `ended` says why."""

    def beat(self, beat: Beat) -> bool:
        """Called with the first that it writes, and each second while it runs; return whether it is to be stopped.

        What it raises is passed over.
        """

    def ended(self, found: Outcome, log: Path) -> None:
        """Called again until it does not raise; `log` may be missing, where the disk was full."""


def main(make: type[Supervised] | None = None) -> None:
    """Supervise the run that stdin says; the one argument is the number of its lock, which is held already.

    `make` is how it is run: as one function, where nothing is said.
    """
    request = os.dup(0)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    run = run_from_json(os.pread(request, os.fstat(request).st_size, 0))
    module, _, name = run.reporter.partition(":")
    try:
        reporter = getattr(importlib.import_module(module), name)(run.about)
    except Exception as error:  # nobody can be told; whoever looks into its folder is
        found = outcome.undecided(f"it never began: nobody could be told of it ({type(error).__name__}: {error})")
        outcome.write(run.folder, run.id, replace(found, attempts=0))
        raise
    supervise(run, reporter, request, int(sys.argv[1]), make)


def supervise(run: Run, reporter: Reporter, request: int, lock: int, make: type[Supervised] | None = None) -> None:
    """Run it, write down what came out, and report that. Called in a process's main thread."""
    stop = Stop()
    supervised = (make or Supervised)(run, reporter, request, lock, stop)
    beats = _Beats(supervised, stop)
    found = supervised.outcome(reporter.started, beats.begin)
    write = partial(outcome.write, run.folder, run.id, found)
    tell = partial(reporter.ended, found, run.folder / output.PLACE)
    written = _done(write)
    beats.end()
    _retry(tell, stop, Gone(run), write=None if written else write)


class Supervised:
    """A run in this process's hands."""

    beat_seconds = BEAT_SECONDS

    def __init__(self, run: Run, reporter: Reporter, request: int, lock: int, stop: Stop) -> None:
        self.run, self.reporter, self.request, self.lock, self.stop = run, reporter, request, lock, stop
        self.secrets = [os.environ[name] for name in run.secrets if name in os.environ]
        self.output = Output(run.folder, self.secrets)
        self.attempt = 0
        self.has_written = threading.Event()

    def tell(self) -> bool:
        """Tell how it goes on, and return whether it is to be stopped; called in another thread."""
        return self.reporter.beat(Beat(lines=self.output.last_lines(), attempt=self.attempt))

    def outcome(self, *before: Callable[[], None]) -> Outcome:
        """Do what comes before it, run it, and return what came out; a fault of our own comes out, too."""
        began_at = time.monotonic()
        try:
            for each in before:
                each()
            began_at = time.monotonic()
            found = self.attempts(began_at)
        except Exception as error:
            _say_why()
            text = str(error) if isinstance(error, NbrunbookError | OSError) else bug(error)
            found = self.masked(outcome.undecided(text if self.attempt else f"it never began: {text}"))
        seconds = round(time.monotonic() - began_at, 3)
        self.output.close()
        return replace(found, seconds=seconds, attempts=self.attempt, output=self.output.text())

    def attempts(self, began_at: float) -> Outcome:
        """Run it as often as its schedule says, and return what came out."""
        schedule = self.run.schedule
        deadline = schedule.deadline(began_at)
        next_at: float | None = began_at
        found = outcome.undecided("")
        while next_at is not None:
            self.stop.wait(next_at)
            if self.stop.asked:
                return self.found(("stop", found))
            self.attempt += 1
            attempt_at = time.monotonic()
            ended = Attempt(self.run.root, self.request, self.lock).wait(self.fed, self.stop, deadline)
            self.output.end_attempt()
            found = self.found(ended)
            next_at = schedule.next_at(
                found.kind, self.attempt, began_at=began_at, attempt_at=attempt_at, now=time.monotonic()
            )
            if next_at is not None:
                about = short(one_line(found.message or ""), 200)
                self.output.say(f"[attempt {self.attempt} of {schedule.attempts} {found.kind}: {about}]")
        return found

    def fed(self, chunk: bytes) -> None:
        """Take what it writes."""
        self.output.feed(chunk)
        self.has_written.set()

    def masked(self, found: Outcome) -> Outcome:
        """Return it without the values of secrets."""
        return outcome.masked(found, self.secrets)

    def found(self, ended: Ended) -> Outcome:
        """What came out; whoever was ended said at most where it was then."""
        by, said = ended[0], self.masked(ended[1])
        if by == "stop":
            return replace(said, kind="stopped", message="a stop was asked for")
        if by == "timeout":
            most = self.run.schedule.timeout_seconds
            return replace(said, kind="undecided", message=f"it did not come to its end within {most} s")
        return said


class _Beats:
    """Tells a reporter each second how a run goes on, in a thread: a journal may take as long as it likes."""

    def __init__(self, supervised: Supervised, stop: Stop) -> None:
        self._supervised, self._stop, self._at_once = supervised, stop, supervised.has_written
        self._gone = Gone(supervised.run)
        self._thread = threading.Thread(target=self._go_on, daemon=True)
        self._is_over = threading.Event()

    def begin(self) -> None:
        """Begin to tell."""
        self._thread.start()

    def end(self) -> None:
        """Wait for the last one: whoever is told is told one thing at a time."""
        self._is_over.set()
        self._at_once.set()
        if self._thread.ident:
            self._thread.join()

    def _go_on(self) -> None:
        self._at_once.wait(self._supervised.beat_seconds)
        while not self._is_over.is_set():
            try:
                if self._gone.is_certain or self._supervised.tell():
                    self._stop.ask()
            except Exception:  # the journal is away: the run goes on
                _say_why(limit=1)
            self._is_over.wait(self._supervised.beat_seconds)


def _retry(tell: Callable[[], None], stop: Stop, gone: Gone, *, write: Callable[[], None] | None) -> None:
    """Tell until that is done, more and more slowly; SIGTERM ends it once nothing is left to `write`.

    So a machine shuts down at once, and whoever looks into the run's folder can tell what came out.
    Where the project is gone, nobody ever will.
    """
    stop.asked, pause = False, FIRST_RETRY_SECONDS
    while not _done(tell):
        if write and _done(write):
            write = None
        stop.wait(time.monotonic() + pause)
        if gone.is_certain or (stop.asked and not write):
            break
        pause = min(2 * pause, LAST_RETRY_SECONDS)


class Gone:
    """Whether a run's project was taken away, or the file of its journal: nobody is left then who could be told."""

    def __init__(self, run: Run) -> None:
        journal = {Path(run.journal): JOURNAL_GONE_SECONDS} if run.journal else {}
        self._patience = {run.root: GONE_SECONDS, **journal}
        self._since = dict.fromkeys(self._patience, inf)

    @property
    def is_certain(self) -> bool:
        """Whether one of them has been away for long: somebody may just be moving it."""
        now = time.monotonic()
        for place, since in self._since.items():
            self._since[place] = inf if os.path.lexists(place) else min(since, now)
        return any(now - self._since[place] >= seconds for place, seconds in self._patience.items())


def _done(what: Callable[[], None]) -> bool:
    try:
        what()
    except Exception:
        _say_why(limit=1)
        return False
    return True


def _say_why(*, limit: int | None = None) -> None:
    """Write a traceback into our log; a disk that is full must not end what it keeps from being written."""
    with suppress(OSError):
        traceback.print_exc(limit=limit)
