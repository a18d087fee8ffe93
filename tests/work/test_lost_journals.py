"""Journals that get lost."""

from __future__ import annotations

import pytest

from nbrunbook.errors import NbrunbookError
from nbrunbook.journal.journal import Journal
from nbrunbook.project.settings import find_project
from nbrunbook.work.lost_journals import may_be_lost, refuse_to_lose
from tests.conftest import Workplace


def test_ci_loses_a_journal_that_is_a_file(work: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is refused in CI, and the error says what may be done instead; elsewhere it is fine."""
    refuse_to_lose(find_project())
    monkeypatch.setenv("CI", "true")
    with pytest.raises(NbrunbookError, match=r"would be lost with this CI job.*; or this; CI=false"):
        refuse_to_lose(find_project(), "or this")
    monkeypatch.setenv("NBRUNBOOK_JOURNAL", "postgresql+psycopg://db/ops")
    refuse_to_lose(find_project())


def test_a_new_journal_beside_records_is_not_the_old_one(work: Workplace) -> None:
    """Only one that was made just now, where there are records, tells that an older one may be lost."""
    project = find_project()
    assert not may_be_lost(project, Journal.open(project.journal, create=True))
    (project.records / "staging").mkdir(parents=True)
    (project.records / "staging" / "1.0.html").touch()
    assert not may_be_lost(project, Journal.open(project.journal))
    other = f"sqlite:///{work.root / 'other.db'}"
    assert may_be_lost(project, Journal.open(other, create=True))
