"""Starting: begins a run's supervisor, from a kernel, a command line, a web process or cron alike."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager

from nbrunbook.automation.run import Run
from nbrunbook.errors import NbrunbookError, RefusedError
from nbrunbook.texts import listed

SUPERVISOR = "from nbrunbook.automation.supervisor import main; main()"
PLACE = "supervisor.log"
"""What the supervisor itself has to say: faults of ours, and of the journal."""


def missing_secrets(names: Iterable[str]) -> tuple[str, ...]:
    """Return those of some environment variables that are not set here, or empty."""
    return tuple(name for name in names if not os.environ.get(name))


def spawn(run: Run, lock: int, supervisor: str = SUPERVISOR) -> int:
    """Begin a run's supervisor, and return its process id; it lives on when this process ends.

    `lock` is what `lock.held` gave for the run's folder: the supervisor keeps it. RefusedError for a folder in which a
    run was begun before, however that ended; NbrunbookError for a secret that is not there, OSError where no process
    can be begun (a full disk, no root): then nothing has begun.
    """
    absent = missing_secrets(run.secrets)
    if absent:
        found = f"secrets that are not set here: {listed(absent)}"
        raise NbrunbookError(found, "environment variables with a value", "set them where the run is started")
    own = run.folder / PLACE
    try:
        own.touch(0o600, exist_ok=False)
    except FileExistsError:
        raise RefusedError("this run cannot begin", "it has begun before") from None
    try:
        process = _begun(run, lock, supervisor)
    except BaseException:
        own.unlink()
        raise
    threading.Thread(target=process.wait, daemon=True).start()  # or a kernel would be full of zombies
    return process.pid


def _begun(run: Run, lock: int, supervisor: str) -> subprocess.Popen[bytes]:
    with tempfile.TemporaryFile() as request, (run.folder / PLACE).open("ab") as log, _without(signal.SIGTERM):
        request.write(run.to_json().encode())
        request.flush()
        return subprocess.Popen(
            [sys.executable, "-P", "-c", supervisor, str(lock)],
            stdin=request,
            stdout=log,
            stderr=log,
            cwd=run.root,
            env=_passed_on(os.environ),
            pass_fds=[lock],
            start_new_session=True,
        )


@contextmanager
def _without(number: signal.Signals) -> Iterator[None]:
    """Let what is begun meanwhile have a signal wait until it takes it: a stop may come before its handler."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [number])
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _passed_on(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment without what a kernel says of itself: its server's process, and where matplotlib draws."""
    return {
        name: value
        for name, value in environment.items()
        if not name.startswith("JPY_") and not (name == "MPLBACKEND" and value.startswith("module://"))
    }
