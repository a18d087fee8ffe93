"""Moving a journal out of the work tree: whole or not at all, once, and never two into one."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from nbrunbook.documents import files
from nbrunbook.errors import JournalError
from nbrunbook.journal.journal import Journal
from nbrunbook.project.local_state import holds_journal
from nbrunbook.project.settings import find_project
from tests.conftest import MakeRunbook, Workplace
from tests.making import session_on

pytestmark = pytest.mark.on("sqlite")
OLD, NEW = Path(".nbrunbook/journal.db"), Path(".git/nbrunbook/journal.db")


@pytest.fixture
def before(work: Workplace, runbook: MakeRunbook) -> str:
    """A repository whose journal lies where earlier versions kept it; return the key of its runbook."""
    key = runbook("- [ ] A {#a}\n- [ ] B {#b}\n- [ ] C {#c}")
    assert work.run("tick", key, "a") == 0, work.err
    subprocess.run(["git", "init", "-q"], check=True)
    return key


def test_it_is_read_where_it_is_until_a_verb_writes(work: Workplace, engine: str, before: str) -> None:
    """All of it, and a text stays, which no version takes for a journal."""
    content = OLD.read_bytes()
    for verb in (["status"], ["pending"], ["verify", "--all"], ["journal", before], ["status", before]):
        assert work.run(*verb) == 0, work.err
        assert (OLD.read_bytes(), NEW.exists()) == (content, False)
    assert work.run("tick", before, "b") == 0, work.err
    assert "The journal of this project was here." in OLD.read_text(encoding="utf-8")
    assert str(NEW.resolve()) in OLD.read_text(encoding="utf-8")
    assert (NEW.stat().st_mode & 0o777, NEW.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert sorted(each.name for each in NEW.parent.iterdir()) == ["journal.db"]
    assert work.run("status", before) == 0
    assert work.out.count("[x]") == 2
    assert work.run("verify", "--all") == 0, work.out
    OLD.unlink()
    assert work.run("tick", before, "c") == 0, work.err


def test_the_text_is_nobody_s_business_where_git_does_not_answer(
    work: Workplace, engine: str, before: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in a container: git is asked about a journal that a commit may have brought, and not about a text."""
    assert work.run("tick", before, "b") == 0, work.err
    monkeypatch.setenv("PATH", "/nowhere")
    assert work.run("status", before) == 0, work.err
    assert work.out.count("[x]") == 2


def test_an_earlier_version_refuses_the_text(work: Workplace, engine: str, before: str) -> None:
    """As everything that opens it with SQLite does; without git it is told what it says."""
    assert work.run("note", before, "moved") == 0, work.err
    with closing(sqlite3.connect(OLD)) as connection, pytest.raises(sqlite3.DatabaseError, match="not a database"):
        connection.execute("SELECT * FROM sqlite_master")
    Path(".git").rename("elsewhere")
    assert work.run("status") == 1
    assert "is no journal; it begins: The journal of this project was here." in work.err


def test_an_open_session_says_so_and_goes_on_after_a_restart(work: Workplace, engine: str, before: str) -> None:
    """Its kernel looked into the old file; what it would have written is not half there."""
    opened = session_on(before)
    assert opened.progress.summary().startswith("1 of 3")
    assert work.run("tick", before, "b") == 0, work.err
    with pytest.raises(JournalError, match=r"was moved to .*\.git/nbrunbook/journal\.db .*restart the kernel"):
        opened.append("ticked", "c")
    again = session_on(before)
    again.append("ticked", "c")
    assert again.progress.summary().startswith("3 of 3")


def test_a_session_that_writes_moves_it_and_goes_on(work: Workplace, engine: str, before: str) -> None:
    """Whoever is first moves it."""
    opened = session_on(before)
    opened.append("ticked", "b")
    opened.append("ticked", "c")
    assert holds_journal(NEW)
    assert not holds_journal(OLD)


def test_many_at_once_move_it_once(work: Workplace, engine: str, before: str) -> None:
    """In processes of their own; each of their notes is kept."""
    script = "from nbrunbook.commands import main; main()"
    command = [sys.executable, "-c", script, "note", before]
    with ThreadPoolExecutor(6) as pool:
        ran = list(pool.map(lambda n: subprocess.run([*command, f"n{n}"], capture_output=True, text=True), range(6)))
    said = [each.stderr for each in ran if each.returncode]
    assert all("was moved to" in each for each in said), said
    journal = Journal.open(find_project().journal)
    kinds = [each.kind for each in journal.events(journal.runbook("shop", before))]
    assert kinds.count("noted") == 6 - len(said)
    assert sorted(each.name for each in NEW.parent.iterdir()) == ["journal.db"]


@pytest.mark.parametrize("at", ["before the copy is put", "before the text is put"])
def test_a_move_that_was_cut_short_is_ended(
    work: Workplace, engine: str, before: str, at: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By reading nothing is done, by the next that writes the rest is."""
    put, calls = files.put, iter((at == "before the text is put", False))

    def power_cut(made: Path, path: Path, *, private: bool) -> None:
        if not next(calls):
            raise KeyboardInterrupt
        put(made, path, private=private)

    monkeypatch.setattr(files, "put", power_cut)
    with pytest.raises(KeyboardInterrupt):
        session_on(before).append("ticked", "b")
    monkeypatch.setattr(files, "put", put)
    assert holds_journal(OLD)
    assert work.run("status", before) == 0, work.err
    assert work.out.count("[x]") == 1
    assert work.run("tick", before, "b") == 0, work.err
    assert work.run("status", before) == 0
    assert work.out.count("[x]") == 2
    assert not holds_journal(OLD)


def test_two_journals_are_named_and_never_merged(work: Workplace, engine: str, before: str) -> None:
    """As in a linked work tree that had one of its own; once one is away, the other is used."""
    kept = OLD.read_bytes()
    assert work.run("tick", before, "b") == 0, work.err
    OLD.write_bytes(kept)
    for verb in (["status"], ["pending"], ["tick", before, "c"], ["verify", "--all"]):
        assert work.run(*verb) == 1
        assert f"there are two journals, {OLD.absolute()} and {NEW.absolute()}" in work.err
    assert OLD.read_bytes() == kept
    OLD.unlink()
    assert work.run("tick", before, "c") == 0, work.err


def test_a_journal_that_appears_while_a_session_is_open_is_never_written_over(
    work: Workplace, engine: str, before: str
) -> None:
    """An earlier version, or somebody, puts one there again: the next that writes names both."""
    opened, kept = session_on(before), OLD.read_bytes()
    opened.append("ticked", "b")
    OLD.write_bytes(kept)
    with pytest.raises(JournalError, match="there are two journals"):
        opened.append("ticked", "c")
    assert OLD.read_bytes() == kept


@pytest.mark.parametrize("content", [b"x", b"cut", b"page"])
def test_an_odd_journal_is_never_passed_over_for_an_empty_one(
    work: Workplace, engine: str, before: str, content: bytes
) -> None:
    """Of whatever size it is: it is read, or refused in words."""
    if content == b"page":
        with closing(sqlite3.connect(OLD, isolation_level=None)) as connection:
            connection.execute("PRAGMA page_size = 1024")
            connection.execute("VACUUM")
    else:
        OLD.write_bytes(OLD.read_bytes() + b"x" if content == b"x" else OLD.read_bytes()[:-500])
    found = work.run("status", before)
    assert found == 0 or "journal" in work.err
    assert "no journal at" not in work.err
    assert work.run("note", before, "x") == found
    assert (found == 0) == NEW.exists()


def test_a_journal_that_is_broken_stays_where_it_is(work: Workplace, engine: str, before: str) -> None:
    """With nothing in the new place."""
    content = bytearray(OLD.read_bytes())
    content[5000:9000] = b"\xff" * 4000
    OLD.write_bytes(content)
    assert work.run("note", before, "x") == 1
    assert "Traceback" not in work.err
    assert (OLD.read_bytes(), NEW.exists()) == (bytes(content), False)
    assert not NEW.parent.exists() or list(NEW.parent.iterdir()) == []


def test_a_place_that_cannot_be_written_to_is_told(work: Workplace, engine: str, before: str) -> None:
    """And nothing is recorded."""
    kept = OLD.read_bytes()
    Path(".git/nbrunbook").write_text("a file", encoding="utf-8")
    assert work.run("tick", before, "b") == 1
    assert "cannot be moved" in work.err
    assert OLD.read_bytes() == kept
