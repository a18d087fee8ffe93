"""Several runners and operators at once on one batch: the journal tells one story, and nothing of it is left over."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from nbrunbook.errors import NbrunbookError, RefusedError
from nbrunbook.runbook import events
from nbrunbook.work import batches, controls
from nbrunbook.work.session import Session
from tests.batch_steps import DONE, REFUSED, RUNNING, run_as, with_a_batch
from tests.conftest import Workplace
from tests.making import raw_journal, session_on

RUNNERS = ("a", "b", "c", "d")
Do = Callable[[Session, str], object]


@pytest.fixture
def ana(work: Workplace, engine: str) -> Session:
    """Ana at work on a runbook with a batch."""
    return with_a_batch(work)


@pytest.fixture
def crew(ana: Session) -> Iterator[dict[str, Session]]:
    """A session for each runner."""
    found = {name: session_on(operator=name) for name in RUNNERS}
    yield found
    for each in found.values():
        each.journal.close()


def _at_once(crew: dict[str, Session], does: dict[str, Do]) -> dict[str, object]:
    """Have all of them do something at the same moment; return what each got, an error where it was one."""
    gate, got = threading.Barrier(len(does)), dict[str, object]()

    def do(name: str) -> None:
        gate.wait()
        try:
            got[name] = does[name](crew[name], name)
        except NbrunbookError as error:
            got[name] = error

    threads = [threading.Thread(target=do, args=(name,)) for name in does]
    for each in threads:
        each.start()
    for each in threads:
        each.join(90)
    assert set(got) == set(does)
    return got


def _kinds(session: Session) -> list[str]:
    """What has happened, without the notes of who joined."""
    session.refresh()
    assert session.journal.faults(session.runbook) == []
    return [event.kind for event in session.events if event.kind != "noted"]


def _left_over() -> int:
    with raw_journal() as raw:
        found = raw.execute("SELECT (SELECT count(*) FROM run) + (SELECT count(*) FROM runner)").fetchone()
    return int(found[0])


def _ended(board: object) -> Do:
    return lambda session, name: batches.end_if_last(session, "fill", RUN, name, board)  # type: ignore[arg-type]


RUN = events.new_id()


def _begin(ana: Session, crew: dict[str, Session]) -> None:
    batches.begin_or_join(ana, "fill", run=RUN, runner="a", folder=Path("/none"), data={})
    for name in RUNNERS:
        run_as(crew[name], name)


def test_all_who_begin_at_once_share_one_run(ana: Session, crew: dict[str, Session]) -> None:
    """One begins it, nobody is refused, and each is known as a runner of it."""
    got = _at_once(crew, dict.fromkeys(RUNNERS, run_as))
    assert len({getattr(each, "id", each) for each in got.values()}) == 1, got
    assert _kinds(ana) == ["opened", "started"]
    assert _left_over() == 5


def test_all_who_see_the_end_at_once_write_one(ana: Session, crew: dict[str, Session]) -> None:
    """The same one for each, and what the first of them saw."""
    _begin(ana, crew)
    got = _at_once(crew, {"a": _ended(DONE), "b": _ended(DONE), "c": _ended(REFUSED), "d": _ended(DONE)})
    assert len({getattr(each, "id", each) for each in got.values()}) == 1, got
    assert _kinds(ana) in (["opened", "started", "passed"], ["opened", "started", "failed"])
    assert _left_over() == 0


def test_of_those_who_leave_at_once_one_is_the_last(ana: Session, crew: dict[str, Session]) -> None:
    """It says that the run is stopped; nobody relies on another one that has gone."""
    _begin(ana, crew)
    got = _at_once(crew, dict.fromkeys(RUNNERS, _ended(RUNNING)))
    assert sum(each is not None for each in got.values()) == 1, got
    assert _kinds(ana) == ["opened", "started", "stopped"]
    assert _left_over() == 0


def test_who_joins_as_it_ends_is_in_it_or_begins_another(ana: Session, crew: dict[str, Session]) -> None:
    """Never a runner of a run that is over: what it would do is nobody's."""
    _begin(ana, crew)
    for name in "bcd":
        batches.leave(crew[name], RUN, name)
    got = _at_once(crew, {"a": _ended(RUNNING), "b": run_as, "c": run_as})
    kinds, joined = _kinds(ana), {getattr(got[name], "id", "") for name in "bc"}
    assert "" not in joined, got
    assert kinds in (["opened", "started"], ["opened", "started", "stopped", "started"])
    assert joined == {ana.progress.of("fill").run.id}  # type: ignore[union-attr]
    assert _left_over() == 3


def test_of_two_who_pause_one_is_told_who_did(ana: Session, crew: dict[str, Session]) -> None:
    """Whatever the run does at that moment; the pause holds."""
    _begin(ana, crew)
    got = _at_once(crew, {"a": lambda s, _: controls.pause(s, "fill"), "b": lambda s, _: controls.pause(s, "fill")})
    refused = [each for each in got.values() if isinstance(each, RefusedError)]
    assert len(refused) == 1
    assert "already paused by" in str(refused[0])
    assert _kinds(ana) == ["opened", "started", "paused"]


def test_a_pause_beside_the_end_comes_before_it_or_is_refused(ana: Session, crew: dict[str, Session]) -> None:
    """A batch that is done is not paused."""
    _begin(ana, crew)
    got = _at_once(crew, {"a": _ended(DONE), "b": lambda session, _: controls.pause(session, "fill")})
    refused = isinstance(got["b"], RefusedError)
    assert _kinds(ana) == ["opened", "started", *([] if refused else ["paused"]), "passed"]
    assert ana.progress.of("fill").paused is None
