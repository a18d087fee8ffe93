"""What a browser asks of a batch."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from nbrunbook.errors import RefusedError
from nbrunbook.jupyter import batch_answers, run_answers
from nbrunbook.jupyter.asked import Asked
from nbrunbook.project.operator import declared
from nbrunbook.project.settings import find_project
from nbrunbook.runbook import events
from nbrunbook.runbook.board import DatabaseStatus
from nbrunbook.work import batches
from nbrunbook.work.session import Session
from tests.conftest import Workplace
from tests.jupyter.batches import FILL, batch_session, begun, ended


@pytest.fixture
def session(work: Workplace) -> Session:
    """A runbook with a batch over two databases."""
    return batch_session(work)


def _asked(what: str, **said: str) -> Asked:
    return Asked(
        what=what, event_id=events.new_id(), step=FILL, message=said, operator=declared("ben", "test"), file=None
    )


def test_it_holds_and_goes_on(session: Session) -> None:
    """Each is an event of whoever pressed; sending it again gives the first one."""
    asked = _asked("pause")
    first = batch_answers.pause(session, asked)
    assert session.progress.of(FILL).paused_by == "ben"
    assert batch_answers.pause(session, asked) == first
    with pytest.raises(RefusedError, match="already paused by ben"):
        batch_answers.pause(session, _asked("pause"))
    batch_answers.resume(session, _asked("resume"))
    assert session.progress.of(FILL).paused_by == ""


def test_a_size_is_said_or_left_to_the_batch(session: Session) -> None:
    """Nothing typed leaves it to the batch again."""
    for said, size in (("500", 500), (" 7 ", 7), ("", None)):
        batch_answers.resize(session, _asked("resize", size=said))
        assert session.progress.of(FILL).batch_size == size


def test_what_is_no_size_is_refused(session: Session) -> None:
    """In words, and nothing is recorded."""
    before = session.progress.seq
    for said in ("0", "-1", "1.5", "many", "²", "9" * 9, "9" * 400):
        with pytest.raises(RefusedError):
            batch_answers.resize(session, _asked("resize", size=said))
    assert session.progress.seq == before


def test_refused_rows_are_asked_of_their_databases(session: Session) -> None:
    """One that cannot be asked is named, and the others are shown."""
    run = begun(session)
    ended(session, run, [DatabaseStatus(name=each, state="stopped", quarantined=1, left=0) for each in ("eu", "us")])
    session.refresh()
    reply, _ = batch_answers.refused(session, find_project(), {"step": FILL})
    assert reply == {"answer": "done", "rows": [], "away": ["eu", "us"]}


def test_a_runner_that_has_joined_is_found_again(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    """A note says who did: an answer that was lost is looked up there, and sent again joins nothing."""
    asked = _asked("join")
    begun(session)
    batches.join(session, FILL, asked.event_id, folder=Path("/none"), operator=asked.operator)
    assert batches.has_joined(session, asked.event_id)
    assert not batches.has_joined(session, events.new_id())
    (note,) = session.progress.of(FILL).notes
    assert (note.operator, note.data["note"]) == ("ben", f"joined the run with a runner on {socket.gethostname()}")
    monkeypatch.setattr(run_answers.asking, "begin", None)  # would raise
    run_answers.run(session, find_project(), asked)
