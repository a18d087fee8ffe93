"""An address that never moves: the cells of every runbook ever made import `runbook` from here."""

from __future__ import annotations

from nbrunbook import extras

extras.require("ci", "a runbook cannot go live in this kernel")

from nbrunbook.jupyter.cells import runbook  # noqa: E402 - it needs what is asked for above

__all__ = ["runbook"]
