"""Small ways in: each is little, and none of them may work."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from nbrunbook.errors import JournalError, RefusedError
from nbrunbook.journal.journal import Journal
from nbrunbook.project.settings import find_project
from nbrunbook.runbook import events
from tests.conftest import MakeRunbook, Workplace
from tests.making import raw_journal, registered, session_on

NOW = events.now


@pytest.mark.parametrize("section", ["", "nowhere", "x" * 2_000_000])
def test_only_a_section_that_is_there_is_opened(
    work: Workplace, runbook: MakeRunbook, engine: str, section: str
) -> None:
    """A panel sends any text: what is no section that is closed goes into no journal."""
    session = session_on(runbook("- [ ] A {#a}\n\n## Only if {.if-needed}\n- [ ] B {#b}"))
    with pytest.raises(RefusedError, match="there is no section of that id"):
        session.open_section(section)
    assert [event.kind for event in session_on().events] == ["opened"]


def test_an_id_of_another_project_s_event_says_nothing_of_ours(work: Workplace, engine: str) -> None:
    """Two projects in one journal may have a runbook of the same key: what one has done the other has not."""
    registered("- [ ] A {#a}")
    event = session_on().append("ticked", "a")
    Path("pyproject.toml").write_text('[project]\nname = "other"\n[tool.nbrunbook]\n', encoding="utf-8")
    registered("- [ ] A {#a}")
    with pytest.raises(JournalError, match="belongs to"):
        session_on().append("ticked", "a", event_id=event.id)
    assert session_on().progress.settled == 0


def test_of_those_who_start_a_template_at_once_one_does(work: Workplace) -> None:
    """The others are told, and write over nothing."""
    code = "from nbrunbook.commands import main; main()"
    begun = [
        subprocess.Popen([sys.executable, "-c", code, "new", "1.0.md"], stderr=subprocess.PIPE, stdout=subprocess.PIPE)
        for _ in range(4)
    ]
    for each in begun:
        each.communicate()
    assert sorted(each.returncode for each in begun) == [0, 1, 1, 1]


@pytest.mark.on("sqlite")
def test_an_index_that_says_otherwise_is_named(work: Workplace, engine: str) -> None:
    """`pending` asks indexes: `verify --all` has SQLite hold them against the rows."""
    registered("- [ ] A {#a}")
    assert work.run("verify", "--all") == 0
    Journal(find_project().journal).close()
    with raw_journal() as raw:
        raw.execute("PRAGMA writable_schema = ON")
        found = "SELECT rootpage FROM sqlite_master WHERE name = ?"
        (page,) = raw.execute(found, ("runbook_deployment",)).fetchone()
        (other,) = raw.execute(found, ("event_life_of",)).fetchone()
        raw.execute("UPDATE sqlite_master SET rootpage = ? WHERE name = ?", (other, "runbook_deployment"))
        raw.connection.commit()
        assert page != other
    assert work.run("verify", "--all") == 1
    assert "SQLite's own check says:" in work.out + work.err


@pytest.mark.on("sqlite")
@pytest.mark.parametrize("cell", ["event.body", "event_data.data", "plan.body", "runbook.body"])
def test_a_cell_that_is_no_text_does_not_end_the_check(work: Workplace, engine: str, cell: str) -> None:
    """`verify --all` names it and goes on to the end."""
    registered("- [ ] A {#a}", key="staging/1.0")
    session_on("staging/1.0").append("noted", data={"note": "x"})
    registered("- [ ] B {#b}", key="staging/1.1")
    table, column = cell.split(".")
    with raw_journal(without=table) as raw:
        raw.execute(f"UPDATE {table} SET {column} = CAST(X'c328' AS TEXT)")
        raw.connection.commit()
    assert work.run("verify", "--all") == 1
    assert "2 runbooks" in work.out
    assert work.err == ""
