"""What is said of runs."""

from __future__ import annotations

from dataclasses import replace

import pytest

from nbrunbook.runbook import run_words
from nbrunbook.runbook.automation import Automation
from nbrunbook.runbook.batch_facts import BatchFacts
from nbrunbook.runbook.status import Heard, StepState
from nbrunbook.runbook.words import step_view
from tests.making import clock
from tests.runbook.test_runs import after


@pytest.mark.parametrize(
    ("heard", "words"),
    [
        (Heard(host="h", seconds=3, attempt=2), "running for 0 s, started by ana (declared), attempt 2"),
        (Heard(host="h", seconds=180), "unknown: not heard of on h for 3 min, started by ana (declared), 22 Nov"),
        (Heard(), "unknown: nothing is heard of it, started by ana (declared), 22 Nov"),
    ],
)
def test_what_is_heard_is_told(heard: Heard, words: str) -> None:
    """A run is shown with its attempt, and as unknown where nothing was heard of it for a minute."""
    done = after(("started", "green"))
    run = done.of("green").run
    assert run
    view = step_view(replace(done, heard={run.id: heard}), done.plan.by_id["green"], clock())
    assert view["line"].startswith(words)


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (StepState(runs=2), "2nd run"),
        (StepState(runs=3, failures=2), "3rd run, twice without passing"),
        (StepState(runs=11, failures=1), "11th run, once without passing"),
        (StepState(runs=121, failures=7), "121st run, 7 times without passing"),
        (StepState(runs=1_113), "1,113th run"),
    ],
)
def test_runs_are_counted(state: StepState, words: str) -> None:
    """Which run the last one was, and how many did not pass."""
    assert run_words.attempts(state) == words


@pytest.mark.parametrize(
    ("seconds", "words"), [(-3, "0 s"), (0.4, "0 s"), (59.9, "59 s"), (60, "1 min"), (7_300, "2 h 2 min")]
)
def test_a_run_that_has_just_begun_is_told_in_seconds(seconds: float, words: str) -> None:
    """Nobody waits a minute to see that something goes on."""
    assert run_words.elapsed(seconds) == words


def test_a_batch_says_where_it_goes_and_how() -> None:
    """Where there are many databases, some of their names; of its options what does not go without saying."""
    facts = BatchFacts(
        databases=("eu", "us", "asia", "africa"), target_seconds=2.0, on_error="quarantine", max_errors=9
    )
    words = run_words.how("batch", Automation(function="fill", fingerprint="0", batch=facts))
    assert words == "batch: eu, us, asia and 1 more, chunks of 2s, leaves out rows that are refused, at most 9 of them"
