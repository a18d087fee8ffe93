"""An offer: one thing that an operator can click. Pure data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

SURE = "This cannot be undone."


@dataclass(frozen=True, kw_only=True)
class Offer:
    """One thing that can be clicked."""

    ask: str
    words: str = ""
    """What its button says; empty where only the box asks for it."""
    question: str = ""
    """What an operator has to give a reason for, or to confirm, first; empty where a click is enough."""
    sure: str = ""
    """What is told before it, for a second click; empty where one is enough."""
    only_for: str = ""
    """The one operator to whom it is offered; empty for everybody."""
    not_for: str = ""
    """The one operator to whom it is not offered."""
    held: str = ""
    """Why its button is there and cannot be pressed yet, in words."""

    def as_json(self) -> dict[str, Any]:
        """Return what is said of it: a runbook has thousands, so what is empty is left out."""
        return {name: value for name, value in vars(self).items() if value}
