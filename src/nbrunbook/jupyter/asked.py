"""What a browser asks for, as the kernel takes it in, and what it gets for an answer. Pure data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from nbrunbook.project.operator import Operator
from nbrunbook.runbook.evidence import EvidenceFile

Message = Mapping[str, Any]
Reply = tuple[dict[str, Any], list[bytes]]
"""An answer, and the contents that go with it."""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """An event that a browser asks for."""

    what: str
    event_id: str
    """Made by the browser: sending it again gives the first answer."""
    step: str
    message: Message
    operator: Operator
    file: EvidenceFile | None
    """What was given as evidence; None for no file."""

    def text(self, name: str) -> str:
        """Return one of the texts that came with it; empty where it did not come."""
        return str(self.message.get(name, ""))
