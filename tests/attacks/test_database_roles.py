"""What a role in the journal's PostgreSQL must not be able to do."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa

from nbrunbook.journal.journal import Journal
from nbrunbook.project.settings import find_project
from tests import restoring
from tests.conftest import Workplace
from tests.databases import Server
from tests.making import raw_journal, registered, rows, session_on

pytestmark = pytest.mark.on("postgres")


@pytest.fixture
def mallory(work: Workplace, engine: str, postgres: Server) -> Iterator[Any]:
    """A connection of a role that may connect, and nothing else, to a journal that holds a ticked step."""
    registered("- [ ] A {#a .optional}")
    session_on().append("ticked", "a")
    with raw_journal() as raw, contextlib.suppress(psycopg.errors.DuplicateObject):
        raw.execute("CREATE ROLE mallory LOGIN")
    database = find_project().journal.rpartition("/")[2]
    with psycopg.connect(postgres.url(database, user="mallory").replace("+psycopg", ""), autocommit=True) as connection:
        yield connection


TABLES_OF_MY_OWN = """
CREATE TEMPORARY TABLE runbook (digest text);
CREATE TEMPORARY TABLE event (runbook text, kind text, body text);
CREATE TEMPORARY TABLE open_runbook (runbook text PRIMARY KEY);
"""


@pytest.mark.parametrize(
    "function", ["nbrunbook_open", "nbrunbook_close", "nbrunbook_session_user", "nbrunbook_refuse"]
)
def test_nobody_attaches_our_functions_to_tables_of_their_own(mallory: Any, function: str) -> None:
    """They would run as the journal's owner there."""
    mallory.execute(TABLES_OF_MY_OWN)
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match=f"permission denied for .*{function}"):
        mallory.execute(f"CREATE TRIGGER t AFTER INSERT ON event FOR EACH ROW EXECUTE FUNCTION public.{function}()")


@pytest.mark.parametrize("function", ["nbrunbook_open", "nbrunbook_close"])
def test_our_functions_write_to_no_other_table(mallory: Any, function: str) -> None:
    """Also where somebody was given the right to call them."""
    with raw_journal() as raw:
        raw.execute(f"GRANT EXECUTE ON FUNCTION {function}() TO mallory")
        raw.connection.commit()
    mallory.execute(TABLES_OF_MY_OWN)
    mallory.execute("INSERT INTO open_runbook VALUES ('x')")
    mallory.execute(f"CREATE TRIGGER t AFTER INSERT ON event FOR EACH ROW EXECUTE FUNCTION public.{function}()")
    before = rows()
    with pytest.raises(psycopg.errors.RaiseException, match="is none of its tables"):
        mallory.execute("INSERT INTO event VALUES ('x', 'reopened', '{}')")
    assert rows() == before
    assert mallory.execute("SELECT * FROM open_runbook").fetchall() == [("x",)]


def test_an_operator_of_somebody_s_is_never_called(mallory: Any) -> None:
    """Whoever may create in our schema makes `=` for types that PostgreSQL has none for: we never ask for those."""
    with raw_journal() as raw:
        raw.execute("GRANT CREATE ON SCHEMA public TO mallory")
        raw.connection.commit()
    for left, right in (("text", "varchar"), ("varchar", "text"), ("varchar", "varchar")):
        name = f"mine_{left}_{right}"
        mallory.execute(
            f"CREATE FUNCTION public.{name}({left}, {right}) RETURNS boolean LANGUAGE plpgsql AS "
            f"$$ BEGIN RAISE EXCEPTION 'mallory was called'; END $$"
        )
        for operator in ("=", "~~", "<>"):
            mallory.execute(
                f"CREATE OPERATOR public.{operator} (LEFTARG = {left}, RIGHTARG = {right}, FUNCTION = public.{name})"
            )
    session = session_on(operator="ben")
    session.append("noted", data={"note": "x"})
    session.append("unticked", "a", data={"reason": "y"})
    session.redact(3, "z")
    journal = Journal.open(find_project().journal)
    (row,) = journal.runbooks("shop", environments=["staging"], releases=["1.0"], open_only=True)
    assert journal.faults(row) == []
    assert journal.users("y")
    assert journal.environments("shop") == ["staging"]
    assert journal.closed([row]) == {}


def test_no_statement_of_ours_casts_to_varchar(work: Workplace, engine: str) -> None:
    """SQLAlchemy would write `id = $1::VARCHAR`, which finds an operator for (text, varchar) where there is one."""
    registered("- [ ] A {#a .optional}")
    said: list[str] = []
    journal = Journal.open(find_project().journal)
    sa.event.listen(journal.door.engine, "before_cursor_execute", lambda *given: said.append(given[2]))
    journal.runbooks("shop", environments=["staging"])
    assert [each for each in said if "WHERE" in each]
    assert [each for each in said if "varchar" in each.lower()] == []


def test_an_upgrade_mends_a_journal_of_before(work: Workplace, postgres: Server, engine: str) -> None:
    """A journal of schema 2 is refused until its owner has upgraded it; then nobody may call its functions."""
    url = postgres.fresh()
    restoring.put_in_postgres(url, restoring.rows())
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("NBRUNBOOK_JOURNAL", url)
        with raw_journal() as raw:
            for table in ("run", "kept_state", "runner", "board"):
                raw.execute(f"CREATE TABLE {table} ()")  # for `rows`, which reads each table
        before = rows()
        with raw_journal() as raw:
            raw.execute("DROP TABLE run, kept_state, runner, board")
        assert work.run("status") == 1
        assert "has schema 2; expected schema 5" in work.err
        assert work.run("journal", "upgrade") == 0, work.err
        assert work.out.endswith("schema 2 is now 5\n")
        assert {name: found for name, found in rows().items() if name != "schema_version"} == {
            name: found for name, found in before.items() if name != "schema_version"
        }
        assert work.run("verify", "--all") in (0, 1)
        assert "may be called" not in work.out + work.err
        with raw_journal() as raw:
            raw.execute("GRANT EXECUTE ON FUNCTION nbrunbook_open() TO PUBLIC")
        assert work.run("verify", "--all") == 1
        assert "the function nbrunbook_open may be called by anybody" in work.out + work.err
    postgres.drop(url)
