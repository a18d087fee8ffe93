"""Runs of batches, as the journal is told of them, without any process."""

from __future__ import annotations

from pathlib import Path

import pytest

from nbrunbook.errors import RefusedError
from nbrunbook.journal import runners
from nbrunbook.runbook import batch_results
from nbrunbook.work import batches, runs
from nbrunbook.work.session import Session
from tests.batch_steps import DONE, REFUSED, RUNNING, run_as, with_a_batch
from tests.conftest import Workplace
from tests.making import raw_journal, session_on


@pytest.fixture
def ana(work: Workplace, engine: str) -> Session:
    """Ana at work on a runbook with a batch."""
    return with_a_batch(work)


def _names(session: Session, run: str) -> list[str]:
    return [each.id for each in runners.of(session.journal, session.runbook).get(run, ())]


def test_all_runners_share_one_run(ana: Session) -> None:
    """The first one begins it, the others join it, whoever they are, and repeating is safe."""
    run = run_as(ana, "a").id
    assert run_as(session_on(operator="ben"), "b").id == run_as(ana, "b").id == run
    assert _names(ana, run) == ["a", "b"]
    ana.refresh()
    assert [(event.kind, event.operator) for event in ana.events[1:]] == [("started", "ana"), ("noted", "ben")]
    assert ana.progress.of("fill").run_key == run


def test_a_run_of_which_nobody_knows_is_joined(ana: Session) -> None:
    """Without a question: no row is changed twice by it, and its next word takes *unknown* back."""
    run = run_as(ana, "a").id
    with raw_journal() as raw:
        raw.execute("UPDATE run SET seen_at = seen_at - 3600")
        raw.execute("UPDATE runner SET seen_at = seen_at - 3600")
    runs_before = ana.progress.heard
    assert run_as(ana, "b").id == run
    ana.refresh()
    assert ana.progress.heard != runs_before
    assert not ana.progress.heard[run].is_unknown


def test_a_run_whose_rows_were_lost_is_joined(ana: Session) -> None:
    """A backup that was put back, or a copy, has none: the events say that it goes on."""
    run = run_as(ana, "a").id
    with raw_journal() as raw:
        raw.execute("DELETE FROM runner")
        raw.execute("DELETE FROM run")
    assert run_as(ana, "b").id == run
    assert _names(ana, run) == ["b"]
    ana.refresh()
    assert not ana.progress.heard[run].is_unknown
    end = batches.end_if_last(ana, "fill", run, "b", DONE)
    assert end is not None
    assert end.kind == "passed"


def test_only_a_run_that_goes_on_is_joined(ana: Session) -> None:
    """One that does not run, or has just ended, says so; nothing is begun by it."""
    with pytest.raises(batches.NotRunningError, match="cannot join fill: it does not run"):
        batches.join(ana, "fill", "a", folder=Path("/none"))
    run = run_as(ana, "a").id
    ben = session_on(operator="ben")
    ben.refresh()
    batches.end_if_last(ana, "fill", run, "a", DONE)
    with pytest.raises(RefusedError, match="it is over"):
        runners.join(ben.journal, run, "b", host="h", folder="f")
    with pytest.raises(RefusedError, match="already done by ana"):
        run_as(ben, "b")


def test_one_that_is_being_stopped_is_not_joined(ana: Session) -> None:
    """Whoever joined would stop with it; where nobody lives that could hear it, it is joined, and goes on."""
    run = run_as(ana, "a").id
    runs.stop(ana, "fill")
    with pytest.raises(RefusedError, match="it is being stopped, by ana"):
        run_as(ana, "b")
    with raw_journal() as raw:
        raw.execute("UPDATE run SET seen_at = seen_at - 61")
        raw.execute("UPDATE runner SET seen_at = seen_at - 61")
    assert run_as(ana, "b").id == run
    found = runners.hear(ana.journal, run, "b", pid=1, changed={})
    assert found is not None
    assert found.stopper == ""


def test_whoever_sees_the_end_writes_it(ana: Session) -> None:
    """Once, on behalf of whoever pressed, with the end of each database; the others learn it with their next word."""
    run = run_as(ana, "a").id
    ben = session_on(operator="ben")
    run_as(ben, "b")
    first = batches.end_if_last(ben, "fill", run, "b", DONE)
    assert first is not None
    assert (first.kind, first.operator, first.data["value"]) == ("passed", "ana", "1,200 rows in 2 databases")
    assert batch_results.board_of(first) == DONE
    assert runners.hear(ana.journal, run, "a", pid=1, changed={}) is None
    assert batches.end_if_last(ana, "fill", run, "a", DONE) == first
    ana.refresh()
    assert [event.kind for event in ana.events] == ["opened", "started", "noted", "passed"]
    assert ana.progress.of("fill").status == "done"


def test_rows_that_are_refused_make_it_fail(ana: Session) -> None:
    """It says which database, and why; it is run again, and then it may pass."""
    end = batches.end_if_last(ana, "fill", run_as(ana, "a").id, "a", REFUSED, data={"seconds": "9"})
    assert end is not None
    assert (end.kind, end.data["message"], end.data["seconds"]) == ("failed", "us: 3 rows are refused: id 7", "9")
    assert "value" not in end.data
    ana.refresh()
    assert ana.progress.of("fill").status == "open"
    again = run_as(ana, "b").id
    assert again != end.fact("run")
    batches.end_if_last(ana, "fill", again, "b", DONE)
    ana.refresh()
    assert ana.progress.of("fill").status == "done"


def test_a_run_that_is_not_at_its_end_goes_on_without_one(ana: Session) -> None:
    """Whoever leaves is not heard of any more; with the last one it is stopped, or what that one says."""
    run = run_as(ana, "a").id
    run_as(ana, "b")
    assert batches.end_if_last(ana, "fill", run, "a", RUNNING) is None
    assert _names(ana, run) == ["b"]
    assert [step.id for step in ana.progress.running] == ["fill"]
    end = batches.end_if_last(ana, "fill", run, "b", RUNNING, otherwise="undecided", data={"message": "it died"})
    assert end is not None
    assert (end.kind, end.data["message"]) == ("undecided", "it died")
    assert ana.progress.running == ()


def test_a_database_of_which_nothing_is_said_is_not_done(ana: Session) -> None:
    """Whoever saw some of them at their end has not seen all."""
    end = batches.end_if_last(ana, "fill", run_as(ana, "a").id, "a", DONE[:1])
    assert end is not None
    assert (end.kind, end.data["message"]) == ("stopped", "us: waiting")


def test_one_that_died_keeps_nobody(ana: Session) -> None:
    """A runner that was not heard of for a minute is not waited for."""
    run = run_as(ana, "a").id
    run_as(ana, "b")
    with raw_journal() as raw:
        raw.execute("UPDATE runner SET seen_at = seen_at - 61 WHERE id = 'a'")
    end = batches.end_if_last(ana, "fill", run, "b", RUNNING)
    assert end is not None
    assert end.kind == "stopped"
    assert end.data["message"] == "eu: running; us: waiting"


def test_an_operator_says_what_became_of_it(ana: Session) -> None:
    """As of any run; its rows go, and a runner that wakes up learns that it is over."""
    run = run_as(ana, "a").id
    runners.hear(ana.journal, run, "a", pid=1, changed={"eu": "{}"})
    runs.say(ana, "fill", ran=False, note="the host is gone", gone=True, is_free=True)
    assert runners.hear(ana.journal, run, "a", pid=1, changed={}) is None
    late = batches.end_if_last(ana, "fill", run, "a", DONE)
    assert late is not None
    assert late.kind == "noted"
