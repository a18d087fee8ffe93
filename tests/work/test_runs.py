"""Runs as the journal is told of them, without any process."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from nbrunbook.errors import RefusedError
from nbrunbook.runbook import events
from nbrunbook.runbook.events import Event, Kind
from nbrunbook.work import runs
from nbrunbook.work.session import Session
from tests.conftest import PARAMETERS, Workplace
from tests.making import raw_journal, session_on

STEPS = "- [ ] Green {#green}\n## If so {.if-needed #if}\n- [ ] Purge {#purge}\n"
DECLARED = f"from nbrunbook import action, check\n{PARAMETERS}"
CODE = "@check('green')\ndef look(): ...\n@action('purge')\ndef purge(): ..."


@pytest.fixture
def ana(work: Workplace, engine: str) -> Session:
    """Ana at work on a runbook with a check and an action."""
    assert work.run("instantiate", work.template(STEPS, parameters=DECLARED, code=CODE), "-e", "staging") == 0, work.err
    return session_on()


def _begin(session: Session, step: str = "green", **data: str) -> str:
    run = events.new_id()
    runs.begin(session, step, run=run, folder=Path("/none/runs") / run, data=data)
    return run


def _kinds(found: Sequence[Event]) -> list[Kind]:
    return [event.kind for event in found]


def test_it_begins_with_its_row(ana: Session) -> None:
    """The event, its key, what it needs, and the row that is heard of it; its section is opened first."""
    run = _begin(ana, "purge")
    ana.refresh()
    assert _kinds(ana.events) == ["opened", "opened", "started"]
    assert (ana.events[-1].data["key"], ana.events[-1].data["needs"]) == (run, "0.4.0")
    assert ana.progress.heard[run].folder == f"/none/runs/{run}"


def test_a_revision_meanwhile_refuses_it(ana: Session, work: Workplace) -> None:
    """What would run is what was loaded: nothing is recorded where another plan has come into force."""
    work.template(STEPS.replace("Green", "All green"), parameters=DECLARED, code=CODE)
    assert work.run("revise", "staging/1.0", "--yes") == 0, work.err
    with pytest.raises(RefusedError, match="it was revised just now"):
        _begin(ana)
    assert _kinds(session_on().events) == ["opened", "revised"]


def test_an_end_is_written_once(ana: Session) -> None:
    """On behalf of whoever started it, with what came out; repeating writes nothing, and the row is gone."""
    run = _begin(ana)
    teller = session_on(operator="root")
    for _ in range(2):
        found = runs.end(teller, "green", run, "passed", {"value": "12", "message": ""}, log=b"all of it")
        assert found
        assert (found.operator, found.data["value"], found.data["run"]) == ("ana", "12", run)
    assert ana.journal.blob(found.data["log"]) == b"all of it"
    ana.refresh()
    assert _kinds(ana.events) == ["opened", "started", "passed"]
    assert ana.progress.heard == {}


@pytest.mark.parametrize("ran", [True, False])
def test_a_late_end_becomes_a_note(ana: Session, ran: bool) -> None:
    """Once an operator has said what happened, the step's state is theirs."""
    run = _begin(ana)
    runs.say(ana, "green", ran=ran, note="I looked", gone=False, is_free=True)
    late = runs.end(session_on(), "green", run, "failed", {"message": "red"})
    assert late
    assert (late.kind, late.data["note"]) == ("noted", "a run that was given up has ended after all: failed: red")
    ana.refresh()
    assert ana.progress.of("green").status == ("done" if ran else "open")


def test_a_closed_runbook_takes_no_late_end(ana: Session) -> None:
    """What was abandoned meanwhile stays as it is, and nobody asks again."""
    run = _begin(ana)
    runs.say(ana, "green", ran=False, note="I looked", gone=False, is_free=True)
    ana.append("abandoned", data={"reason": "rolled back"})
    assert runs.end(session_on(), "green", run, "passed", {}) is None


def test_nobody_says_what_lives(ana: Session) -> None:
    """A word is taken only where nothing of the run lives, or its host is gone and it was not heard of for a minute."""
    run = _begin(ana)
    for free, gone, why in ((False, True, "runs still"), (None, False, "it is on"), (None, True, "was heard of")):
        with pytest.raises(RefusedError, match=why):
            runs.say(ana, "green", ran=True, note="I looked", gone=gone, is_free=free)
    with pytest.raises(RefusedError, match="the note is empty"):
        runs.say(ana, "green", ran=True, note=" ", gone=False, is_free=True)
    with raw_journal() as raw:
        raw.execute("UPDATE run SET seen_at = seen_at - 61")
    said = runs.say(ana, "green", ran=False, note="I looked", gone=True, is_free=None)
    assert (said.kind, said.data["run"]) == ("stopped", run)
    assert said.data["host_is_gone"]
    with pytest.raises(RefusedError, match="it does not run"):
        runs.say(ana, "green", ran=True, note="I looked", gone=False, is_free=True)


def test_a_stop_is_asked_of_what_is_heard(ana: Session) -> None:
    """Nobody waits for one that hears nothing."""
    with pytest.raises(RefusedError, match="it does not run"):
        runs.stop(ana, "green")
    run = _begin(ana)
    assert runs.stop(ana, "green") == run
    ana.refresh()
    assert ana.progress.heard[run].stopper == "ana (declared)"
    with raw_journal() as raw:
        raw.execute("UPDATE run SET seen_at = seen_at - 61")
    with pytest.raises(RefusedError, match="nothing was heard of it"):
        runs.stop(ana, "green")
