"""Copying the project's journal: sound before and after, whole or not at all, from either engine to either."""

from __future__ import annotations

import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from nbrunbook.errors import JournalError
from nbrunbook.journal.copying import Copying
from nbrunbook.journal.journal import Journal
from nbrunbook.project.settings import find_project
from nbrunbook.work.copying import copy_journal
from tests.conftest import Workplace
from tests.databases import Server
from tests.journal.test_copying import rows_at
from tests.making import raw_journal, registered, session_on

KILLED = """
import os, signal, sys
import sqlalchemy as sa
from nbrunbook.commands import main
left, begins = int(sys.argv.pop()), sys.argv.pop()
def killed_before(name):
    real = getattr(sa.Connection, name)
    def call(self, statement=name, *arguments, **more):
        global left
        left -= str(statement).lstrip().startswith(begins)
        if not left:
            os.kill(os.getpid(), signal.SIGKILL)
        return real(self, *[statement][:name != "commit"], *arguments, **more)
    setattr(sa.Connection, name, call)
killed_before("execute")
killed_before("commit")
main()
"""


@pytest.fixture
def source(work: Workplace, engine: str) -> Workplace:
    """A project with two runbooks, a file and a redaction in its journal."""
    registered('- [ ] A {#a}\n- [ ] B {#b evidence="file"}')
    registered("- [ ] A {#a}", key="production/1.0")
    (work.root / "log.txt").write_text("all well", encoding="utf-8")
    for command in (
        ["tick", "staging/1.0", "a", "--note", "ünï"],
        ["tick", "staging/1.0", "b", "--file", "log.txt"],
        ["redact", "staging/1.0", "2", "--reason", "x", "--yes"],
        ["sign-off", "staging/1.0"],
    ):
        assert work.run(*command) == 0, work.err
    return work


def target_of(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> str:
    """Return the URL of a place where no journal is: a file, or an empty database."""
    if kind == "sqlite":
        return f"sqlite:///{tmp_path}/new/copy.db"
    server: Server = request.getfixturevalue("postgres")
    return server.fresh()


ANY = pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgres", marks=pytest.mark.database)])


@ANY
def test_all_of_it_is_there_and_holds(
    source: Workplace, tmp_path: Path, kind: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Made as `journal init` makes it, from either engine to either, and back again into a file."""
    before, to = rows_at(find_project().journal), target_of(kind, tmp_path, request)
    assert source.run("journal", "copy", to) == 0, source.err
    assert "made; new there: 2 runbooks, 6 events, 2 plans, 2 files; its chains hold" in source.out
    assert rows_at(find_project().journal) == before
    monkeypatch.setenv("NBRUNBOOK_JOURNAL", to)
    assert source.run("verify", "--all") == 0, source.out
    assert source.run("journal", "copy", "back.db") == 0, source.err
    assert before == rows_at(to) == rows_at("sqlite:///back.db")
    session_on("production/1.0").append("ticked", "a")
    assert source.run("verify", "--all") == 0, source.out
    assert source.run("journal", "init") == 0
    assert "is a journal already" in source.out


@ANY
@pytest.mark.parametrize(
    ("begins", "nth"),
    [
        ("CREATE TABLE", 1),
        ("CREATE TRIGGER", 3),
        ("INSERT INTO runbook", 1),
        ("INSERT INTO event ", 1),
        ("INSERT INTO runbook", 2),
        ("INSERT INTO event_data", 2),
        ("INSERT INTO blob", 2),
        ("commit", 1),
    ],
)
def test_a_kill_leaves_nothing_half_there(
    source: Workplace, tmp_path: Path, kind: str, begins: str, nth: int, request: pytest.FixtureRequest
) -> None:
    """Among the tables, the runbooks, the events, the files, before the end: no row is there; then it is done again."""
    to, before = target_of(kind, tmp_path, request), rows_at(find_project().journal)
    command = [sys.executable, "-c", KILLED, "journal", "copy", to, begins, str(nth)]
    ran = subprocess.run(command, capture_output=True, text=True)
    assert ran.returncode == -signal.SIGKILL, ran.stderr
    with pytest.raises(JournalError, match=r"is no journal|holds no journal"):
        Journal.open(to)
    assert source.run("journal", "copy", to) == 0, source.err
    assert rows_at(to) == before


@pytest.mark.on("sqlite")
def test_a_broken_chain_is_refused_before_anything_is_written(source: Workplace) -> None:
    """It is named, and no file is made."""
    with raw_journal(without="event") as raw:
        raw.execute("UPDATE event SET hash = 'x' WHERE seq = 3")
    assert source.run("journal", "copy", "new/copy.db") == 1
    assert "does not hold: staging/1.0, event 3: the hash is not that of the body" in source.err
    assert "nothing was written" in source.err
    assert not Path("new").exists()


@pytest.mark.on("sqlite")
def test_a_copy_that_does_not_hold_is_not_kept(source: Workplace) -> None:
    """As where a trigger of somebody else's eats rows there."""
    assert source.run("journal", "copy", "copy.db") == 0, source.err
    session_on("production/1.0").append("noted", data={"note": "later"})
    with raw_journal(url="sqlite:///copy.db") as raw:
        raw.execute("CREATE TRIGGER eats BEFORE INSERT ON event_data BEGIN SELECT RAISE(IGNORE); END")
    before = rows_at("sqlite:///copy.db")
    assert source.run("journal", "copy", "copy.db") == 1
    assert "does not hold: the trigger eats is not nbrunbook's" in source.err
    assert rows_at("sqlite:///copy.db") == before


@pytest.mark.on("sqlite")
def test_a_runbook_may_be_worked_on_meanwhile(source: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for the copy; what came is said, and brought by doing it again."""
    opened, real = session_on("production/1.0", wait_seconds=1), Copying._plans

    def meanwhile(self: Copying, names: list[str]) -> None:
        opened.append("noted", data={"note": "meanwhile"})
        real(self, names)

    monkeypatch.setattr(Copying, "_plans", meanwhile)
    assert source.run("journal", "copy", "copy.db") == 0, source.err
    monkeypatch.setattr(Copying, "_plans", real)
    assert "not copied, since recorded meanwhile:" in source.err
    assert copy_journal(find_project(), "copy.db").since == 0
    assert rows_at(find_project().journal) == rows_at("sqlite:///copy.db")


@pytest.mark.on("sqlite")
@pytest.mark.parametrize("name", [".nbrunbook/journal.db", "link.db"])
def test_a_journal_is_not_copied_onto_itself(source: Workplace, name: str) -> None:
    """Whatever way leads to it."""
    Path("link.db").hardlink_to(find_project().journal.removeprefix("sqlite:///"))
    assert source.run("journal", "copy", name) == 1
    assert "is the project's journal already" in source.err


@pytest.mark.on("sqlite")
@pytest.mark.parametrize("to", ["new.db", "./x/../new.db", "sqlite:///new.db", "hard.db"])
def test_a_setting_that_names_the_new_one_already_is_told(
    source: Workplace, monkeypatch: pytest.MonkeyPatch, to: str
) -> None:
    """Nothing would be copied; the file that holds the project's own journal is named, with what brings it."""
    old, _ = find_project().journal.removeprefix("sqlite:///"), Path("x").mkdir()
    assert source.run("journal", "copy", "new.db") == 0, source.err
    Path("hard.db").hardlink_to("new.db")
    monkeypatch.setenv("NBRUNBOOK_JOURNAL", "new.db")
    assert source.run("journal", "copy", to) == 1
    assert "new.db is the project's journal already" in source.err
    assert f"NBRUNBOOK_JOURNAL={old} nbrunbook journal copy {to}' brings" in source.err
    monkeypatch.setenv("NBRUNBOOK_JOURNAL", old)
    assert source.run("journal", "copy", to) == 0, source.err


def test_a_database_is_one_by_all_its_names(
    source: Workplace, postgres: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another scheme, host, user or option leads to the same rows; another database of the server does not."""
    to = postgres.fresh()
    assert source.run("journal", "copy", to) == 0, source.err
    monkeypatch.setenv("NBRUNBOOK_JOURNAL", to)
    same = [to, to.replace("postgresql+psycopg:", "postgres:"), f"{to}?application_name=x"]
    for each in [*same, to.replace("127.0.0.1", "localhost")]:
        assert source.run("journal", "copy", each) == 1, each
        assert "is the project's journal already" in source.err
    assert source.run("journal", "copy", postgres.fresh()) == 0, source.err


@pytest.mark.on("sqlite")
def test_a_copy_that_brought_nothing_asks_for_no_other(source: Workplace) -> None:
    """The first one says to end the sessions and to do it once more; the next one finds nothing new."""
    for is_first in (True, False):
        assert source.run("journal", "copy", "copy.db") == 0, source.err
        assert ("do it once more" in source.err) is is_first
        assert "NBRUNBOOK_JOURNAL=" in source.err
    session_on("production/1.0").append("noted", data={"note": "later"})
    assert source.run("journal", "copy", "copy.db") == 0, source.err
    assert "do it once more" in source.err


@pytest.mark.on("sqlite")
@pytest.mark.parametrize("content", [b"", b"no journal\n" * 20])
def test_a_file_of_somebody_else_s_stays_as_it_is(source: Workplace, content: bytes) -> None:
    """An empty one becomes a journal."""
    Path("copy.db").write_bytes(content)
    assert source.run("journal", "copy", "copy.db") == (1 if content else 0)
    assert (Path("copy.db").read_bytes() == content) == bool(content)


@pytest.mark.on("sqlite")
def test_a_database_of_another_program_is_refused(source: Workplace) -> None:
    """With its tables as they are."""
    with raw_journal(url="sqlite:///copy.db") as raw:
        raw.execute("CREATE TABLE theirs (id)")
    assert source.run("journal", "copy", "copy.db") == 1
    assert "is no journal" in source.err


@pytest.mark.on("sqlite")
def test_an_older_journal_is_refused_with_what_to_do(source: Workplace) -> None:
    """Of the one that is copied, and of the one that it is copied into."""
    schema = (Path(__file__).parent.parent / "journal/schemas/sqlite-1.sql").read_text(encoding="utf-8")
    with raw_journal(url="sqlite:///copy.db") as raw:
        raw.connection.executescript(schema)
    assert source.run("journal", "copy", "copy.db") == 1
    assert "has schema 1; expected schema 5" in source.err
    assert "with NBRUNBOOK_JOURNAL set to it 'nbrunbook journal upgrade'" in source.err


def test_a_user_who_may_only_append_copies_into_a_journal_that_is_there(source: Workplace, postgres: Server) -> None:
    """Nothing is granted for it, and `session_user` says who copied."""
    to = postgres.with_schema()
    name = to.rpartition("/")[2]
    with postgres.connect(name) as admin:
        admin.execute("DROP ROLE IF EXISTS nbrunbook_copier")
        admin.execute("CREATE ROLE nbrunbook_copier LOGIN")
        admin.execute("GRANT SELECT ON ALL TABLES IN SCHEMA public TO nbrunbook_copier")
        admin.execute("GRANT INSERT ON plan, blob, runbook, event, event_data TO nbrunbook_copier")
    assert source.run("journal", "copy", postgres.url(name, user="nbrunbook_copier")) == 0, source.err
    assert "made" not in source.out
    with postgres.connect(name) as admin:
        assert admin.execute('SELECT DISTINCT "session_user" FROM event').fetchall() == [("nbrunbook_copier",)]
        admin.execute("DROP OWNED BY nbrunbook_copier; DROP ROLE nbrunbook_copier")


def test_a_password_is_never_shown(source: Workplace, postgres: Server) -> None:
    """Neither in the words that say how to go on, nor for a machine."""
    to = postgres.fresh().replace("postgres@", "postgres:hunter2@")
    for more in ([], ["--json"]):
        assert source.run("journal", "copy", to, *more) == 0, source.err
        assert "hunter2" not in source.out + source.err
    assert source.run("journal", "copy", "postgresql+psycopg://ana:hunter2@127.0.0.1:1/x") == 1
    assert "hunter2" not in source.err


@pytest.mark.on("sqlite")
def test_many_at_once_copy_it_once(source: Workplace) -> None:
    """Who comes second finds all of it there."""
    command = [sys.executable, "-c", "from nbrunbook.commands import main; main()", "journal", "copy", "new/copy.db"]
    with ThreadPoolExecutor(3) as pool:
        ran = list(pool.map(lambda _: subprocess.run(command, capture_output=True, text=True), range(3)))
    assert [each.returncode for each in ran] == [0, 0, 0], [each.stderr for each in ran]
    assert sum("made; new there: 2 runbooks, 6 events" in each.stdout for each in ran) == 1
    assert rows_at(find_project().journal) == rows_at("sqlite:///new/copy.db")


@pytest.mark.on("sqlite")
def test_what_goes_wrong_leaves_no_file(source: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that was there stays, also an empty one."""
    monkeypatch.setattr(Copying, "all", lambda _: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        copy_journal(find_project(), "new/copy.db")
    assert list(Path("new").iterdir()) == []
    Path("new/copy.db").touch()
    with pytest.raises(ZeroDivisionError):
        copy_journal(find_project(), "new/copy.db")
    assert Path("new/copy.db").read_bytes() == b""
