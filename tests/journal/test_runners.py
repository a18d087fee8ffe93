"""Runners: who shares one run of a batch, and where it stands in each database."""

from __future__ import annotations

import json
import threading

import pytest

from nbrunbook.errors import RefusedError
from nbrunbook.journal import runners, runs
from nbrunbook.journal.entries import RunPlace
from nbrunbook.journal.journal import Journal
from nbrunbook.journal.runners import Orders, OthersLeftError
from nbrunbook.runbook import events
from nbrunbook.runbook.board import DatabaseStatus
from tests.journal.conftest import Opened, a_note
from tests.making import raw_journal
from tests.running import wait_for

EU = DatabaseStatus(name="eu", state="running", done=7, rate=1.5)


def _begun(opened: Opened) -> str:
    journal, row = opened
    run = events.new_id()
    draft = a_note("begun", begins=RunPlace(host="here", folder=f"/p/runs/{run}"))  # type: ignore[arg-type]
    journal.append(row, event_id=run, after=0, decide=lambda _: draft)
    return run


def _ended(opened: Opened, run: str, **more: str) -> None:
    journal, row = opened
    journal.append(row, event_id=events.new_id(), after=0, decide=lambda _: a_note("over", ends=run, **more))


def _join(opened: Opened, run: str, *names: str) -> None:
    for name in names:
        runners.join(opened[0], run, name, host="here", folder=f"/p/runners/{name}")


def test_runners_are_heard_of(opened: Opened) -> None:
    """Each has a row of its own, and any word of one is a word of the run."""
    journal, row = opened
    run = _begun(opened)
    _join(opened, run, "a", "b", "b")
    with raw_journal() as raw:
        raw.execute("UPDATE run SET seen_at = 0")
    assert runners.hear(journal, run, "a", pid=7, lines=["x"], changed={}) == Orders()
    first, second = runners.of(journal, row)[run]
    assert (first.id, first.host, first.pid, first.lines) == ("a", "here", 7, ("x",))
    assert (second.id, second.pid, second.folder, second.lines) == ("b", 0, "/p/runners/b", ())
    assert not runs.heard(journal, row)[run].is_unknown


def test_a_runner_whose_row_was_lost_is_listed_again(opened: Opened) -> None:
    """With its next word: else the last one that leaves would not know of it."""
    journal, row = opened
    run = _begun(opened)
    _join(opened, run, "a")
    with raw_journal() as raw:
        raw.execute("DELETE FROM runner")
    runners.hear(journal, run, "a", pid=7, changed={})
    assert runners.of(journal, row) == {}
    runners.hear(journal, run, "a", pid=7, changed={}, host="here", folder="/p/runners/a")
    assert [each.folder for each in runners.of(journal, row)[run]] == ["/p/runners/a"]


def test_the_board_is_what_was_said_last(opened: Opened) -> None:
    """Only what changed is sent, and what somebody damaged is left out."""
    journal, _ = opened
    run = _begun(opened)
    _join(opened, run, "a")
    said = {"eu": json.dumps(EU.to_json()), "us": json.dumps(DatabaseStatus(name="us").to_json())}
    runners.hear(journal, run, "a", pid=7, changed=said)
    done = DatabaseStatus(name="us", state="done")
    runners.hear(journal, run, "a", pid=7, changed={"us": json.dumps(done.to_json()), "x": "[", "y": said["eu"]})
    assert runners.board(journal, run) == (EU, done)


def test_a_runner_hears_that_it_is_to_stop(opened: Opened) -> None:
    """Also one that joins; where no runner lives that could hear it, the order is forgotten."""
    journal, _ = opened
    run = _begun(opened)
    _join(opened, run, "a")
    runs.ask_to_stop(journal, run, "ben")
    _join(opened, run, "b")
    assert runners.hear(journal, run, "b", pid=7, changed={}) == Orders(stopper="ben")
    with raw_journal() as raw:
        raw.execute("UPDATE runner SET seen_at = seen_at - 61")
    _join(opened, run, "c")
    assert runners.hear(journal, run, "c", pid=7, changed={}) == Orders()


def test_the_last_one_knows_it(opened: Opened) -> None:
    """Leaving says how many are left that live; one that was not heard of for a minute does not count."""
    journal, _ = opened
    run = _begun(opened)
    _join(opened, run, "a", "b", "c")
    assert runners.leave(journal, run, "a") == 2
    with raw_journal() as raw:
        raw.execute("UPDATE runner SET seen_at = seen_at - 61 WHERE id = 'b'")
    assert runners.leave(journal, run, "c") == 0
    assert runners.leave(journal, run, "c") == 0


def test_nothing_is_left_of_a_run_that_is_over(opened: Opened) -> None:
    """Its rows go with its end; nobody joins it, and whoever is heard of learns it."""
    journal, row = opened
    run = _begun(opened)
    _join(opened, run, "a")
    runners.hear(journal, run, "a", pid=7, changed={"eu": json.dumps(EU.to_json())})
    _ended(opened, run)
    assert runners.of(journal, row) == {}
    assert runners.board(journal, run) == ()
    assert runners.hear(journal, run, "a", pid=7, changed={"eu": json.dumps(EU.to_json())}) is None
    assert runners.leave(journal, run, "a") == 0
    with pytest.raises(RefusedError, match="it is over"):
        _join(opened, run, "b")
    with raw_journal() as raw:
        assert raw.execute("SELECT count(*) FROM board").fetchone()[0] == 0


@pytest.mark.on("postgres")
@pytest.mark.parametrize("comes", ["joins", "is heard of"])
def test_nobody_slips_in_while_it_ends(opened: Opened, comes: str) -> None:
    """Whoever comes when an end is written and not committed yet waits for that, and finds the run over."""
    journal, row = opened
    run, got = _begun(opened), list[object]()
    other = Journal(journal.url)

    def come() -> None:
        try:
            if comes == "joins":
                runners.join(other, run, "late", host="here", folder="/p")
            else:
                got.append(runners.hear(other, run, "late", pid=1, changed={"eu": "{}"}, host="here"))
        except RefusedError as error:
            got.append(error)

    thread = threading.Thread(target=come)

    def before_the_commit(*_: object) -> str:
        thread.start()
        wait_for(lambda: not thread.is_alive() or _waiting())
        return ""

    journal.append(
        row, event_id=events.new_id(), after=0, decide=lambda _: a_note("over", ends=run), keep=before_the_commit
    )
    thread.join(60)
    other.close()
    assert len(got) == 1
    assert got[0] is None or "it is over" in str(got[0])
    with raw_journal() as raw:
        assert raw.execute("SELECT (SELECT count(*) FROM board) + (SELECT count(*) FROM runner)").fetchone()[0] == 0


def _waiting() -> bool:
    with raw_journal() as raw:
        asked = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        return bool(raw.execute(asked).fetchone()[0])


def test_an_end_of_the_last_runner_waits_for_others(opened: Opened) -> None:
    """It is refused, and nothing written, while another runner lives."""
    journal, row = opened
    run = _begun(opened)
    _join(opened, run, "a", "b")
    before = len(journal.events(row))
    with pytest.raises(OthersLeftError):
        _ended(opened, run, alone="a")
    assert len(journal.events(row)) == before
    assert runs.goes_on(journal, run)
    runners.leave(journal, run, "b")
    _ended(opened, run, alone="a")
    assert not runs.goes_on(journal, run)
