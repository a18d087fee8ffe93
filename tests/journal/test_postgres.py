"""PostgreSQL: URLs and passwords, who may do what, and what its errors say."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

from nbrunbook.errors import ConfigurationError, JournalBusyError, JournalError
from nbrunbook.journal import postgres, runners
from nbrunbook.journal.entries import Draft, sha256
from nbrunbook.journal.journal import Journal
from nbrunbook.project.settings import find_project
from nbrunbook.runbook import events
from nbrunbook.work import batches, controls
from tests.batch_steps import DONE, run_as, with_a_batch
from tests.conftest import ROOT, MakeRunbook, Workplace
from tests.databases import Server
from tests.making import Raw, raw_journal, registered, session_on

pytestmark = pytest.mark.on("postgres")
NOTE = Draft(kind="noted", operator="ana", known="declared", known_by="env", data={"note": "a token"})


# URLs and passwords


@pytest.mark.parametrize(
    ("url", "where"),
    [
        ("postgresql+psycopg://ana@db:5433/ops", "postgresql://ana@db:5433/ops"),
        ("postgresql://ana:secret@db/ops?sslmode=require", "postgresql://ana@db/ops"),
        ("postgres://db/ops?password=secret", "postgresql://db/ops"),
        ("postgresql+psycopg://ana:s%40cret@[::1]:5433/ops", "postgresql://ana@[::1]:5433/ops"),
    ],
)
def test_a_database_is_shown_without_password_and_query(url: str, where: str) -> None:
    """Three ways to write the same; what is shown holds neither a password nor what follows the `?`."""
    found = Journal(url)
    assert found.where == where
    assert found.shared
    assert found.exists()


@pytest.mark.parametrize(
    "url",
    [
        "postgresql+psycopg://ana:sec@ret@host/db",
        "postgresql+psycopg://ana:secret@host",
        "postgresql+psycopg://ana:secret@host:port/db",
        "postgresql+psycopg2://ana:secret@host/db",
        "postgresql+psycopg://ana:secret/db",
        "postgresql+psycopg2://ana:secret",
    ],
)
def test_a_url_that_cannot_be_read_is_told_without_its_password(url: str) -> None:
    """A URL that is not one is an error; nothing of the password is in it, also where it holds an @."""
    with pytest.raises(JournalError) as told:
        Journal.open(url)
    assert "sec" not in str(told.value)
    assert "ret@" not in str(told.value)


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("connect_timeout=2", "onnection"),
        ("connect_timeout=soon", "connect_timeout"),
        ("autocommit=1", 'invalid connection option "autocommit"'),
        ("password=sesame&sslmode=sesame", 'invalid sslmode value: "…"'),
    ],
)
def test_what_a_url_asks_for_goes_to_libpq(query: str, said: str) -> None:
    """Each option goes to libpq, which says what it does not know; psycopg's own arguments are none."""
    with pytest.raises(JournalError, match=re.escape(said)) as told:
        Journal.open(f"postgresql+psycopg://ana@127.0.0.1:1/ops?{query}")
    assert "sesame" not in str(told.value)


@pytest.mark.parametrize(
    "url",
    ["postgresql://ana:secret@db/ops", "postgresql://db/ops?password=secret", "postgresql://db/ops?x=1&sslpassword=s"],
)
def test_a_password_in_the_settings_is_refused(work: Workplace, url: str) -> None:
    """The configuration is committed, so that a URL there may hold no password; it is not repeated."""
    (work.root / "pyproject.toml").write_text(f'[tool.nbrunbook]\njournal = "{url}"\n', encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"journal holds a password.*PGPASSWORD.*pgpass") as told:
        find_project()
    assert "secret" not in str(told.value)


@pytest.fixture(scope="module")
def locked() -> Iterator[Server]:
    """A server that asks for a password."""
    server = Server()
    with server.connect() as admin:
        admin.execute("CREATE ROLE ana LOGIN SUPERUSER PASSWORD 'open sesame'")
    server.ask_for_passwords()
    yield server
    server.close()


@pytest.mark.database
def test_a_password_comes_from_three_places(locked: Server, work: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    """From the URL, PGPASSWORD or ~/.pgpass; without one, or with a wrong one, an error does not show it."""
    url = locked.url("postgres", user="ana")
    with pytest.raises(JournalError, match="no password supplied"):
        Journal.open(url)
    with pytest.raises(JournalError, match="password authentication failed") as told:
        Journal.open(url.replace("ana@", "ana:open%20barley@"))
    assert "barley" not in str(told.value)
    empty = "holds no journal"
    with pytest.raises(JournalError, match=empty):
        Journal.open(url.replace("ana@", "ana:open%20sesame@"))
    monkeypatch.setenv("PGPASSWORD", "open sesame")
    with pytest.raises(JournalError, match=empty):
        Journal.open(url)
    monkeypatch.delenv("PGPASSWORD")
    passwords = work.root / "pgpass"
    passwords.write_text("127.0.0.1:*:*:ana:open sesame\n", encoding="utf-8")
    passwords.chmod(0o600)
    monkeypatch.setenv("PGPASSFILE", str(passwords))
    with pytest.raises(JournalError, match=empty):
        Journal.open(url)


def test_without_psycopg_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where neither driver is installed one line says which package to install."""
    monkeypatch.setitem(sys.modules, "nbrunbook.journal.psycopg_driver", None)
    monkeypatch.setitem(sys.modules, "nbrunbook.journal.psycopg2_driver", None)
    with pytest.raises(JournalError, match=re.escape("pip install 'nbrunbook[postgres]'")):
        Journal.open("postgresql://db/ops")


def test_what_a_driver_says_in_lines_is_told_apart() -> None:
    """Its lines stand on one, with a sign between them."""
    with pytest.raises(JournalError, match="Connection refused; Is the server running"):
        Journal.open("postgresql://127.0.0.1:1/ops")
    with pytest.raises(JournalError, match=r"failures were: - host: .*refused; Is the .*; - host: "):
        Journal.open("postgresql:///ops?host=127.0.0.1,127.0.0.1&port=1,2")


def test_what_follows_the_question_mark_reaches_libpq(engine: str) -> None:
    """Sslmode and the like are passed on."""
    url = find_project(ROOT).journal
    with pytest.raises(JournalError, match="SSL"):
        Journal.open(f"{url}?sslmode=require")


# A user who may only append


@pytest.fixture
def appender(work: Workplace, engine: str, postgres: Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The journal as the user that docs/journal.md makes, with exactly its SQL."""
    sql = re.search(r"```sql\n(.*?)```", (ROOT / "docs" / "journal.md").read_text(encoding="utf-8"), re.DOTALL)
    assert sql
    owner = find_project().journal
    with raw_journal() as raw:
        raw.execute(sql[1])
    monkeypatch.setenv("NBRUNBOOK_JOURNAL", owner.replace("postgres@", "nbrunbook_append@"))
    yield owner
    with raw_journal(url=owner) as raw:
        raw.execute("DROP OWNED BY nbrunbook_append")
        raw.execute("DROP ROLE nbrunbook_append")


def test_appending_is_enough_for_a_whole_life(work: Workplace, runbook: MakeRunbook, appender: str) -> None:
    """From instantiate to the record, to a reopening and a redaction, that user can do it all."""
    key = runbook("- [ ] A {#a}\n- [ ] B {#b}")
    Path("evidence.txt").write_text("proof", encoding="utf-8")
    for command in (
        ["tick", key, "a", "--note", "with a token", "--file", "evidence.txt"],
        ["tick", key, "b"],
        *(
            ["sign-off", key],
            ["archive", key],
            ["reopen", key, "--reason", "again"],
            ["untick", key, "b", "--reason", "x"],
        ),
        ["journal", key],
    ):
        assert work.run(*command) == 0, work.err
    session = session_on(key)
    told = next(event for event in session.events if event.data.get("note") == "with a token")
    assert work.run("redact", key, str(told.seq), "--reason", "a token", "--yes") == 0, work.err
    assert work.run("verify", key) == work.run("revise", key, "--yes") == 0, work.err
    assert session.journal.faults(session.runbook) == []
    assert session.journal.blob(sha256(b"proof")) == b""
    again = session.journal.event(told.id)
    assert again
    assert again.redacted


def test_appending_is_enough_for_a_batch(work: Workplace, appender: str) -> None:
    """Its runners join, are heard of, leave and end its run."""
    session = with_a_batch(work)
    run = run_as(session, "a").id
    run_as(session, "b")
    controls.pause(session, "fill")
    assert runners.hear(session.journal, run, "a", pid=1, changed={"eu": "{}"}) is not None
    assert batches.leave(session, run, "b") == 1
    assert batches.end_if_last(session, "fill", run, "a", DONE)
    assert work.run("verify", "--all") == 0, work.out


def test_appending_is_all_that_it_may(work: Workplace, appender: str) -> None:
    """UPDATE, DELETE and TRUNCATE are refused to that user by its rights, and to the owner by the triggers."""
    session_on(registered("- [ ] A {#a}")).append("noted", data={"note": "x"})
    changes = ["UPDATE event SET kind = 'x'", "DELETE FROM event", "TRUNCATE event CASCADE", "DELETE FROM open_runbook"]
    for change in changes:
        with raw_journal() as raw, pytest.raises(psycopg.errors.InsufficientPrivilege, match="permission denied"):
            raw.execute(change)
    for change in [*changes[:3], "UPDATE event_data SET data = 'x'", "UPDATE blob SET content = 'x'"]:
        with raw_journal(url=appender) as raw, pytest.raises(psycopg.errors.RestrictViolation, match="append-only"):
            raw.execute(change)
    for change in ("UPDATE event_data SET data = 'x'", "UPDATE blob SET content = 'x'"):
        with raw_journal() as raw, pytest.raises(psycopg.errors.RestrictViolation, match="append-only"):
            raw.execute(change)


def test_the_database_says_who_wrote(work: Workplace, appender: str) -> None:
    """`session_user` is what PostgreSQL knows, also where somebody claims another name."""
    registered("- [ ] A {#a}")
    with raw_journal() as raw:
        raw.execute(
            'INSERT INTO event (id, runbook, seq, kind, body, hash, "session_user") '
            "SELECT 'x', runbook, 2, kind, body, hash, 'somebody' FROM event"
        )
        assert raw.execute('SELECT DISTINCT "session_user" FROM event').fetchall() == [("nbrunbook_append",)]


# Locks and errors


def test_writers_of_other_runbooks_do_not_wait(work: Workplace, engine: str) -> None:
    """A lock on one runbook keeps nobody from writing on another."""
    for key in ("staging/1.0", "staging/1.1"):
        registered("- [ ] A {#a}", key=key)
    with raw_journal() as raw:
        raw.lock("staging/1.0")
        assert session_on("staging/1.1").append("ticked", "a").seq == 2
        with pytest.raises(JournalBusyError, match=r"did not come free in 0\.5 s; nothing was recorded"):
            session_on("staging/1.0", wait_seconds=0.5).append("ticked", "a")


def test_the_same_content_may_be_kept_by_two_at_once(work: Workplace, engine: str) -> None:
    """A blob that somebody else keeps at the same moment is kept once, and both go on."""
    registered("- [ ] A {#a}")
    found = session_on()
    name = sha256(b"same")
    draft = Draft(**{**NOTE.__dict__, "contents": (b"same",)})

    def decide(_: object) -> Draft:
        with raw_journal() as raw:
            raw.execute("INSERT INTO blob VALUES (?, ?)", (name, b"same"))
        return draft

    found.journal.append(found.runbook, event_id=events.new_id(), after=0, decide=decide)
    assert found.journal.blob(name) == b"same"


def test_a_read_only_database_can_be_read(work: Workplace, engine: str) -> None:
    """Looking goes on, and writing is one clear error."""
    key = registered("- [ ] A {#a}")
    with raw_journal() as raw:
        raw.execute(
            f"ALTER DATABASE {find_project().journal.rpartition('/')[2]} SET default_transaction_read_only = on"
        )
    for command in (["status"], ["status", key], ["journal", key]):
        assert work.run(*command) == 0, work.err
    assert work.run("tick", key, "a") == 1
    assert "is read-only; expected a database that can be written to" in work.err
    assert "nothing was recorded" in work.err


def test_a_commit_is_on_the_disk_before_it_is_answered(engine: str) -> None:
    """Where the server's own setting would answer before, ours does not."""
    opened = Journal.open(find_project(ROOT).journal)
    with opened.reading() as connection:
        assert connection.exec_driver_sql("SHOW synchronous_commit").scalar() == "on"


def test_a_slow_statement_is_given_up(engine: str) -> None:
    """The server gives up a little before we do, and says so."""
    opened = Journal.open(find_project(ROOT).journal, wait_seconds=0.5)
    with (
        pytest.raises(JournalBusyError, match=r"did not come free in 0\.5 s; try again"),
        opened.reading() as connection,
    ):
        connection.exec_driver_sql("SELECT pg_sleep(60)")


def test_a_clock_that_jumps_back_breaks_nothing(work: Workplace, engine: str) -> None:
    """Events keep the order of their seq, whatever the clocks say."""
    registered("- [ ] A {#a}\n- [ ] B {#b wait=1h}")
    session = session_on()
    instants = iter([datetime(2030, 1, 1, tzinfo=UTC)] * 3 + [datetime(2020, 1, 1, tzinfo=UTC)] * 9)
    session.clock = lambda: next(instants)
    session.append("ticked", "a")
    session.append("noted", data={"note": "back"})
    assert [event.seq for event in session_on().events] == [1, 2, 3]
    assert session_on().journal.faults(session.runbook) == []


def test_a_lock_has_a_number_of_its_own() -> None:
    """Locks of different runbooks are different numbers."""
    assert postgres.locking("a") != postgres.locking("b")
    assert Raw.lock


@pytest.mark.parametrize(
    "change",
    [
        "CREATE TRIGGER event_no_update BEFORE UPDATE ON event FOR EACH STATEMENT WHEN (false)"
        " EXECUTE FUNCTION nbrunbook_refuse()",
        "CREATE TRIGGER event_no_update BEFORE UPDATE ON schema_version FOR EACH STATEMENT"
        " EXECUTE FUNCTION nbrunbook_refuse()",
        "CREATE TRIGGER event_no_update BEFORE UPDATE ON event FOR EACH ROW EXECUTE FUNCTION nbrunbook_session_user()",
    ],
)
def test_a_trigger_that_was_changed_is_named(work: Workplace, engine: str, change: str) -> None:
    """A trigger of the right name that refuses nothing, or on another table, is no trigger of ours."""
    registered("- [ ] A {#a}")
    assert work.run("verify", "--all") == 0, work.out
    with raw_journal() as raw:
        raw.execute("DROP TRIGGER event_no_update ON event")
        raw.execute(change)
    assert work.run("verify", "--all") == 1
    assert "the trigger event_no_update is missing or was changed" in work.out
