"""Which steps the machine is at, and which it could not do."""

from __future__ import annotations

from dataclasses import replace

import pytest

from nbrunbook.runbook.events import Kind
from nbrunbook.runbook.running import RUN_STATES, by_state, in_short
from nbrunbook.runbook.status import Heard
from tests.runbook.test_runs import after


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ([], []),
        ([("started", "green"), ("passed", "green")], []),
        ([("started", "green"), ("failed", "green")], ["1 failed"]),
        ([("started", "green"), ("undecided", "green")], ["1 undecided"]),
        ([("started", "green"), ("stopped", "green")], []),
        ([("started", "green"), ("failed", "green"), ("ticked", "green")], []),
        ([("started", "green"), ("failed", "green"), ("abandoned", "")], []),
    ],
)
def test_what_came_out_is_told_while_it_is_open(facts: list[tuple[Kind, str]], words: list[str]) -> None:
    """A step whose last run failed, until it is settled or the runbook is closed."""
    assert [each for _, each in in_short(after(*facts))] == words


def test_what_runs_is_told_by_what_is_heard() -> None:
    """Running while words come, then unknown; the worst comes first."""
    done = after(("started", "inner"), ("started", "green"))
    inner, green = (run.id for step in ("inner", "green") if (run := done.of(step).run))
    done = replace(done, heard={inner: Heard(host="h", seconds=1), green: Heard(host="h", seconds=61)})
    assert [each for _, each in in_short(done)] == ["1 unknown", "1 running"]
    assert {state: [step.id for step in steps] for state, steps in by_state(done).items()} == {
        "unknown": ["green"],
        "running": ["inner"],
    }
    assert set(by_state(done)) <= set(RUN_STATES)
