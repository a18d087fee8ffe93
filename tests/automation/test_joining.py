"""Joining a batch: its run is one that all runners share."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing

import pytest

from nbrunbook.automation import beginning, joining, lock
from nbrunbook.errors import NbrunbookError, RefusedError
from nbrunbook.project.settings import find_project
from nbrunbook.runbook import batch_results
from nbrunbook.runbook.events import new_id
from tests.automation.batch_runs import ended, go_on, killed_before_it_worked
from tests.conftest import ROOT, Workplace
from tests.filling import NAMES, ROWS, batched, counts, end_runners, make_batch, runner_rows, set_title
from tests.making import session_on
from tests.running import wait_for

__all__ = ["batched"]


def test_a_batch_goes_through_its_databases_to_its_end(batched: Workplace) -> None:
    """Each row is changed once, the step is done, and its end keeps the board; whoever asks again sees that end."""
    session = session_on()
    found = joining.run_batch(session, find_project(), "fill", workers=2)
    end = beginning.follow(session, found)
    assert end is not None, (found.folder / "supervisor.log").read_text(encoding="utf-8")
    assert (end.kind, end.data.get("value")) == ("passed", "750 rows in 3 databases")
    assert [counts(batched, name) for name in NAMES] == [{1: ROWS}] * 3
    assert [(each.name, each.state, each.done) for each in batch_results.board_of(end)] == [
        (name, "done", ROWS) for name in NAMES
    ]
    assert session.progress.of("fill").status == "done"
    assert not found.folder.exists()
    again = joining.run_batch(session, find_project(), "fill")
    assert again.is_done
    assert beginning.follow(session, again) == end


def test_rows_that_were_refused_are_tried_again(work: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    """The step is not done before; once they are mended a rerun passes, and no row is changed twice."""
    monkeypatch.setenv("PYTHONPATH", f"{ROOT / 'src'}:{ROOT}")
    make_batch(work, names=("eu", "us"), rows=60, more=', on_error="quarantine"')
    set_title(work, "us", 7, "bad")
    session = session_on()
    end = ended(joining.run_batch(session, find_project(), "fill", workers=2))
    assert end.kind == "failed"
    assert [each.quarantined for each in batch_results.board_of(end)] == [0, 1]
    set_title(work, "us", 7, "Good")
    end = ended(joining.run_batch(session, find_project(), "fill", rerun=True))
    assert end.kind == "passed", end.data
    assert [counts(work, name) for name in ("eu", "us")] == [{1: 60}] * 2
    end_runners(work)


def test_a_step_that_is_open_again_is_not_passed_unseen(work: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its databases were done, but somebody has unticked it: what is left there is done now."""
    monkeypatch.setenv("PYTHONPATH", f"{ROOT / 'src'}:{ROOT}")
    make_batch(work, names=("eu",), rows=60)
    session = session_on()
    assert ended(joining.run_batch(session, find_project(), "fill")).kind == "passed"
    session.append("unticked", "fill", data={"reason": "rows came late"})
    with closing(sqlite3.connect(work.root / "data" / "eu.db")) as raw, raw:
        raw.execute("INSERT INTO item VALUES (61, 'Late', NULL, 0)")
    end = ended(joining.run_batch(session, find_project(), "fill"))
    assert (end.kind, end.data.get("value")) == ("passed", "61 rows in 1 database")
    assert counts(work, "eu") == {1: 61}
    end_runners(work)


def test_two_who_press_at_once_share_one_run(batched: Workplace) -> None:
    """One begins it, the other one joins."""
    (batched.root / "slow").touch()
    found, asked = list[beginning.Begun](), [new_id(), new_id()]
    gate = threading.Barrier(2)

    def press(run_id: str) -> None:
        session = session_on()
        gate.wait()
        found.append(joining.run_batch(session, find_project(), "fill", run_id=run_id))

    threads = [threading.Thread(target=press, args=(each,)) for each in asked]
    for each in threads:
        each.start()
    for each in threads:
        each.join(60)
    first, second = found
    assert first.run == second.run
    assert {first.folder.name, second.folder.name} == set(asked)
    wait_for(lambda: {each.pid for each in runner_rows()} == {first.pid, second.pid})
    go_on(batched)
    assert ended(first).kind == "passed"
    wait_for(lambda: lock.is_free(first.folder) and lock.is_free(second.folder))
    assert [event.kind for event in session_on().events] == ["opened", "started", "noted", "passed"]
    assert [counts(batched, name) for name in NAMES] == [{1: ROWS}] * 3


def test_a_password_that_is_not_set_is_told_before_it_starts(
    batched: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It stands in no file."""
    path = batched.root / "pyproject.toml"
    secret = '{url = "postgresql+psycopg://app@127.0.0.1/shop", password = "US_PASSWORD"}'
    path.write_text(path.read_text(encoding="utf-8").replace('"sqlite:///data/us.db"', secret), encoding="utf-8")
    monkeypatch.delenv("US_PASSWORD", raising=False)
    with pytest.raises(NbrunbookError, match="secrets that are not set here: US_PASSWORD"):
        joining.run_batch(session_on(), find_project(), "fill")
    assert [event.kind for event in session_on().events] == ["opened"]


def test_workers_are_a_number_that_a_machine_has(batched: Workplace) -> None:
    """Else nothing begins."""
    for workers in (0, -1, 1001):
        with pytest.raises(NbrunbookError, match="a whole number from 1 to 256"):
            joining.run_batch(session_on(), find_project(), "fill", workers=workers)


def test_a_run_that_goes_on_takes_no_rerun(batched: Workplace) -> None:
    """It would not try the refused rows again; its runners are as they were."""
    found = killed_before_it_worked(batched)
    with pytest.raises(RefusedError, match="try again when it has ended"):
        joining.run_batch(session_on(), find_project(), "fill", rerun=True)
    assert [each.id for each in runner_rows()] == [found.run]
