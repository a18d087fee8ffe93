"""What events of runs say in a table, and how long a run took."""

from __future__ import annotations

from dataclasses import replace

import pytest

from nbrunbook.runbook.events import Kind
from nbrunbook.runbook.past_runs import past_runs
from nbrunbook.runbook.run_facts import outcome, said, took
from tests.making import event
from tests.runbook.test_past_runs import happened


def test_a_table_tells_what_somebody_reads() -> None:
    """Value, message, how long and in how many attempts; ids are for machines, and outputs stand at the step."""
    data = {"value": "12", "message": "a\nb", "output": "x" * 70_000, "traceback": "T", "run": "r", "needs": "0.4.0"}
    found = said(event("warned", "a", **data, seconds="12.34", attempts="3"))
    assert found == {"value": "12", "message": "a ⏎ b", "took": "12.3 s, 3 attempts", "output": "70,000 characters"}
    assert said(event("started", "a", key="k", needs="0.4.0")) == {}
    forced = event("started", "a", key="k", forced="yes", reason="lost", timeout="60")
    assert said(forced) == {"reason": "lost", "forced": "run once more", "at most": "60 s"}
    word = event("ticked", "a", run="r", reason="I looked", host_is_gone="web-1")
    assert said(word) == {"an operator says": "it ran", "reason": "I looked", "host that is gone": "web-1"}


def test_other_events_are_told_as_before() -> None:
    """What is about no run has other words; of a redaction the facts of its run are left out."""
    assert said(event("ticked", "a", evidence="x")) is None
    assert said(event("redacted", seq=2, reason="x")) is None
    blank = event("redacted", "", reason="a token", run="r", key="k")
    assert said(blank) == {"reason": "a token"}


@pytest.mark.parametrize(
    ("seconds", "attempts", "words"),
    [("0.04", "1", "0.0 s"), ("99.94", "1", "99.9 s"), ("7200", "2", "2 h, 2 attempts"), ("", "1", "")],
)
def test_how_long_it_took(seconds: str, attempts: str, words: str) -> None:
    """To the tenth of a second while that says something; nothing where no machine says it."""
    assert took(event("passed", "a", seconds=seconds, attempts=attempts)) == words


@pytest.mark.parametrize("odd", ["nan", "-1", "1e99", "soon", "inf"])
def test_what_is_no_length_of_time_is_not_told(odd: str) -> None:
    """Whatever somebody wrote into the journal."""
    assert took(event("passed", "a", seconds=odd)) == ""


@pytest.mark.parametrize(
    ("end", "data", "words"),
    [
        ("passed", {}, "passed"),
        ("warned", {}, "passed with a warning"),
        ("undecided", {}, "undecided"),
        ("stopped", {"seconds": "1"}, "stopped"),
        ("stopped", {"note": "I looked"}, "did not run, an operator says"),
        ("ticked", {"run": "r"}, "ran, an operator says"),
    ],
)
def test_what_came_out(end: Kind, data: dict[str, str], words: str) -> None:
    """In a few words, also of what an operator said."""
    assert outcome(past_runs(happened(("started", "a", {}), (end, "a", data)))["a"][0]) == words


def test_a_blanked_end_still_says_how_long_and_whose_word_it_was() -> None:
    """What nobody typed is said again by its `redacted`; a word stays a word."""
    started, end = happened(("started", "a", {}), ("stopped", "a", {"note": "a secret", "run": "r"}))
    blank = replace(end, data={}, salt="")
    redacted = event("redacted", seq=3)
    redacted = replace(redacted, data={"seq": "2", "reason": "x", "run": "r"})
    run = past_runs([started, blank, redacted])["a"][0]
    assert run.is_by_word
    assert outcome(run) == "did not run, an operator says"
    timed = replace(redacted, data={"seq": "2", "reason": "x", "run": "r", "seconds": "2.5", "attempts": "1"})
    run = past_runs([started, blank, timed])["a"][0]
    assert not run.is_by_word
    assert run.end
    assert (took(run.end), run.end.redacted) == ("2.5 s", True)
