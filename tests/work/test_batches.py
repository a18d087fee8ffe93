"""Runs of batches, as the journal is told of them, without any process."""

from __future__ import annotations

from pathlib import Path

import pytest

from nbrunbook.work import batches
from tests.conftest import Workplace
from tests.making import registered, session_on


def test_only_a_run_that_goes_on_is_joined(work: Workplace) -> None:
    """A step that does not run says so."""
    registered("- [ ] A {#a}")
    with pytest.raises(batches.NotRunningError, match="cannot join a: it does not run"):
        batches.join(session_on(), "a", "r", folder=Path("/none"))
