"""The benchmarks: each runs to its end, here at its smallest size, where no figure means anything."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parent.parent / "benchmarks"
NEEDS = {
    "start-up": [],
    "authors": [],
    "instantiate": [],
    "archive": [],
    "tick": [],
    "ledger": [pytest.mark.database],
    "opening": [pytest.mark.database],
    "runs": [],
    "batches": [pytest.mark.database],
    "together": [pytest.mark.database],
    "browser": [pytest.mark.system],
    "hostile": [],
}


def _run(topic: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "NBRUNBOOK_BENCHMARK": "smallest"}
    command = [sys.executable, BENCHMARKS / "run.py", topic]
    return subprocess.run(command, env=environment, capture_output=True, text=True)


@pytest.mark.parametrize("topic", [pytest.param(topic, marks=marks) for topic, marks in NEEDS.items()])
def test_a_benchmark_runs_to_its_end(topic: str) -> None:
    """Each topic prints what it holds us against, with the ratio."""
    ran = _run(topic)
    assert ran.returncode == 0, ran.stderr
    assert re.search(r" : .* [\d.]+ x ", ran.stdout), ran.stdout


def test_no_benchmark_is_forgotten() -> None:
    """What runs here are all the topics that there are."""
    assert _run("no-such").stderr.strip().endswith(f"there are {', '.join(NEEDS)}")
