"""Copying rows from one journal into another: as they stand there, each once, and none over another one."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from nbrunbook.errors import JournalError
from nbrunbook.journal import reading, tables
from nbrunbook.journal.copying import EVENT, Copied, Copying, count_events
from nbrunbook.journal.journal import Journal
from nbrunbook.project.settings import find_project
from tests.conftest import Workplace
from tests.journal.conftest import Opened, write_note
from tests.making import Raw, raw_journal, registered, session_on

COMPARED = {name: ", ".join(each.columns.keys()) for name, each in tables.metadata.tables.items()}
COMPARED["event"] = ", ".join(f'"{name}"' for name in EVENT if name != "session_user")
del COMPARED["schema_version"]  # which has another number in each engine


def rows_at(url: str) -> dict[str, Sequence[Any]]:
    """Return what every table of a journal holds, but for what PostgreSQL says of its own users."""
    raw = Raw(url)
    found = {name: raw.execute(f"SELECT {columns} FROM {name}").fetchall() for name, columns in COMPARED.items()}
    raw.connection.close()
    return {name: sorted(found[name]) for name in found}


def copied(source: Journal, target: Path) -> Copied:
    """Copy a journal into a file."""
    there = Journal(f"sqlite:///{target}")
    with there.filling() as connection:
        return Copying(source, there, connection).all()


def test_every_row_is_what_it_was(opened: Opened, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Bodies, hashes, salts, data, plans, files and redactions of every project, a page at a time."""
    monkeypatch.setattr("nbrunbook.journal.copying.LISTED", 2)
    monkeypatch.setattr(reading, "LISTED", 2)
    registered("- [ ] Ünï {#u}", key="production/2.0")
    session = session_on("staging/1.0")
    session.append("ticked", "s1", data={"note": "a token"})
    session.redact(3, "pasted")
    found = copied(opened[0], tmp_path / "copy.db")
    assert rows_at(find_project().journal) == rows_at(f"sqlite:///{tmp_path}/copy.db")
    assert (found.runbooks, found.events, found.plans, found.files) == (2, 5, 2, 1)


def test_repeating_brings_only_what_is_new(opened: Opened, tmp_path: Path) -> None:
    """Events, and what was redacted since."""
    journal, runbook = opened
    assert copied(journal, tmp_path / "copy.db").events == 2
    assert copied(journal, tmp_path / "copy.db") == Copied(looked_at=2)
    write_note(journal, runbook, "second")
    session_on().redact(2, "a name")
    assert copied(journal, tmp_path / "copy.db") == Copied(looked_at=4, events=2, redacted=1)
    assert rows_at(journal.url) == rows_at(f"sqlite:///{tmp_path}/copy.db")


def test_a_file_that_was_redacted_since_is_blank_there_too(work: Workplace, engine: str, tmp_path: Path) -> None:
    """Its content was in the first copy."""
    registered('- [ ] A {#a evidence="file"}')
    (work.root / "log.txt").write_text("hunter2", encoding="utf-8")
    assert work.run("tick", "staging/1.0", "a", "--file", "log.txt") == 0, work.err
    source = Journal.open(find_project().journal)
    copied(source, tmp_path / "copy.db")
    assert work.run("redact", "staging/1.0", "2", "--reason", "x", "--yes") == 0, work.err
    assert copied(source, tmp_path / "copy.db") == Copied(looked_at=3, events=1, redacted=2)
    assert rows_at(source.url) == rows_at(f"sqlite:///{tmp_path}/copy.db")
    assert b"hunter2" not in (tmp_path / "copy.db").read_bytes()


def test_what_was_redacted_there_does_not_come_back(opened: Opened, tmp_path: Path, monkeypatch: Any) -> None:
    """A journal in which people went on holds all of the old one, and keeps what they did."""
    copied(opened[0], tmp_path / "copy.db")
    monkeypatch.setenv("NBRUNBOOK_JOURNAL", str(tmp_path / "copy.db"))
    session_on().redact(2, "a name")
    before = rows_at(f"sqlite:///{tmp_path}/copy.db")
    assert copied(opened[0], tmp_path / "copy.db") == Copied(looked_at=2)
    assert rows_at(f"sqlite:///{tmp_path}/copy.db") == before


@pytest.mark.parametrize(
    ("without", "edit", "named"),
    [
        ("event", "UPDATE event SET hash = 'x' WHERE seq = 2", "event 2 of staging/1.0 "),
        ("event", "UPDATE event SET kind = 'taken' WHERE seq = 1", "event 1 of staging/1.0 "),
        ("event_data", "UPDATE event_data SET salt = 'x'", "what event 1 of staging/1.0 says "),
        ("event_data", "DELETE FROM event_data", "what event 1 of staging/1.0 says "),
        ("runbook", "UPDATE runbook SET release = '9'", "the runbook staging/1.0 of shop "),
    ],
)
def test_a_row_that_is_another_one_there_is_refused(
    opened: Opened, tmp_path: Path, without: str, edit: str, named: str
) -> None:
    """It is named, and nothing is written."""
    journal, runbook = opened
    copied(journal, tmp_path / "copy.db")
    write_note(journal, runbook, "second")
    with raw_journal(without=without, url=f"sqlite:///{tmp_path}/copy.db") as raw:
        raw.execute(edit)
    before = rows_at(f"sqlite:///{tmp_path}/copy.db")
    with pytest.raises(JournalError, match=f"^{named}in .*nothing was written"):
        copied(journal, tmp_path / "copy.db")
    assert rows_at(f"sqlite:///{tmp_path}/copy.db") == before


def test_another_project_s_rows_may_be_there(opened: Opened, tmp_path: Path, monkeypatch: Any) -> None:
    """A team's journal takes one more in; a runbook of the same key and another row it does not."""
    monkeypatch.setenv("NBRUNBOOK_JOURNAL", str(tmp_path / "team.db"))
    registered("- [ ] B {#b}", key="production/7.0")
    assert copied(opened[0], tmp_path / "team.db").events == 2
    assert sorted(each.key for each in Journal.open(find_project().journal).runbooks("shop")) == [
        "production/7.0",
        "staging/1.0",
    ]
    monkeypatch.setenv("NBRUNBOOK_JOURNAL", str(tmp_path / "other.db"))
    registered("- [ ] B {#b}")
    with pytest.raises(JournalError, match=r"^the runbook staging/1\.0 of shop in"):
        copied(opened[0], tmp_path / "other.db")


def test_events_that_came_meanwhile_are_counted(opened: Opened) -> None:
    """So that a copy can say what it does not have."""
    journal, runbook = opened
    before = count_events(journal)
    write_note(journal, runbook, "late")
    assert count_events(journal) == before + 1
