"""Schemes: who opens a URL that no engine here knows."""

from __future__ import annotations

import pytest

from nbrunbook.journal import engines, schemes
from nbrunbook.journal.journal import Journal
from nbrunbook.journal.sqlite import Sqlite
from tests.conftest import Workplace


def test_a_room_above_brings_a_door(work: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    """A URL of a scheme that was registered is opened by its factory, which is told how long to wait."""
    monkeypatch.setattr(schemes, "_factories", {})
    assert schemes.factory_of("django://default") is None

    def door(url: str, wait_seconds: float) -> engines.Door:
        assert (url, wait_seconds) == ("django://default", 30)
        return Sqlite(work.root / "j.db", wait_seconds)

    schemes.register("django", door)
    assert Journal("django://default").where == str(work.root / "j.db")
