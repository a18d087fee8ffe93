"""Beginning a run of a step."""

from __future__ import annotations

import threading

import pytest

from nbrunbook.automation import beginning, reporting, starting
from nbrunbook.errors import JournalError, RefusedError
from nbrunbook.project.settings import find_project
from tests.conftest import Workplace
from tests.making import session_on
from tests.running import KEY, wait_for


def test_a_missing_secret_is_told_before_it_starts(made: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is recorded then."""
    monkeypatch.delenv("SHOP_TOKEN")
    assert made.run("run", KEY, "green") == 1
    assert "secrets that are not set here: SHOP_TOKEN" in made.err
    assert [event.kind for event in session_on().events] == ["opened"]


def test_a_supervisor_that_never_began_is_told_when_the_journal_is_back(
    made: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is known is in the folder before the journal is told, so that no operator has to say it."""

    def fails(*_: object) -> None:
        raise OSError(28, "No space left on device")

    def is_away(*_: object) -> None:
        raise JournalError("it is away")

    session = session_on()
    with monkeypatch.context() as patched:
        patched.setattr(starting, "spawn", fails)
        patched.setattr(reporting, "record", is_away)
        with pytest.raises(JournalError):
            beginning.begin(session, find_project(), "purge")
    reporting.catch_up(session)
    state = session.progress.of("purge")
    assert (state.run, state.last.kind if state.last else "") == (None, "undecided")
    assert state.last
    assert "it never began: [Errno 28]" in state.last.data["message"]


def test_two_who_press_at_once(made: Workplace) -> None:
    """One run begins; the other one is refused."""
    (made.root / "slow").touch()
    results: list[object] = []
    gate = threading.Barrier(2)

    def press() -> None:
        session = session_on()
        gate.wait()
        try:
            results.append(beginning.begin(session, find_project(), "purge"))
        except RefusedError as error:
            results.append(error)

    threads = [threading.Thread(target=press) for _ in range(2)]
    for each in threads:
        each.start()
    for each in threads:
        each.join(60)
    assert sorted(type(each).__name__ for each in results) == ["Begun", "RefusedError"], results
    (made.root / "slow").unlink()
    session = session_on()
    wait_for(lambda: session.refresh() and session.progress.of("purge").settled)
    assert len((made.root / "keys").read_text(encoding="utf-8").split()) == 1
