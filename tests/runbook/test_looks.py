"""Looks: which results of a check are news, and what becomes of the step."""

from __future__ import annotations

from dataclasses import replace

import pytest

from nbrunbook.runbook import looks
from nbrunbook.runbook.events import Kind
from nbrunbook.runbook.progress import Progress
from nbrunbook.runbook.words import state_words, step_view
from tests.making import clock, event, with_event
from tests.runbook.test_runs import after

PASSED: list[tuple[Kind, str]] = [("started", "green"), ("passed", "green")]
FAILED: list[tuple[Kind, str]] = [("started", "green"), ("failed", "green")]


def _news(done: Progress, kind: str, step: str = "green") -> bool:
    return looks.is_news(done, step, kind, after=done.seq)


@pytest.mark.parametrize(
    ("before", "kinds"),
    [
        (PASSED, {"warned", "failed", "undecided"}),
        (FAILED, {"passed", "warned", "undecided"}),
        ([*PASSED, ("signed_off", "")], {"warned", "failed", "undecided"}),
        ([*PASSED, ("signed_off", ""), ("failed", "green")], {"passed", "warned", "undecided"}),
        ([("ticked", "green")], {"passed", "warned", "failed", "undecided"}),
        ([*FAILED, ("ticked", "green")], {"passed", "warned", "undecided"}),
        ([("started", "green")], set()),
        ([("skipped", "green")], set()),
        ([], set()),
        ([*PASSED, ("abandoned", "")], set()),
    ],
)
def test_only_another_result_is_news(before: list[tuple[Kind, str]], kinds: set[str]) -> None:
    """Another kind of result than the one that is known; none of a stopped one, nor where a run goes on or none was."""
    done = after(*before)
    assert {kind for kind in ("passed", "warned", "failed", "undecided", "stopped") if _news(done, kind)} == kinds
    assert not _news(done, "failed", "purge")
    assert not _news(done, "failed", "no-such-step")


def test_what_is_older_than_the_step_is_no_news() -> None:
    """A look that began before somebody did something with the step saw what was before that."""
    done = after(*FAILED, ("ticked", "green"))
    assert not looks.is_news(done, "green", "passed", after=2)
    assert _news(done, "passed")


def test_a_result_without_a_run_changes_the_step() -> None:
    """As that of a run does: it is open where a check that passed fails, and done where it passes."""
    failed = with_event(after(*PASSED), event("failed", "green", seq=9, message="health is red"))
    state = failed.of("green")
    assert (state.status, state.runs, state.failures) == ("open", 2, 1)
    passed = with_event(failed, event("passed", "green", seq=10))
    assert passed.of("green").status == "done"


def test_since_when_it_is_open_again_is_told() -> None:
    """Besides what came out last."""
    failed = with_event(after(*PASSED), event("failed", "green", seq=9))
    again = with_event(with_event(failed, event("started", "green", seq=10)), event("failed", "green", seq=11))
    line = step_view(again, again.plan.by_id["green"], clock())["line"]
    assert line.startswith("open again since it failed, 22 Nov 14:02 UTC · failed, run by ana (declared), ")


def test_what_an_operator_did_by_hand_stays() -> None:
    """What never passed is no regression: it is only told; once it has passed, it is one."""
    by_hand = after(("ticked", "green"), reason="the check is broken")
    told = with_event(by_hand, event("failed", "green", seq=9, message="health is red"))
    assert told.of("green").status == "done"
    assert "failed, run by" in step_view(told, told.plan.by_id["green"], clock())["line"]
    passed = with_event(told, event("passed", "green", seq=10))
    assert with_event(passed, event("failed", "green", seq=11)).of("green").status == "open"


def test_after_the_sign_off_it_is_only_told() -> None:
    """The step and the runbook stay as they were signed off; what fails since is told, and no more once it passes."""
    signed = after(*PASSED, ("signed_off", ""))
    failing = with_event(signed, event("failed", "green", seq=9, message="health is red"))
    assert (failing.state, failing.of("green").status) == ("signed_off", "done")
    assert state_words(failing, clock()).endswith("; since 22 Nov its check 'green' fails")
    assert "since the sign-off: failed, run by" in step_view(failing, failing.plan.by_id["green"], clock())["line"]
    again = with_event(failing, event("passed", "green", seq=10))
    assert looks.failing(again) == []
    assert "since the sign-off: passed, run by" in step_view(again, again.plan.by_id["green"], clock())["line"]
    assert with_event(signed, event("failed", "manual", seq=9)).of("manual") == signed.of("manual")


def test_its_sign_says_what_it_came_to_since() -> None:
    """A row is not green while its check fails, says what is wrong apart from its line, and is green once it passes."""
    signed = after(*PASSED, ("signed_off", ""))
    failing = with_event(signed, event("failed", "green", seq=9, message="health is red"))
    row = step_view(failing, failing.plan.by_id["green"], clock(), apart=True)
    assert (row["run"]["is"], row["run"]["said"], row["status"]) == ("failed", "health is red", "done")
    assert "health is red" not in row["line"]
    again = with_event(failing, event("passed", "green", seq=10))
    assert step_view(again, again.plan.by_id["green"], clock(), apart=True)["run"]["is"] == "passed"


def test_reopening_makes_it_known() -> None:
    """What failed since the sign-off is open once somebody reopens the runbook; what passes is done as it was."""
    failing = with_event(after(*PASSED, ("signed_off", "")), event("failed", "green", seq=9))
    opened = with_event(failing, event("reopened", seq=10, reason="r"))
    state = opened.of("green")
    assert (state.status, state.since, state.last and state.last.kind) == ("open", None, "failed")
    again = with_event(with_event(failing, event("passed", "green", seq=10)), event("reopened", seq=11, reason="r"))
    assert again.of("green").status == "done"


def test_who_may_look() -> None:
    """A check only; in an open runbook as it may be run, after the sign-off unless it was skipped."""
    done = after(*PASSED)
    by_id = done.plan.by_id
    assert looks.refusal(done, by_id["purge"], clock()) == "it is no check"
    assert looks.refusal(done, by_id["green"], clock()) is None
    assert looks.refusal(replace(done, state="abandoned"), by_id["green"], clock()) is not None
    running, signed = after(("started", "green")), after(("skipped", "inner"), ("signed_off", ""))
    assert str(looks.refusal(running, by_id["green"], clock())).startswith("it runs, started by ana")
    assert looks.refusal(signed, by_id["green"], clock()) is None
    assert str(looks.refusal(signed, by_id["inner"], clock())).startswith("already skipped by ana")


def test_many_that_fail_are_counted() -> None:
    """The first three are named."""
    found = [event("failed", f"check-{number}") for number in range(5)]
    assert looks.all_words(found, clock())[2:] == ["since 22 Nov its check 'check-2' fails", "and 2 more"]
