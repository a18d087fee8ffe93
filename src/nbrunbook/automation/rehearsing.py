"""Rehearsing: a check that looks in a rehearsal, whose own process is all that knows of it, and that it ends with."""

from __future__ import annotations

import os
import signal
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from nbrunbook.automation import beginning, lock
from nbrunbook.automation.beginning import LOOK_SECONDS, Begun
from nbrunbook.automation.outcome import Outcome
from nbrunbook.automation.supervisor import Beat
from nbrunbook.journal.runs import FOLDER
from nbrunbook.project.settings import Project
from nbrunbook.runbook.events import Event
from nbrunbook.work.session import Session

REPORTER = "nbrunbook.automation.rehearsing:Silent"


class Silent:
    """A `supervisor.Reporter` that tells nobody: whoever follows the run reads what came out, and writes it down."""

    def __init__(self, about: Mapping[str, Any]) -> None: ...

    def started(self) -> None:
        """Say nothing."""

    def beat(self, beat: Beat) -> bool:  # noqa: ARG002 - the protocol's
        """Say nothing; it is never to be stopped."""
        return False

    def ended(self, found: Outcome, log: Path) -> None:
        """Say nothing."""


def look(session: Session, project: Project, step_id: str, show: Callable[[bytes], None]) -> Event | None:
    """Have a check look, on a rehearsal's session, show what it writes, and return what came out.

    Raises as `beginning.begin` does. What interrupts it ends the run.
    """
    with tempfile.TemporaryDirectory(prefix="nbrunbook-rehearsal-") as folder:
        begun = beginning.begin(session, project, step_id, place=Path(folder) / FOLDER, reporter=REPORTER)
        try:
            return beginning.follow(session, begun, show)
        except BaseException:
            _end(begun)
            raise


def _end(begun: Begun) -> None:
    with suppress(ProcessLookupError):
        os.kill(begun.pid, signal.SIGTERM)
    while not lock.is_free(begun.folder):
        time.sleep(LOOK_SECONDS)
