"""Runs of steps that the machine does: what may follow what, and what becomes of a step."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from nbrunbook.project.operator import declared
from nbrunbook.runbook import replay, rules
from nbrunbook.runbook.attempt import Attempt
from nbrunbook.runbook.events import ENDS, NEEDS, Kind
from nbrunbook.runbook.offers import of_step
from nbrunbook.runbook.progress import Progress
from nbrunbook.runbook.remedies import remedy
from nbrunbook.runbook.status import RUNS, STATUSES, Heard
from nbrunbook.runbook.words import step_view
from tests.conftest import PARAMETERS
from tests.making import clock, event, plan_of, with_event

DECLARED = f"from nbrunbook import action, check\n{PARAMETERS}"
CODE = "@check('green')\ndef look(): ...\n@action('purge')\ndef purge(): ...\n@check('inner')\ndef inner(): ..."
STEPS = """- [ ] Green {#green as=shards evidence=shards}
- [ ] Purge {#purge .approval}
- [ ] Manual {#manual}
  - [ ] Inner {#inner}
"""
INTO: dict[str, list[Kind]] = {"open": [], "done": ["started", "passed"], "skipped": ["skipped"]}


def after(*facts: tuple[Kind, str], operator: str = "ana", **data: str) -> Progress:
    """Return the progress after some events, each a kind and a step."""
    done = replay.start(plan_of(STEPS, declare=DECLARED, code=CODE))
    for number, (kind, step) in enumerate([("opened", ""), *facts], 1):
        done = with_event(done, event(kind, step, seq=number, operator=operator, **(data if number > 1 else {})))
    return done


def _why(done: Progress, kind: Kind, step: str = "", operator: str = "ana", **more: Any) -> str:
    attempt = Attempt(
        kind=kind,
        step=done.plan.by_id[step] if step else None,
        operator=declared(operator, "env"),
        clock=clock(),
        **more,
    )
    why = rules.refusal(done, attempt)
    return f"{why}; {remedy(done, attempt, key='k')}" if why else ""


@pytest.mark.parametrize("status", ["open", "done", "skipped"])
@pytest.mark.parametrize("end", ENDS)
def test_an_end_leads_where_the_table_says(status: str, end: Kind) -> None:
    """A run begins in the states of the table, and each end leads where the table says; elsewhere none begins."""
    done = after(*((kind, "green") for kind in INTO[status]))
    assert done.of("green").status == status
    begun = with_event(done, event("started", "green", seq=10))
    assert bool(begun.of("green").run) == ((status, "started") in RUNS)
    ended = with_event(begun, event(end, "green", seq=11)).of("green")
    assert ended.run is None
    assert ended.status == RUNS.get((status, end), status)  # type: ignore[call-overload]


def test_the_table_names_what_there_is() -> None:
    """It holds each end in each state in which a run may begin, and says which nbrunbook each kind needs."""
    states = [status for status in STATUSES if (status, "started") in RUNS]
    assert set(RUNS) == {(status, kind) for status in states for kind in ("started", *ENDS)}
    assert {kind: NEEDS[kind] for _, kind in RUNS} == dict.fromkeys(("started", *ENDS), "0.4.0")


@pytest.mark.parametrize("kind", ["ticked", "skipped", "approved", "taken", "started"])
def test_a_running_step_takes_notes_only(kind: Kind) -> None:
    """While it runs it is stopped or noted, whatever else is tried names who started it, and replaying obeys."""
    done = after(("started", "green"))
    assert _why(done, kind, "green", reason="r").startswith("it runs, started by ana, ")
    assert "'nbrunbook run k green --stop' ends it" in _why(done, kind, "green", reason="r")
    assert [offer.ask for offer in of_step(done, done.plan.by_id["green"], clock())] == ["stop", "note"]
    assert _why(done, "noted", "green") == ""
    if kind != "ticked":
        state = with_event(done, event(kind, "green", seq=10)).of("green")
        assert (state.run, state.status) == (done.of("green").run, "open")


@pytest.mark.parametrize("kind", ["signed_off", "abandoned", "skipped", "revised"])
def test_a_runbook_with_a_run_is_not_closed(kind: Kind) -> None:
    """Neither the sign-off nor abandoning nor a revision comes between a run and its end."""
    assert "the machine is at “Green”: wait for it, or stop it" in _why(after(("started", "green")), kind)
    assert "the machine is at" not in _why(after(("started", "green"), ("failed", "green")), kind)


def test_revising_is_refused_by_its_own_rule() -> None:
    """A plan that was shown for a revision does not come into force while something runs."""
    done = after(("started", "green"))
    other = plan_of("- [ ] Other {#other}")
    assert "the machine is at" in str(rules.revise_refusal(done, other, done.plan))


def test_a_person_does_what_no_function_does() -> None:
    """A manual step cannot be run, and an end without a run changes nothing."""
    done = after()
    assert _why(done, "started", "manual").startswith("it is done by a person")
    assert with_event(done, event("passed", "green", seq=10)).of("green").status == "open"
    assert with_event(done, event("started", "manual", seq=10)).of("manual").run is None


def test_an_action_runs_once() -> None:
    """A second run wants to be forced, and a reason; a check looks again whenever somebody likes."""
    facts: list[tuple[Kind, str]] = [("approved", "purge"), ("started", "purge"), ("passed", "purge")]
    done = after(*facts, operator="ben")
    assert "already done by ben" in _why(done, "started", "purge")
    assert "add --force --reason" in _why(done, "started", "purge")
    assert "a reason is asked for" in _why(done, "started", "purge", forced=True)
    assert _why(done, "started", "purge", forced=True, reason="the CDN lost it") == ""
    assert _why(after(("started", "green"), ("passed", "green")), "started", "green") == ""


def test_an_approval_comes_before_a_run() -> None:
    """Nor does the one who approved it start it."""
    assert "a second operator has to approve it first" in _why(after(), "started", "purge")
    approved = after(("approved", "purge"), operator="ben")
    assert "ben approved it" in _why(approved, "started", "purge", "ben")
    assert _why(approved, "started", "purge") == ""


def test_done_by_hand_wants_a_reason() -> None:
    """A tick of an automated step says why, and is shown as by hand."""
    assert "done by hand, it wants a reason" in _why(after(), "ticked", "green")
    assert _why(after(), "ticked", "green", reason="the cluster is gone", evidence="12") == ""
    done = after(("ticked", "green"), reason="the cluster is gone")
    shown = step_view(done, done.plan.by_id["green"], clock())
    assert shown["line"].startswith("done by hand by ana (declared)")


def test_a_regression_reopens() -> None:
    """A check that passed and fails now is open again, and says why; under a parent that is done it is only told."""
    failing: list[tuple[Kind, str]] = [("started", "green"), ("failed", "green")]
    done = after(("started", "green"), ("passed", "green"), *failing, message="health is red")
    assert (done.of("green").status, done.of("green").runs, done.of("green").failures) == ("open", 2, 1)
    assert "failed, run by ana (declared)" in step_view(done, done.plan.by_id["green"], clock())["line"]
    inner: list[tuple[Kind, str]] = [("started", "inner"), ("passed", "inner"), ("ticked", "manual")]
    told = after(*inner, ("started", "inner"), ("failed", "inner"), message="health is red")
    assert told.of("inner").status == "done"
    assert ": health is red" in step_view(told, told.plan.by_id["inner"], clock())["line"]


def test_the_value_is_evidence() -> None:
    """What the function returned is what later texts put in, and stays what it was first when it passes again."""
    done = after(("started", "green"), ("passed", "green"), value="12 shards")
    assert done.evidence_by_name() == {"shards": "12 shards"}
    at = done.of("green").by
    again = with_event(with_event(done, event("started", "green", seq=8)), event("passed", "green", seq=9, value="9"))
    assert again.of("green").by is at
    assert again.of("green").last.data["value"] == "9"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("end", "kept"), [("undecided", True), ("stopped", True), ("failed", False), ("passed", False)]
)
def test_a_key_stays_until_an_end_is_known(end: Kind, kept: bool) -> None:
    """Whoever runs an action again whose end nobody knows gives the other side the same key."""
    done = with_event(after(("started", "green"), key="k-1"), event(end, "green", seq=10))
    assert done.of("green").run_key == ("k-1" if kept else "")


def test_the_operators_word_ends_a_run() -> None:
    """It ran: a tick, whose run is over; it did not: stopped, with a note, and the next run has a new key."""
    done = after(("started", "green"), key="k-1")
    ran = with_event(done, event("ticked", "green", seq=10, reason="I looked")).of("green")
    assert (ran.run, ran.status, ran.run_key) == (None, "done", "")
    not_run = with_event(done, event("stopped", "green", seq=10, note="I looked"))
    assert (not_run.of("green").run, not_run.of("green").run_key) == (None, "")
    assert "did not run, says ana (declared)" in step_view(not_run, done.plan.by_id["green"], clock())["line"]


def test_an_end_is_of_one_run() -> None:
    """Nothing may be said of the end of a run that is not the step's."""
    done = after(("started", "green"))
    run = done.of("green").run
    assert run
    assert rules.end_refusal(done, "green", run.id) is None
    assert rules.end_refusal(done, "green", "another") == "that run is not the step's any more"
    assert rules.end_refusal(after(), "green", run.id) == "that run is not the step's any more"


@pytest.mark.parametrize("kind", ["signed_off", "abandoned", "skipped"])
def test_what_keeps_a_runbook_open_is_told_with_what_ends_it(kind: Kind) -> None:
    """How its runs are stopped; of one of which nothing is heard, how somebody says what it did."""
    done = after(("started", "green"))
    assert _why(done, kind).endswith("; 'nbrunbook run k green --stop' ends it")
    run = done.of("green").run
    assert run
    unknown = _why(replace(done, heard={run.id: Heard()}), kind)
    assert unknown.endswith("; look, and say 'nbrunbook run k green --it-ran --reason …' or --it-did-not")


def test_what_came_before_is_told_as_before() -> None:
    """A run that failed is not what became of a step that was done by hand since."""
    done = with_event(
        after(("started", "green"), ("failed", "green")), event("ticked", "green", seq=9, reason="saw it")
    )
    line = step_view(done, done.plan.by_id["green"], clock())["line"]
    assert "done by hand by ana" in line
    assert " · before: failed, run by" in line


def test_of_a_run_that_is_not_heard_of_nobody_says_that_it_runs() -> None:
    """Whoever runs it again is told that nobody knows."""
    done = after(("started", "green"))
    run = done.of("green").run
    assert run
    assert _why(done, "started", "green").startswith("it runs, started by ana")
    lost = replace(done, heard={run.id: Heard(host="h", seconds=61)})
    assert _why(lost, "started", "green").startswith("nobody knows whether it runs, started by ana")
