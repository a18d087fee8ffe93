"""What a browser asks of runs, with real ones."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from nbrunbook.automation import outcome
from nbrunbook.errors import JournalError
from nbrunbook.jupyter.live import Live
from nbrunbook.project.settings import find_project
from nbrunbook.runbook import events
from nbrunbook.work import following
from nbrunbook.work import runs as work_runs
from tests.conftest import Workplace
from tests.jupyter.conftest import Tab, wait
from tests.jupyter.test_answers import raising
from tests.making import raw_journal, session_on
from tests.running import KEY, begun, killed, made

__all__ = ["made"]


@pytest.fixture
def runs(made: Workplace, monkeypatch: pytest.MonkeyPatch) -> Iterator[Tab]:
    """A tab of a browser in front of a check and an action."""
    live = Live(session_on(KEY), find_project())
    yield Tab(live, monkeypatch)
    live.stop()


def _is(tab: Tab, step: str, state: str) -> None:
    wait(lambda: tab.shown(step)["run"]["is"] == state)


def test_a_check_is_run_from_its_row(runs: Tab) -> None:
    """Pressed by whoever sits there, it passes, and its value is evidence; its output is fetched, and masked."""
    assert runs.ask("run", "green", typed="Ben")["answer"] == "done"
    _is(runs, "green", "passed")
    step = runs.shown("green")
    assert (step["status"], step["evidence"]) == ("done", "12 shards")
    assert step["line"].startswith("passed, run by Ben (declared)")
    said = runs.ask("output", "green", run=step["run"]["output"])
    assert (said["answer"], said["text"], said["log"]) == ("done", "looking ***\n", False)
    assert "look again" in runs.ask("output", "green", run="another")["why"]
    assert "does not hold" in runs.ask("log", "green", run=step["run"]["output"])["why"]


def test_a_failure_is_shown_with_its_message(made: Workplace, runs: Tab) -> None:
    """Then it may be run again, and passes."""
    (made.root / "red").touch()
    assert runs.ask("run", "green")["answer"] == "done"
    _is(runs, "green", "failed")
    assert runs.shown("green")["run"]["said"] == "health is red"
    assert "AssertionError" in runs.ask("output", "green", run=runs.shown("green")["run"]["output"])["traceback"]
    (made.root / "red").unlink()
    assert runs.ask("run", "green")["answer"] == "done"
    _is(runs, "green", "passed")
    assert "2nd run, once without passing" in runs.shown("green")["line"]


def test_an_answer_that_was_lost_is_looked_up(runs: Tab) -> None:
    """Sent again it begins nothing; asked for by its id the journal says that it was."""
    event = events.new_id()
    assert runs.ask("run", "green", event=event)["answer"] == "done"
    assert runs.ask("run", "green", event=event)["answer"] == "done"
    assert runs.ask("find", event=event)["answer"] == "done"
    _is(runs, "green", "passed")
    assert runs.ask("run", "green", event=event)["answer"] == "done"
    assert [each.kind for each in runs.live.session.events[1:]] == ["started", "passed"]


def test_what_may_not_run_is_refused_before_anything(runs: Tab, monkeypatch: pytest.MonkeyPatch) -> None:
    """A secret that is missing, and an action that is done: the words say what, and nothing is recorded."""
    monkeypatch.delenv("SHOP_TOKEN")
    why = runs.ask("run", "green")["why"]
    assert "secrets that are not set here: SHOP_TOKEN" in why
    assert "it wants a reason" in runs.ask("tick", "green")["why"]
    assert "done by a person" in runs.ask("run", "manual")["why"]
    assert len(runs.live.session.events) == 1


def test_an_action_that_is_done_runs_again_with_a_reason(runs: Tab) -> None:
    """Without one it is refused."""
    assert runs.ask("run", "purge")["answer"] == "done"
    _is(runs, "purge", "passed")
    assert "already done by" in runs.ask("run", "purge")["why"]
    assert runs.ask("run", "purge", reason="the cache was warm")["answer"] == "done"
    _is(runs, "purge", "passed")
    wait(lambda: runs.live.session.progress.of("purge").runs == 2)


def test_a_run_is_stopped(made: Workplace, runs: Tab) -> None:
    """It is asked to, which its row shows, and its end says so; what does not run cannot be stopped."""
    assert runs.ask("stop", "purge")["why"] == "it does not run"
    (made.root / "slow").touch()
    assert runs.ask("run", "purge")["answer"] == "done"
    _is(runs, "purge", "running")
    assert runs.ask("stop", "purge")["answer"] == "done"
    _is(runs, "purge", "stopped")


def test_silence_of_the_journal_is_not_known(runs: Tab, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether it was asked to stop nobody can say then."""
    monkeypatch.setattr("nbrunbook.automation.asking.stop", raising(JournalError("it is gone", "a journal")))
    assert runs.ask("stop", "purge") == {"reply_to": "1", "answer": "unknown", "why": "it is gone", "sent": []}


def test_what_nobody_reported_is_shown_by_whoever_looks(made: Workplace, runs: Tab) -> None:
    """A supervisor that was killed once it had written what came out: the page reads it, and nobody waits a minute."""
    session, run = begun(made)
    _is(runs, "purge", "running")
    folder = Path(session.progress.heard[run.id].folder)
    killed(session, run)
    outcome.write(folder, run.id, outcome.Outcome(kind="passed", value="purged", seconds=1.0))
    _is(runs, "purge", "passed")
    assert runs.shown("purge")["evidence"] == "purged"


def test_nothing_is_asked_of_runs_while_none_goes_on(runs: Tab, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every open page looks into the journal twice a second."""
    asked: list[object] = []
    monkeypatch.setattr(following.runs, "heard", lambda *given: asked.append(given) or {})
    assert runs.ask("note", "manual", note="hello")["answer"] == "done"
    for _ in range(3):
        runs.live.session.refresh()
    assert asked == []


@pytest.mark.parametrize(("ask", "status"), [("it-ran", "done"), ("it-did-not", "open")])
def test_an_operator_s_word_on_a_run_of_which_nobody_knows(made: Workplace, runs: Tab, ask: str, status: str) -> None:
    """It wants a note, and what it says is the operator's; sent again it is written once."""
    session, run = begun(made)
    _is(runs, "purge", "running")
    killed(session, run)
    with raw_journal() as raw:
        raw.execute("UPDATE run SET seen_at = seen_at - 100 WHERE event = ?", (run.id,))
    _is(runs, "purge", "unknown")
    assert "note is empty" in runs.ask(ask, "purge")["why"]
    event = events.new_id()
    told: dict[str, Any] = {"reason": "the log says so", "event": event, "typed": "Kim"}
    assert runs.ask(ask, "purge", **told)["answer"] == "done"
    assert runs.ask(ask, "purge", **told)["answer"] == "done"
    assert runs.shown("purge")["status"] == status
    assert "the log says so" in runs.shown("purge")["line"]
    assert [each.id for each in runs.live.session.events[2:]] == [event]


def test_a_long_output_is_cut_and_saved_whole(made: Workplace, runs: Tab) -> None:
    """The row says how much of it there is to see; the file holds all that is kept."""
    session, run, whole = session_on(KEY), events.new_id(), b"line\n" * 60_000
    work_runs.begin(session, "green", run=run, folder=made.root / "nowhere", data={})
    said = {"output": whole[-64_000:].decode(), "value": "12"}
    work_runs.end(session, "green", run, "passed", said, log=whole)
    _is(runs, "green", "passed")
    about = {"run": runs.shown("green")["run"]["output"]}
    found = runs.ask("output", "green", **about)
    assert (found["log"], found["about"]) == (True, "The end of it: 64 kB of 300 kB.")
    saved = runs.ask("log", "green", **about)
    assert (saved["answer"], saved["sent"]) == ("done", [whole])
    assert saved["name"] == "green-3.log"
