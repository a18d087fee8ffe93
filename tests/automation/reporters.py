"""A reporter that writes into a file what it is told, and fails for as long as a test wants it."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from nbrunbook.automation.outcome import Outcome
from nbrunbook.automation.supervisor import Beat


class Noting:
    """Notes each call as a line of JSON in a folder; a file `away` there means that no journal answers."""

    def __init__(self, about: Mapping[str, Any]) -> None:
        self.folder = Path(about["folder"])

    def started(self) -> None:
        """Fail where a file says so: then nothing may begin."""
        self._note({"call": "started", "pid": os.getpid()})
        if (self.folder / "refused").exists():
            raise ConnectionError("the journal does not answer")

    def beat(self, beat: Beat) -> bool:
        """Ask for a stop where a file says so."""
        self._note({"call": "beat", **asdict(beat)})
        if (self.folder / "away").exists():
            raise ConnectionError("the journal does not answer")
        return (self.folder / "stop").exists()

    def ended(self, found: Outcome, log: Path) -> None:
        """Fail as long as a file says so."""
        self._note({"call": "ended", "log": str(log), **asdict(found)})
        if (self.folder / "away").exists():
            raise ConnectionError("the journal does not answer")

    def _note(self, facts: dict[str, Any]) -> None:
        with (self.folder / "told").open("a", encoding="utf-8") as file:
            file.write(json.dumps(facts) + "\n")
        hangs = self.folder / f"hangs-{facts['call']}"
        if hangs.exists():
            hangs.open().close()  # a pipe that somebody has to open at its other end
