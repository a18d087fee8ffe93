"""Changes that should come with a step."""

from __future__ import annotations

from pathlib import Path

from nbrunbook.template.problems import Problem
from tests.conftest import Workplace


def test_rb301_a_change_that_should_have_a_step(work: Workplace) -> None:
    """See tests/commands/test_lint.py for the whole rule: here it is only found by its id."""
    problem = Problem(id="RB301", message="3 files", path=Path("pyproject.toml"))
    assert not problem.stops
