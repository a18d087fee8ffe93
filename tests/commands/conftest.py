"""Every command that has to do with a journal is tried on both engines."""

from __future__ import annotations

import pytest

from tests.running import made

__all__ = ["made"]


@pytest.fixture(autouse=True)
def _on_both_engines(engine: str) -> None:
    """Let each test here have a journal on each engine."""
