"""Batches: what may follow what, also while one runs, and what becomes of the step."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nbrunbook.project.operator import declared
from nbrunbook.runbook import events, formats, kept_state, redactions, replay, rules, run_facts, run_words
from nbrunbook.runbook.account import people
from nbrunbook.runbook.attempt import Attempt
from nbrunbook.runbook.events import CONTROLS, ENDS, KINDS, NEEDS, TOLD, Event, Kind
from nbrunbook.runbook.progress import Progress
from nbrunbook.runbook.status import BATCHES, RUNS, TRANSITIONS
from nbrunbook.runbook.words import who
from tests.conftest import PARAMETERS
from tests.making import clock, event, plan_of, with_event

DECLARED = f"from nbrunbook import action, batch\n{PARAMETERS}"
CODE = """fill = batch("fill", databases=["eu", "us"])
@fill.fetch
def _(db, cursor, batch_size): ...
@fill.process
def _(db, rows): ...
@action("act")
def act(): ...
"""
STEPS = "- [ ] Fill {#fill}\n- [ ] Act {#act}\n- [ ] Drop {#drop after=fill}\n"


PLAN = plan_of(STEPS, declare=DECLARED, code=CODE)
BEFORE: tuple[Kind, ...] = ("started", *ENDS, "ticked", "unticked", "skipped", "unskipped", "taken")


def after(*facts: tuple[Kind, str] | tuple[Kind, str, dict[str, str]]) -> Progress:
    """Return the progress after some events, each a kind and a step, and perhaps what it says."""
    done = with_event(replay.start(PLAN), event("opened"))
    for number, (kind, step, *said) in enumerate(facts, 2):
        done = with_event(done, event(kind, step, seq=number, **(said[0] if said else {})))
    return done


def _why(done: Progress, kind: Kind, step: str = "fill", **more: Any) -> str | None:
    plan, who = done.plan.by_id, declared("ana", "env")
    return rules.refusal(done, Attempt(kind=kind, step=plan[step], operator=who, clock=clock(), **more))


def test_the_table_names_what_there_is() -> None:
    """It holds each kind that is a batch's alone, no other table has them, and each says what it needs."""
    kinds = {kind for _, kind in BATCHES}
    assert kinds == {*CONTROLS, *TOLD} < set(KINDS)
    assert not kinds & {kind for _, kind in (*TRANSITIONS, *RUNS)}
    assert {NEEDS[kind] for kind in kinds} == {"0.5.0"}


@pytest.mark.parametrize("before", [[], [("started", "fill")]])
def test_it_is_paused_and_resumed(before: list[tuple[Kind, str]]) -> None:
    """While it runs or not; it is known by whom and since when, and it holds through the ends of runs."""
    done = after(*before)
    assert _why(done, "paused") is None
    assert _why(done, "resumed") == "nobody has paused it"
    paused = with_event(done, event("paused", "fill", seq=9))
    assert paused.of("fill").paused_by == "ana"
    assert (_why(paused, "paused") or "").startswith("already paused by ana, ")
    stopped = after(*before, ("paused", "fill"), ("started", "fill"), ("stopped", "fill"))
    assert stopped.of("fill").paused
    assert _why(stopped, "started") is None
    assert with_event(stopped, event("resumed", "fill", seq=20)).of("fill").paused is None


@pytest.mark.parametrize("kind", CONTROLS)
def test_only_an_open_batch_is_controlled(kind: Kind) -> None:
    """No action, no step that is done or skipped, no runbook that is closed; replaying obeys."""
    assert _why(after(), kind, "act") == _why(after(), kind, "drop") == "it is no batch"
    done = after(("started", "fill"), ("passed", "fill"))
    assert (_why(done, kind) or "").startswith("already done by ana, ")
    assert (_why(after(("skipped", "fill")), kind) or "").startswith("already skipped by ana, ")
    assert "abandoned" in (_why(after(("abandoned", "")), kind) or "")
    for progress, step in ((done, "fill"), (after(), "act"), (after(("abandoned", "")), "fill")):
        assert with_event(progress, event(kind, step, seq=20)).of(step) == progress.of(step)


@pytest.mark.parametrize(("said", "size"), [("500", 500), ("adaptive", None), ("", None), ("9" * 9999, None)])
def test_its_size_is_what_was_said_last(said: str, size: int | None) -> None:
    """A number, or that it finds the size itself; somebody else's client may write anything."""
    assert after(("resized", "fill", {"batch_size": said})).of("fill").batch_size == size


def test_a_size_outlives_its_redaction() -> None:
    """It is a fact, which the `redacted` says again, and nothing that could be blanked by itself."""
    found = [event("resized", "fill", batch_size="500", needs="0.5.0"), event("paused", "fill", seq=2, reason="token")]
    assert redactions.refusal(found, 1) == "resized says nothing that could be redacted"
    assert redactions.refusal(found, 2) is None


@pytest.mark.parametrize(
    ("found", "there"),
    [
        (event("quarantined", "fill", run="r", message="id 7"), True),
        (event("failed", "fill", run="r", board='[{"name":"eu","state":"stopped","quarantined":3}]'), True),
        (event("failed", "fill", run="r", board='[{"name":"eu","state":"stopped"}]'), False),
    ],
)
def test_refused_rows_are_told_elsewhere_too(found: Event, there: bool) -> None:
    """Blanking an event leaves them in the databases of the data, and that is said."""
    assert (redactions.REFUSED_ROWS in redactions.still_shown([found], 1)) == there


def test_what_it_tells_changes_nothing() -> None:
    """Whoever replays ten thousand of them is where they were before."""
    running = after(("started", "fill"))
    assert with_event(running, event("advanced", "fill", seq=9)).steps == running.steps
    assert with_event(running, event("quarantined", "fill", seq=9)).steps == running.steps


def test_when_it_has_passed_nothing_is_held() -> None:
    """A pause and a size were said of this filling; a later one begins as new. What failed keeps them."""
    facts: list[tuple[Kind, str]] = [("paused", "fill"), ("resized", "fill"), ("started", "fill")]
    passed, failed = after(*facts, ("passed", "fill")).of("fill"), after(*facts, ("failed", "fill")).of("fill")
    assert (passed.status, passed.paused, passed.resized) == ("done", None, None)
    assert failed.status == "open"
    assert failed.paused
    assert failed.resized


def test_one_that_is_done_has_nothing_to_run() -> None:
    """By force neither: its cursors are at their end."""
    done = after(("started", "fill"), ("passed", "fill"))
    assert (_why(done, "started", forced=True, reason="r") or "").startswith("already done by ana, ")
    assert (_why(after(("started", "fill")), "started") or "").startswith("it runs, started by ana")


@pytest.mark.parametrize("end", ["failed", "stopped", "undecided"])
def test_it_holds_back_what_comes_after(end: Kind) -> None:
    """Until it is done in every database."""
    progress = after(("started", "fill"), (end, "fill"))
    assert _why(progress, "ticked", "drop") == "it comes after “Fill”"
    assert _why(with_event(with_event(progress, event("started", "fill", seq=8)), event("passed", "fill", seq=9)),
                "ticked", "drop") is None  # fmt: skip


def test_a_kept_state_knows_who_holds_it() -> None:
    """It names the events by which it is paused and sized, and goes on from there."""
    found = [event("opened"), event("paused", "fill", seq=2), event("resized", "fill", seq=3, batch_size="7")]
    start = replay.start(PLAN)
    whole = replay.apply_all(start, found)
    text = kept_state.text_of(whole, runbook="r", last_hash=found[-1].hash())
    kept = kept_state.parsed(text, runbook="r")
    assert kept is not None
    assert kept.seqs >= {2, 3}
    assert kept_state.restored(kept, start, found, {}, lambda _: []).of("fill") == whole.of("fill")
    forged = text.replace('"paused":2', '"paused":3')
    with pytest.raises(ValueError, match="event 3 is resized"):
        kept_state.restored(replace(kept, facts=kept_state.parsed(forged, runbook="r").facts), start, found, {}, list)  # type: ignore[union-attr,arg-type]


COURSES = st.lists(
    st.tuples(
        st.sampled_from((*BEFORE, *CONTROLS, *TOLD)), st.sampled_from([{}, {"batch_size": "7"}, {"reason": "slow"}])
    ),
    min_size=1,
    max_size=30,
)


@given(COURSES, st.integers(min_value=1, max_value=30))
@settings(max_examples=60, deadline=None)
def test_going_on_from_a_kept_state_is_replaying_all(course: list[tuple[Kind, dict[str, str]]], at: int) -> None:
    """Whatever came to pass on a batch, and wherever the state was kept."""
    found = [event(kind, "fill", seq=seq, **said) for seq, (kind, said) in enumerate(course, 1)]
    at, start = min(at, len(found)), replay.start(PLAN)
    text = kept_state.text_of(replay.apply_all(start, found[:at]), runbook="r", last_hash=found[at - 1].hash())
    kept = kept_state.parsed(text, runbook="r")
    assert kept is not None
    named = [each for each in found if each.seq in kept.seqs]
    begun = kept_state.restored(kept, start, named, {}, lambda _: [])
    assert replay.apply_all(begun, found[at:]).of("fill") == replay.apply_all(start, found).of("fill")


def test_one_who_does_not_know_the_kinds_says_what_they_need(monkeypatch: pytest.MonkeyPatch) -> None:
    """A record that holds them, read by an older nbrunbook."""
    told = event("paused", "fill", needs="0.5.0")
    monkeypatch.setattr(events, "KINDS", ("opened", "started"))
    monkeypatch.setattr(formats, "__version__", "0.4.0")
    with pytest.raises(ValueError, match=r"unknown kind 'paused': it needs nbrunbook 0\.5\.0 or newer"):
        events.from_body(told.body(), data='{"needs": "0.5.0"}', salt="0" * 32)


def test_it_is_told_who_holds_it() -> None:
    """In the step's line, by whom, since when and why; not any more once it is done."""
    done = after(("paused", "fill", {"reason": "the site is slow"}), ("resized", "fill", {"batch_size": "1500"}))
    first, second = run_words.lines(done.of("fill"), clock(), who)
    assert first.startswith("paused by ana (declared), ")
    assert first.endswith(": the site is slow")
    assert second.startswith("1,500 rows a chunk, says ana (declared), ")
    assert list(run_words.controls(replace(done.of("fill"), status="done"), clock(), who)) == []


def test_a_journal_tells_them_in_words() -> None:
    """Without what is for machines: the board of an end stands at its step."""
    assert run_facts.said(event("paused", "fill", reason="slow", needs="0.5.0")) == {"reason": "slow"}
    assert run_facts.said(event("resized", "fill", batch_size="500", needs="0.5.0")) == {"rows a chunk": "500"}
    told = event("quarantined", "fill", run="r", rows="3", value="3 rows refused so far", message="eu: id 7")
    assert run_facts.said(told) == {"value": "3 rows refused so far", "message": "eu: id 7"}
    assert run_facts.said(event("passed", "fill", run="r", board="[]", value="7 rows")) == {"value": "7 rows"}


def test_an_account_counts_who_did_what() -> None:
    """What a run tells of itself is nobody's doing."""
    found = [event("paused", "fill"), event("resumed", "fill", seq=2), event("resized", "fill", seq=3)]
    (ana,) = people([*found, event("advanced", "fill", seq=4), event("quarantined", "fill", seq=5)])
    assert ana.did == "paused a batch, resumed a batch, set the size of a batch"
