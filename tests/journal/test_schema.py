"""The schema: making it, upgrading it, and refusing another one."""

from __future__ import annotations

import sqlite3
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from nbrunbook.errors import JournalError
from nbrunbook.journal import runners, tables
from nbrunbook.journal.entries import RunPlace
from nbrunbook.journal.journal import Journal
from nbrunbook.journal.raw_rows import Rows
from nbrunbook.project.settings import find_project
from tests.conftest import ROOT, Workplace
from tests.databases import Server
from tests.journal.conftest import Opened
from tests.making import REFUSED, Raw, raw_journal, registered, rows, session_on

SCHEMAS = ROOT / "tests" / "journal" / "schemas"
LIVES: dict[str, list[dict[str, Any]]] = {
    "staging/1.0": [],
    "staging/1.1": [{"kind": "signed_off"}],
    "staging/1.2": [{"kind": "signed_off"}, {"kind": "reopened", "data": {"reason": "not yet"}}],
    "staging/1.3": [{"kind": "skipped", "step_id": "a", "data": {"reason": "no"}}],
    "staging/1.4": [{"kind": "abandoned", "data": {"reason": "rolled back"}}],
}


@pytest.fixture
def old(work: Workplace, engine: str) -> dict[str, list[Any]]:
    """A journal of schema 1; what it held with the newest one is returned."""
    for key, life in LIVES.items():
        registered("- [ ] A {#a .optional}", key=key)
        for each in life:
            session_on(key).append(**each)
    kept = rows()
    (_make_sqlite_1 if engine == "sqlite" else _make_postgres_1)(kept)
    return kept


def _make_sqlite_1(kept: dict[str, list[Any]]) -> None:
    Path(find_project().journal.removeprefix("sqlite:///")).unlink()
    raw = Raw(find_project().journal)
    raw.connection.executescript((SCHEMAS / "sqlite-1.sql").read_text(encoding="utf-8"))
    _fill(raw, kept)


def _make_postgres_1(kept: dict[str, list[Any]]) -> None:
    raw = Raw(find_project().journal)
    for table in reversed(tables.metadata.tables):
        raw.without_triggers(table)
        raw.execute(f"DELETE FROM {table}")
    raw.execute((SCHEMAS / "postgres-1.sql").read_text(encoding="utf-8"))
    raw.execute("INSERT INTO schema_version VALUES (1)")
    _fill(raw, kept)


def _fill(raw: Raw, kept: dict[str, list[Any]]) -> None:
    for table in ("plan", "blob", "runbook", "event", "event_data"):
        for row in kept[table]:
            raw.execute(f"INSERT INTO {table} VALUES ({', '.join('?' * len(row))})", row)
    if not raw.is_sqlite:
        for table in set(tables.metadata.tables) - set(LATER):
            raw.execute(f"ALTER TABLE {table} ENABLE TRIGGER ALL")
    raw.connection.commit()
    raw.connection.close()


def _triggers() -> list[Any]:
    with raw_journal() as raw:
        if raw.is_sqlite:
            found = raw.execute("SELECT name, sql FROM sqlite_master WHERE type IN ('trigger', 'index')")
        else:
            found = raw.execute(
                "SELECT tgname, pg_get_triggerdef(oid), tgenabled FROM pg_trigger WHERE NOT tgisinternal "
                "UNION ALL SELECT indexname, indexdef, 'O' FROM pg_indexes WHERE schemaname = 'public'"
            )
        return sorted(found.fetchall(), key=str)


NEWEST = {"sqlite": 5, "postgres": 5}
BEFORE = {"sqlite": 2, "postgres": 3}
RUN = "6f0b8f0e-1d7a-4b64-9d3e-0d3c0a5f9f11"
LATER = ("open_runbook", "run", "kept_state", "runner", "board")


def test_an_older_schema_is_told(old: dict[str, list[Any]], work: Workplace, engine: str) -> None:
    """A journal of schema 1 is one clear error that says what to do."""
    assert work.run("status") == 1
    assert f"has schema 1; expected schema {NEWEST[engine]}" in work.err
    assert "nbrunbook journal upgrade" in work.err


def test_an_upgrade_keeps_everything(old: dict[str, list[Any]], work: Workplace, engine: str) -> None:
    """Every row stays as it was, what is open is found from the events, and every chain holds."""
    assert work.run("journal", "upgrade") == 0
    assert work.out.endswith(f"schema 1 is now {NEWEST[engine]}\n")
    now = rows()
    assert now.pop("schema_version") == [(1, None), (NEWEST[engine], "0.5.0")]
    assert now == {name: found for name, found in old.items() if name != "schema_version"}
    assert len(now["open_runbook"]) == 3
    for key in LIVES:
        assert work.run("journal", key) == 0


def test_an_upgraded_journal_is_like_a_new_one(old: dict[str, list[Any]], work: Workplace, postgres: Server) -> None:
    """It has the triggers and indexes of a new one, and each still refuses."""
    assert work.run("journal", "upgrade") == 0
    upgraded = _triggers()
    with raw_journal() as raw, pytest.raises(REFUSED, match="append-only"):
        raw.execute("DELETE FROM event")
    session_on("staging/1.0").append("signed_off")
    assert len(rows()["open_runbook"]) == 2
    url = postgres.with_schema() if find_project().journal.startswith("postgres") else "new.db"
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("NBRUNBOOK_JOURNAL", url)
        Journal.open(find_project().journal, create=True)
        assert _triggers() == upgraded


def test_a_schema_without_runs_gets_them(work: Workplace, engine: str) -> None:
    """It is the newest one without the tables beside the chain: every row stays, and they are there as in a new one."""
    registered("- [ ] A {#a}")
    before, triggers = rows(), _triggers()
    with raw_journal(without="schema_version") as raw:
        for table in LATER[1:]:
            raw.execute(f"DROP TABLE {table}")
        raw.execute("UPDATE schema_version SET version = ?", (BEFORE[engine],))
        raw.execute("ALTER TABLE schema_version DROP COLUMN needs")
    assert work.run("status") == 1
    assert f"has schema {BEFORE[engine]}; expected schema 5" in work.err
    assert work.run("journal", "upgrade") == 0
    now = rows()
    assert now.pop("schema_version") == [(BEFORE[engine], None), (5, "0.5.0")]
    assert now == {name: found for name, found in before.items() if name != "schema_version"}
    assert _triggers() == triggers
    assert work.run("verify", "--all") == 0, work.out


def test_a_journal_of_0_4_0_goes_on(
    work: Workplace, engine: str, postgres: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As 0.4.0 made it: each row stays, also of a run that goes on, all is as in a new one, and it is worked on."""
    registered("- [ ] A {#a}\n- [ ] B {#b}")
    session = session_on()
    place = RunPlace(host="here", folder="/none")
    session.append("noted", "a", data={"note": "x"}, event_id=RUN, shape=lambda _, draft: replace(draft, begins=place))
    before, made = rows(), _triggers()
    url = postgres.fresh() if engine == "postgres" else f"sqlite:///{work.root}/old.db"
    _make_4(url, engine, before)
    monkeypatch.setenv("NBRUNBOOK_JOURNAL", url)
    assert work.run("status") == 1
    assert "has schema 4; expected schema 5; it is older than this nbrunbook" in work.err
    assert work.run("journal", "upgrade") == 0, work.err
    now = rows()
    assert now.pop("schema_version") == [(4, None), (5, "0.5.0")]
    assert now == {name: found for name, found in before.items() if name != "schema_version"}
    assert _triggers() == made
    assert Rows(Journal.open(url)).catalog_faults() == []
    session_on().append("ticked", "b")
    runners.join(session_on().journal, RUN, "r", host="here", folder="/none")
    assert work.run("journal", "staging/1.0") == 0, work.err


def _make_4(url: str, engine: str, kept: dict[str, list[Any]]) -> None:
    if engine == "sqlite":
        sqlite3.connect(url.removeprefix("sqlite:///")).close()
    raw = Raw(url)
    statements = (SCHEMAS / f"{engine}-4.sql").read_text(encoding="utf-8")
    raw.connection.executescript(statements) if raw.is_sqlite else raw.execute(statements)
    raw.execute("INSERT INTO schema_version VALUES (4)")
    for table in ("plan", "blob", "runbook", "event", "event_data", "run", "kept_state"):
        for row in kept[table]:
            raw.execute(f"INSERT INTO {table} VALUES ({', '.join('?' * len(row))})", row)
    raw.connection.commit()
    raw.connection.close()


def test_an_upgrade_may_be_repeated(old: dict[str, list[Any]], work: Workplace, engine: str) -> None:
    """A second upgrade changes nothing and says so."""
    assert work.run("journal", "upgrade") == 0
    before = rows()
    assert work.run("journal", "upgrade") == 0
    assert f"is up to date, schema {NEWEST[engine]}" in work.out
    assert rows() == before


def test_an_upgrade_that_fails_changes_nothing(old: dict[str, list[Any]], monkeypatch: pytest.MonkeyPatch) -> None:
    """An upgrade is one transaction: where its last step fails, the journal is as it was."""

    def fail(*_: object) -> None:
        raise ZeroDivisionError("half way")

    before = _triggers()
    monkeypatch.setattr("nbrunbook.journal.schema._fill_open", fail)
    with pytest.raises(ZeroDivisionError, match="half way"):
        Journal.upgrade(find_project().journal)
    assert _triggers() == before


def test_a_newer_schema_is_not_upgraded(work: Workplace, engine: str) -> None:
    """A journal that a newer nbrunbook made is refused by `upgrade` too."""
    registered("- [ ] A {#a}")
    with raw_journal() as raw:
        raw.execute("INSERT INTO schema_version VALUES (99, '9.1')")
    for command in (["status"], ["journal", "upgrade"]):
        assert work.run(*command) == 1
        assert "has schema 99" in work.err
        assert work.err.endswith("update nbrunbook to 9.1 or newer\n")


# Making one


@pytest.fixture
def empty(work: Workplace, postgres: Server, monkeypatch: pytest.MonkeyPatch) -> str:
    """An empty database in PostgreSQL, as the project's journal."""
    url = postgres.fresh()
    monkeypatch.setenv("NBRUNBOOK_JOURNAL", url)
    return url


def test_an_empty_database_asks_to_be_made_a_journal(work: Workplace, empty: str) -> None:
    """In PostgreSQL only `journal init` makes the tables, and every other command says so."""
    path = work.template("- [ ] A {#a}")
    for command in (["status"], ["instantiate", path, "-e", "staging"], ["journal", "upgrade"], ["journal", "a/b"]):
        assert work.run(*command) == 1
        assert "holds no journal; 'nbrunbook journal init' makes one in it" in work.err
    assert work.run("journal", "init") == 0
    assert work.out.endswith(": made, schema 5\n")
    assert work.run("instantiate", path, "-e", "staging") == 0


def test_init_may_be_repeated(work: Workplace, engine: str) -> None:
    """A journal that is there stays as it is, and is told to be there."""
    if engine == "sqlite":
        assert work.run("journal", "init") == 0
        assert work.out.endswith(f": made, schema {NEWEST[engine]}\n")
    registered("- [ ] A {#a}")
    before = rows()
    assert work.run("journal", "init") == 0
    assert f"is a journal already, schema {NEWEST[engine]}" in work.out
    assert rows() == before


def test_two_may_make_it_at_once(empty: str) -> None:
    """Where two make the tables at once, one does, and both have a journal."""
    made: list[bool] = []
    start = threading.Barrier(2)

    def make() -> None:
        start.wait()
        made.append(Journal.open(empty, create=True).is_new)

    threads = [threading.Thread(target=make) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert sorted(made) == [False, True]


def test_a_database_of_another_program_is_left_alone(empty: str) -> None:
    """A database that holds other tables gets none of ours."""
    raw = Raw(empty)
    raw.execute("CREATE TABLE theirs (name text)")
    raw.connection.commit()
    raw.connection.close()
    with pytest.raises(JournalError, match="holds tables of another program"):
        Journal.open(empty, create=True)


@pytest.mark.parametrize(("version", "age"), [(99, "newer"), (0, "older")])
def test_another_schema_is_refused(opened: Opened, work: Workplace, engine: str, version: int, age: str) -> None:
    """A journal of another schema is refused, and says which one is older."""
    found, _ = opened
    with raw_journal(without="schema_version") as raw:
        raw.execute("UPDATE schema_version SET version = ?", (version,))
    with pytest.raises(JournalError, match=f"schema {version}.*schema {NEWEST[engine]}.*{age}"):
        Journal.open(found.url)


def test_somebody_elses_database_is_told(tmp_path: Path) -> None:
    """A database of another program is no journal, and gets no tables of ours."""
    path = tmp_path / "journal.db"
    with sqlite3.connect(path) as raw:
        raw.execute("CREATE TABLE theirs (name TEXT)")
    raw.close()
    before = path.read_bytes()
    with pytest.raises(JournalError, match="is no journal"):
        Journal.open(f"sqlite:///{path}", create=True)
    assert path.read_bytes() == before
