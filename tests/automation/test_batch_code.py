"""A batch's code where it is worked on."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from nbrunbook.automation import batch_code
from nbrunbook.runbook.board import status_from_json
from tests.automation.test_batch_child import facts

__all__ = ["facts"]


def test_a_slice_takes_and_gives_plain_data(facts: dict[str, Any], tmp_path: Path) -> None:
    """So it may be called anywhere; the code is loaded once."""
    (tmp_path / "eu.db").touch()
    run = json.dumps(facts)
    found = [status_from_json(json.loads(batch_code.slice_of(run, "eu", 1.0, None, 0, nonce))) for nonce in "ab"]
    assert [each.state for each in found] == ["done", "done"]
    assert len(batch_code._loaded) == 1
