"""A new journal beside old records is told."""

from __future__ import annotations

import pytest

from nbrunbook.commands.new_journal import tell_if_new
from nbrunbook.journal.journal import Journal
from nbrunbook.project.settings import find_project
from tests.conftest import Workplace


@pytest.mark.on("sqlite")
def test_whoever_makes_a_journal_hears_of_records(work: Workplace) -> None:
    """It says where both are, on stderr, and only while the journal is new."""
    project = find_project()
    journal = Journal.open(project.journal, create=True)
    work.capsys.readouterr()
    tell_if_new(project, journal)
    assert work.capsys.readouterr() == ("", "")
    (project.records / "staging").mkdir(parents=True)
    (project.records / "staging" / "1.0.html").write_text("", encoding="utf-8")
    tell_if_new(project, journal)
    out, err = work.capsys.readouterr()
    assert (out, err.endswith("journal.db is new, although there are records in records\n")) == ("", True)
    tell_if_new(project, Journal.open(project.journal))
    assert work.capsys.readouterr().err == ""
