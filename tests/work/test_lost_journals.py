"""Journals that get lost: with a CI job, and those that are new beside old records."""

from __future__ import annotations

import pytest

from nbrunbook.errors import NbrunbookError
from nbrunbook.journal.journal import Journal
from nbrunbook.project.settings import find_project
from nbrunbook.work import lost_journals
from tests.conftest import Workplace


def test_a_file_is_lost_with_a_ci_job(work: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    """In CI a journal in a file is refused, with what may be done; on a machine that stays it is not."""
    lost_journals.refuse_to_lose(find_project())
    monkeypatch.setenv("CI", "true")
    with pytest.raises(NbrunbookError, match=r"journal\.db would be lost .*; keep it; CI=false for a machine"):
        lost_journals.refuse_to_lose(find_project(), "keep it")
    monkeypatch.setenv("CI", "false")
    lost_journals.refuse_to_lose(find_project())


def test_a_database_outlives_a_ci_job(work: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    """The team's journal is no part of the machine; nobody connects to it to find that out."""
    monkeypatch.setenv("CI", "true")
    monkeypatch.setenv("NBRUNBOOK_JOURNAL", "postgresql+psycopg://127.0.0.1:1/ops")
    lost_journals.refuse_to_lose(find_project())


def test_records_of_another_journal_are_noticed(work: Workplace) -> None:
    """A journal that was made just now beside records may not be the one that they came from."""
    project = find_project()
    made = Journal.open(project.journal, create=True)
    assert not lost_journals.may_be_lost(project, made)
    (project.records / "staging").mkdir(parents=True)
    (project.records / "staging" / "1.0.html").write_text("", encoding="utf-8")
    assert lost_journals.may_be_lost(project, made)
    assert not lost_journals.may_be_lost(project, Journal.open(project.journal))
