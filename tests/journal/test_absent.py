"""No journal, on purpose."""

from __future__ import annotations

from pathlib import Path

import pytest

from nbrunbook.errors import JournalError
from nbrunbook.journal.journal import Journal
from nbrunbook.project.journal_urls import ABSENT


def test_no_journal_is_none_and_makes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever asks whether there is one hears no; whoever needs one, or would make it, hears how a test asks for it."""
    monkeypatch.chdir(tmp_path)
    assert Journal.if_any(ABSENT) is None
    assert not Journal(ABSENT).exists()
    for call in (
        lambda: Journal.open(ABSENT),
        lambda: Journal.open(ABSENT, create=True),
        lambda: Journal.upgrade(ABSENT),
        lambda: Journal(ABSENT).writing("a lock").__enter__(),
        lambda: Journal(ABSENT).reading().__enter__(),
        lambda: Journal(ABSENT).filling().__enter__(),
    ):
        with pytest.raises(JournalError, match=r"no journal while tests run; expected .*@journal\(\)"):
            call()
    Journal(ABSENT).close()
    assert list(tmp_path.iterdir()) == []
