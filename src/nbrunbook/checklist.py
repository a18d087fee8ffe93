"""An address that never moves: the cells of every runbook ever made import `runbook` from here."""

from __future__ import annotations

from nbrunbook.jupyter.cells import runbook

__all__ = ["runbook"]
