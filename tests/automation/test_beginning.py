"""Beginning a run of a step."""

from __future__ import annotations

import threading

import pytest

from nbrunbook.automation import beginning
from nbrunbook.errors import RefusedError
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
