"""What is heard of runs: rows beside the chain."""

from __future__ import annotations

import pytest

from nbrunbook.errors import JournalError, RefusedError
from nbrunbook.journal import runs
from nbrunbook.journal.entries import Draft, RunPlace
from nbrunbook.runbook import events
from nbrunbook.runbook.events import Event
from tests.journal.conftest import Opened, a_note
from tests.making import raw_journal


def _write(opened: Opened, draft: Draft, event_id: str = "") -> Event:
    journal, row = opened
    return journal.append(row, event_id=event_id or events.new_id(), after=0, decide=lambda _: draft)[1]


def _begun(opened: Opened) -> Event:
    run = events.new_id()
    return _write(opened, a_note("begun", begins=RunPlace(host="here", folder=f"/p/runs/{run}")), run)  # type: ignore[arg-type]


def test_a_run_is_heard_of(opened: Opened) -> None:
    """From its beginning on, with its place; then with each word of it."""
    journal, row = opened
    run = _begun(opened).id
    first = runs.heard(journal, row)[run]
    assert (first.host, first.attempt, first.lines, first.stopper) == ("here", 0, (), "")
    assert first.folder == f"/p/runs/{run}"
    assert 0 <= first.seconds < 30
    assert not first.is_unknown
    assert runs.hear(journal, run, pid=7, attempt=2, lines=("a", "ünï\n")) is False
    again = runs.heard(journal, row)[run]
    assert (again.pid, again.attempt, again.lines) == (7, 2, ("a", "ünï\n"))


@pytest.mark.parametrize(
    "folder", ["", "/home/ana", "{run}", "runs/{run}", "/p/runs/{run}/..", "/p/{run}", "/p/runs/x"]
)
def test_a_forged_folder_is_none(opened: Opened, folder: str) -> None:
    """Rows are not hashed, and a run's folder is taken away whole: no other one may be named."""
    journal, row = opened
    run = _begun(opened).id
    with raw_journal() as raw:
        raw.execute("UPDATE run SET folder = ?", (folder.format(run=run),))
    assert runs.heard(journal, row)[run].folder == ""


@pytest.mark.parametrize("lines", ["", "nonsense", "7", '{"a": 1}', "[[1], null]", "[" * 100_000])
def test_lines_that_are_none_are_not_told(opened: Opened, lines: str) -> None:
    """A row that was edited keeps nobody from the runbook."""
    journal, row = opened
    run = _begun(opened).id
    with raw_journal() as raw:
        raw.execute("UPDATE run SET lines = ?", (lines,))
    assert runs.heard(journal, row)[run].lines == ()


@pytest.mark.parametrize("change", ["- 61", "+ 3600"])
def test_it_is_unknown_after_a_minute(opened: Opened, change: str) -> None:
    """By the database's clock, also where that was put back; the next word takes it back."""
    journal, row = opened
    run = _begun(opened).id
    with raw_journal() as raw:
        raw.execute(f"UPDATE run SET seen_at = seen_at {change}")
    assert runs.heard(journal, row)[run].is_unknown
    runs.hear(journal, run, pid=1)
    assert not runs.heard(journal, row)[run].is_unknown


def test_a_stop_is_asked_for(opened: Opened) -> None:
    """Its supervisor hears of it with its next word, and whoever looks sees who asked first."""
    journal, row = opened
    run = _begun(opened).id
    runs.ask_to_stop(journal, run, "ben (declared)")
    runs.ask_to_stop(journal, run, "cleo (declared)")
    assert runs.hear(journal, run, pid=1) is True
    assert runs.heard(journal, row)[run].stopper == "ben (declared)"


def test_the_row_goes_with_the_end(opened: Opened) -> None:
    """In one transaction; nothing can be said of it then."""
    journal, row = opened
    run = _begun(opened).id
    assert runs.goes_on(journal, run)
    _write(opened, a_note("ended", ends=run))
    assert runs.heard(journal, row) == {}
    assert not runs.goes_on(journal, run)
    assert runs.hear(journal, run, pid=1) is None


def test_what_is_refused_begins_nothing(opened: Opened) -> None:
    """The row and its event come together, or not at all."""
    journal, row = opened

    def refuse(_: object) -> Draft:
        raise RefusedError("no", "no")

    with pytest.raises(RefusedError):
        journal.append(row, event_id=events.new_id(), after=0, decide=refuse)
    with pytest.raises(JournalError):
        _write(opened, a_note("x", begins=RunPlace(host=object(), folder="f")))  # type: ignore[arg-type]
    assert runs.heard(journal, row) == {}
    assert len(journal.events(row)) == 2
