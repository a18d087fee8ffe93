"""Journals that get lost: with a CI job, and those that are new beside old records."""

from __future__ import annotations

import pytest

from nbrunbook.errors import JournalError, NbrunbookError
from nbrunbook.journal.journal import Journal
from nbrunbook.project.settings import find_project
from nbrunbook.work import lost_journals
from tests.conftest import Workplace
from tests.making import run_git


def test_without_a_journal_there_is_none_to_work_with(work: Workplace) -> None:
    """Where nothing was made yet, the first runbook makes the journal, which is told."""
    with pytest.raises(JournalError, match=r"no journal at .*'nbrunbook instantiate' makes the first runbook"):
        lost_journals.existing_journal(find_project())
    made = Journal.open(find_project().journal, create=True)
    assert lost_journals.existing_journal(find_project()).where == made.where


@pytest.mark.parametrize(
    ("left", "told"),
    [
        (["runbooks/eu/1.ipynb", "runbooks/eu/2.ipynb"], "runbooks/eu/1.ipynb and 1 more were made with one"),
        (
            ["runbooks/eu/1.ipynb", "records/eu/0.html"],
            "'nbrunbook work runbooks/eu/1.ipynb' takes the runbook",
        ),
        (
            ["records/eu/0.html"],
            "and records/eu/0.html was made with one; expected that journal; NBRUNBOOK_JO",
        ),
    ],
)
def test_what_another_journal_knows_is_not_made_once_more(work: Workplace, left: list[str], told: str) -> None:
    """In a clone or a work tree that has runbooks or records, and no journal, the advice is to find theirs."""
    for name in left:
        (work.root / name).parent.mkdir(parents=True, exist_ok=True)
        (work.root / name).touch()
    for command in (["status"], ["status", "eu/1"], ["tick", "eu/1", "a"], ["verify", "--all"], ["history"]):
        assert work.run(*command) == 1
        assert told in work.err
        assert "instantiate" not in work.err


def test_another_work_tree_s_journal_is_named(work: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    """A path in the configuration is another file in each work tree: who stands in one is told of the other."""
    (work.root / "pyproject.toml").write_text('[tool.nbrunbook]\njournal = "ops.db"\n', encoding="utf-8")
    path = work.template("- [ ] A {#a}")
    for arguments in (["init", "-q"], ["add", "."], ["commit", "-qm", "One"]):
        run_git(work.root, *arguments)
    assert work.run("instantiate", path, "-e", "staging") == 0, work.err
    other = work.root.parent / f"{work.root.name}-other"
    run_git(work.root, "worktree", "add", "-q", str(other))
    monkeypatch.chdir(other)
    assert work.run("tick", "staging/1.0", "a") == 1
    assert f"and another work tree has {work.root / 'ops.db'}; expected one for both; NBRUNBOOK_JOURNAL=" in work.err
    assert work.run("instantiate", path, "-e", "production") == 0
    assert f"ops.db is new, although another work tree has {work.root / 'ops.db'}" in work.err


def test_a_session_copy_was_made_of_a_runbook(work: Workplace) -> None:
    """It is no runbook that could be taken into a journal."""
    (work.root / "runbooks" / "_sessions").mkdir(parents=True)
    (work.root / "runbooks" / "_sessions" / "eu@1.ipynb").touch()
    with pytest.raises(JournalError, match="'nbrunbook instantiate' makes the first runbook"):
        lost_journals.existing_journal(find_project())


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
