"""Warnings: how an author's function says that it passes, and that somebody should look at something."""

from __future__ import annotations

import sys

warned: list[str] = []
"""What this process warned of."""


def warn(text: str, /) -> None:
    """Let the check or action that calls it come out as *warned* where it would have passed."""
    warned.append(str(text))
    print(f"warning: {text}", file=sys.stderr)
