"""Orders: what operators want of a batch that runs, as the workers of a process see it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class Orders:
    """Read before each chunk; set by whoever reads the supervisor's lines. Each field by itself is safe to set."""

    paused: bool = False
    pause_words: str = ""
    """Such as: paused by ana."""
    size: int | None = None
    """How many rows a chunk asks for; None where it follows the batch's target."""
    hold: str = ""
    """Why all hold, such as a journal that cannot be read; empty where they do not."""
    stopping: bool = False
    refused: int = 0
    """Rows that are refused in all databases, by whichever runner, as far as the journal has heard."""
