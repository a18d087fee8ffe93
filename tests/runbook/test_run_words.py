"""What is said of runs."""

from __future__ import annotations

from dataclasses import replace

import pytest

from nbrunbook.runbook.status import Heard
from nbrunbook.runbook.words import step_view
from tests.making import clock
from tests.runbook.test_runs import after


@pytest.mark.parametrize(
    ("heard", "words"),
    [
        (Heard(host="h", seconds=3, attempt=2), "attempt 2"),
        (Heard(host="h", seconds=180), "unknown: not heard of on h for 3 min"),
        (Heard(), "unknown: nothing is heard of it"),
    ],
)
def test_what_is_heard_is_told(heard: Heard, words: str) -> None:
    """A run is shown with its attempt, and as unknown where nothing was heard of it for a minute."""
    done = after(("started", "green"))
    run = done.of("green").run
    assert run
    view = step_view(replace(done, heard={run.id: heard}), done.plan.by_id["green"], clock())
    assert "running for " in view["line"]
    assert "started by ana (declared)" in view["line"]
    assert words in view["line"]
