"""What is pending where: the rules."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from nbrunbook.runbook import replay
from nbrunbook.runbook.events import Event, Kind
from nbrunbook.runbook.status import Heard
from nbrunbook.work.pending import STATES, Pending, PendingState, Stand, in_order, where_it_stands
from tests.conftest import ROOT
from tests.making import AT, clock, event, plan_of
from tests.runbook.test_runs import after


def _stand(*markdown: str, after: tuple[Event, ...] = (), later: timedelta = timedelta()) -> Stand:
    done = replay.apply_all(replay.start(plan_of(*markdown)), [event("opened"), *after])
    return where_it_stands(done, now=AT + later)


# Open runbooks


@pytest.mark.parametrize(
    ("markdown", "state"),
    [
        ("- [ ] A {#a}", "open"),
        ("- [ ] A {#a .optional}", "not signed off"),
        ("- [ ] A {#a wait=24h}", "waiting"),
        ("- [ ] A {#a .approval}", "waiting for approval"),
        ("- [ ] A {#a .approval}\n- [ ] B {#b}", "open"),
        ("- [ ] A {#a wait=24h}\n- [ ] B {#b .optional}", "waiting"),
        ("- [ ] A {#a .gate .approval}\n- [ ] B {#b}", "waiting for approval"),
        ("## If it goes wrong {.if-needed}\n- [ ] A {#a}", "not signed off"),
    ],
)
def test_a_runbook_stands_by_its_required_steps(markdown: str, state: str) -> None:
    """What could be done now decides; optional steps and what is only if needed do not count."""
    assert _stand(markdown).state == state


def test_it_waits_until_the_first_step_can_be_done() -> None:
    """Of several waits the shortest says when something can be done again, and then it can."""
    markdown = "- [ ] A {#a wait=5d}\n- [ ] B {#b after=a}\n- [ ] C {#c wait=24h .optional}\n"
    found = _stand(markdown)
    assert (found.state, found.until) == ("waiting", AT + timedelta(days=5))
    assert _stand(markdown, later=timedelta(days=5)).state == "open"


def test_it_waits_for_others_in_words() -> None:
    """Where no time is known, the state says what it waits for."""
    found = _stand("- [ ] A {#a after=2026.11.0#x}")
    assert (found.state, found.until) == ("waiting", None)
    assert "2026.11.0#x" in found.reason


def test_an_overdue_step_says_since_when() -> None:
    """A required step that is past its due is overdue, whatever else could be done."""
    markdown = "- [ ] A {#a}\n- [ ] B {#b due=24h}"
    assert _stand(markdown).state == "open"
    late = _stand(markdown, later=timedelta(days=2))
    assert (late.state, late.due, late.reason) == ("overdue", AT + timedelta(hours=24), "“B”")
    assert _stand(markdown, after=(event("ticked", "b", seq=2),), later=timedelta(days=2)).state == "open"


def test_an_approved_step_can_be_done() -> None:
    """After the approval it is somebody's turn."""
    assert _stand("- [ ] A {#a .approval}", after=(event("approved", "a", seq=2, operator="ben"),)).state == "open"


# What is pending


def _pending(state: PendingState, release: str = "1.0", **more: object) -> Pending:
    return Pending(environment="staging", release=release, state=state, **more)  # type: ignore[arg-type]


def test_the_oldest_release_comes_first() -> None:
    """What is pending stands in the order of versions."""
    found = in_order(_pending("open", release) for release in ("1.10", "1.9", "1.2"))
    assert [each.release for each in found] == ["1.2", "1.9", "1.10"]


def test_only_what_waits_does_not_fail_a_check() -> None:
    """Every state but `waiting` is something that could be done now."""
    assert {state for state in STATES if not _pending(state).fails} == {"waiting", "check failed", "check undecided"}


def test_each_state_stands_in_the_docs() -> None:
    """docs/pending.md has a row for each state, with the words of the code, and no other."""
    page = (ROOT / "docs" / "pending.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `([a-z ]+)` \| ([^|]+) \|$", page, re.MULTILINE))
    assert rows.keys() == STATES.keys()
    assert all(rows[state].startswith(words) for state, words in STATES.items())


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (_pending("not instantiated"), "not instantiated"),
        (_pending("not instantiated", total=1), "not instantiated, 1 step"),
        (_pending("open", summary="3 of 9 done"), "open, 3 of 9 done"),
        (_pending("waiting", until=datetime(2026, 11, 27, 14, 2, tzinfo=AT.tzinfo), summary="3 of 9 done"),
         "waiting until Friday 27 Nov 14:02 UTC, 3 of 9 done"),
        (_pending("not signed off", summary="9 of 9 done"), "all settled, not signed off, 9 of 9 done"),
        (_pending("abandoned"), "abandoned"),
    ],
)  # fmt: skip
def test_a_state_is_told_in_words(found: Pending, words: str) -> None:
    """A line says the state, how far it is, and until when it waits."""
    assert found.words(clock()) == words


# What the machine does


@pytest.mark.parametrize(
    ("facts", "state", "reason"),
    [
        ([("started", "green")], "open", "nobody knows what became of “Green”"),
        ([("started", "green"), ("failed", "green")], "open", "failed: “Green”"),
        ([("started", "green"), ("undecided", "green")], "open", "undecided: “Green”"),
        ([("started", "green"), ("passed", "green")], "open", ""),
    ],
)
def test_what_became_of_a_run_is_the_reason(facts: list[tuple[Kind, str]], state: str, reason: str) -> None:
    """What failed, and what nobody knows, is for somebody to see to now."""
    found = where_it_stands(after(*facts), now=AT)
    assert (found.state, found.reason) == (state, reason)


def test_what_the_machine_is_at_is_waited_for() -> None:
    """Where nothing else could be done, the runbook waits for it."""
    done = after(("skipped", "purge"), ("skipped", "manual"), ("skipped", "inner"), ("started", "green"))
    run = done.of("green").run
    assert run
    heard = replace(done, heard={run.id: Heard(host="h", seconds=1)})
    found = where_it_stands(heard, now=AT)
    assert (found.state, found.reason) == ("waiting", "the machine is at “Green”")


def test_what_fails_since_the_sign_off_is_told_and_fails_nothing() -> None:
    """It is signed off still: --check passes over it, and the JSON says since when what fails."""
    fails = (event("failed", "green", message="health is red"), event("undecided", "inner"))
    found = Pending(environment="eu", release="1.0", state="check failed", failing=fails)
    assert found.words(clock()) == "signed off, 1 check failed and 1 check undecided since"
    assert found.to_json()["reason"] == (
        "since 22 Nov its check 'green' fails: health is red; since 22 Nov its check 'inner' is undecided"
    )
    assert not found.fails
