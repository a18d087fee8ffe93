"""Saying that a journal is new although there are records."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from tests.conftest import MakeRunbook, Workplace


@pytest.mark.on("sqlite")
def test_a_new_journal_beside_records_says_so(work: Workplace, runbook: MakeRunbook) -> None:
    """A journal that was made just now beside records says so: the old one may be lost."""
    (work.root / "records" / "staging").mkdir(parents=True)
    (work.root / "records" / "staging" / "0.9.html").write_text("", encoding="utf-8")
    runbook("- [ ] A {#a}")
    assert "is new, although there are records" in work.err
    assert work.run("instantiate", "templates/1.0.ipynb", "-e", "production") == 0
    assert "is new" not in work.err


@pytest.mark.on("sqlite")
def test_a_new_journal_beside_records_is_told(
    work: Workplace, runbook: MakeRunbook, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A journal that adopting a file makes says that it is new, since records tell of an older one."""
    key = runbook("- [ ] A {#a .optional}")
    assert work.run("sign-off", key) == work.run("archive", key) == 0
    assert work.run("instantiate", "templates/1.0.ipynb", "-e", "production") == 0, work.err
    shutil.rmtree(work.root / ".nbrunbook", ignore_errors=True)
    monkeypatch.setenv("JPY_PARENT_PID", "1")  # as in a terminal of JupyterLab, where `work` starts no server
    assert work.run("work", "runbooks/production/1.0.ipynb") == 0, work.err
    assert "is new, although there are records in records" in work.err


@pytest.mark.on("sqlite")
def test_a_journal_that_is_made_by_hand_says_so_once(work: Workplace) -> None:
    """`journal init` is for projects that begin, too: it tells of records while it makes a journal, and not again."""
    (work.root / "old" / "staging").mkdir(parents=True)
    (work.root / "old" / "staging" / "0.9.html").write_text("", encoding="utf-8")
    (work.root / "pyproject.toml").write_text('[tool.nbrunbook]\nrecords = "old"\n', encoding="utf-8")
    assert work.run("journal", "init") == 0
    assert work.err.endswith("journal.db is new, although there are records in old\n")
    assert work.run("journal", "init") == 0
    assert work.err == ""


def test_a_first_journal_is_nothing_to_tell(work: Workplace) -> None:
    """Where there are no records yet there was no journal to lose."""
    assert work.run("journal", "init") == 0
    assert work.err == ""


@pytest.mark.on("sqlite")
def test_a_journal_that_a_commit_would_take_along_is_told(work: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    """`journal init` says so of a named file in the work tree, until git ignores it; our own lies in `.git`."""
    subprocess.run(["git", "init", "-q", work.root], check=True)
    assert work.run("journal", "init") == 0
    assert work.err == ""
    monkeypatch.setenv("NBRUNBOOK_JOURNAL", "db.nbrunbook.sqlite3")
    assert work.run("journal", "init") == 0
    assert "git does not ignore db.nbrunbook.sqlite3: write /db.nbrunbook.sqlite3* into .gitignore" in work.err
    (work.root / ".gitignore").write_text("/db.nbrunbook.sqlite3*\n", encoding="utf-8")
    assert work.run("journal", "init") == 0
    assert work.err == ""
