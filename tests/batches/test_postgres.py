"""PostgreSQL: literals, and what is sent in one message."""

from __future__ import annotations

import logging
from typing import Any

import pytest
import sqlalchemy as sa

from nbrunbook.batches.data import dispose, opened
from nbrunbook.batches.postgres import Postgres, filled, literal
from tests.batches.conftest import Make
from tests.batches.filling import Data, course_of, filling, to_the_end

TEXTS = ["", "it's", "a \\ b", "\\' OR 1=1 --", "é \u2028", "a\x00b", "%s :key ::text $1 {x}"]


@pytest.mark.database
@pytest.mark.parametrize("make", ["postgresql"], indirect=True)
@pytest.mark.parametrize("strings", ["on", "off"])
def test_a_literal_is_read_as_it_was(strings: str, make: Make) -> None:
    """Whatever stands in a text, and however a server reads backslashes; NUL, which it has none of, is left out."""
    store = opened(make(rows=1).database)
    store.execute(f"SET standard_conforming_strings = {strings}", {})
    for each in TEXTS:
        assert store.execute("SELECT :text::text", {"text": each}) == (each.replace("\x00", ""),)
    assert store.execute("SELECT :a, :b, :c, :d", {"a": None, "b": True, "c": -3, "d": 0.5}) == (None, True, -3, 0.5)
    store.execute("RESET standard_conforming_strings", {})
    store.db.close()


@pytest.mark.database
@pytest.mark.parametrize("make", ["postgresql"], indirect=True)
def test_an_error_is_told_once(make: Make, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    """Many rows go in a pipeline; its end after a refused one is no news, and would show where the database is."""
    monkeypatch.setattr(logging.root, "handlers", [])  # as in a runner's process
    store = opened(make(rows=1).database)
    with pytest.raises(sa.exc.DBAPIError), store.db.begin():
        store.db.execute(sa.text("SELECT 1 / :n"), [{"n": n} for n in (1, 0, 2)])
    store.db.close()
    assert capfd.readouterr() == ("", "")


def test_a_cast_is_no_place_for_a_value() -> None:
    """`::` stays what it is, and so does what a value brings."""
    assert filled("SELECT :a::text, :b", {"a": ":b", "b": "x"}) == "SELECT ':b'::text, 'x'"
    assert literal(1.5) == "1.5"


@pytest.mark.database
@pytest.mark.parametrize("make", ["postgresql"], indirect=True)
def test_a_chunk_is_two_messages_beside_its_author_s(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """What ours needs goes with BEGIN and with COMMIT."""
    course = course_of(make(), filling())
    course.step()
    sent: list[str] = []
    for name in ("_send", "_exchange"):
        send = getattr(Postgres, name)
        monkeypatch.setattr(Postgres, name, lambda self, sql, send=send: sent.append(sql) or send(self, sql))  # type: ignore[func-returns-value]
    course.step()
    assert [each.partition(" ")[0] for each in sent] == ["BEGIN", "WITH"]
    assert sent[1].endswith("; COMMIT")
    course.leave()


@pytest.mark.database
@pytest.mark.parametrize("make", ["postgresql"], indirect=True)
def test_a_frozen_runner_lets_its_rows_go(make: Make) -> None:
    """One that stood still within a chunk is disconnected, finds that out, and goes on where the cursor is."""
    data = make()
    first = True

    def freezes(db: Any, number: int) -> None:
        nonlocal first
        if number == 7 and first:
            first = False
            pid = db.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
            query = f"SELECT count(*) FROM pg_stat_activity WHERE pid = {pid}"
            while data.run(query)[0][0]:
                pass

    course = course_of(data, filling(each=freezes), lease_seconds=0.2)
    while not course.is_over:
        course.step()
    assert data.counts() == data.once


@pytest.mark.database
@pytest.mark.parametrize("make", ["postgresql"], indirect=True)
@pytest.mark.parametrize(
    "lost", ["DO $$ BEGIN EXECUTE 'DEALLOCATE ALL'; END $$", "ALTER TABLE item ALTER COLUMN id TYPE bigint"]
)
def test_a_prepared_statement_that_is_lost_is_no_error(lost: str, make: Make) -> None:
    """To a pooler, or since a migration changed its table meanwhile: another connection goes on."""
    data = make(rows=60)
    code = filling()

    @code.fetch
    def _(db: Any, cursor: Any, batch_size: int) -> Any:
        query = "SELECT id FROM item WHERE id > %(after)s ORDER BY id LIMIT 5"
        rows = db.exec_driver_sql(query, {"after": cursor or 0}).all()
        return (rows, rows[-1].id) if rows else None

    course = course_of(data, code)
    for _ in range(7):
        course.step()
    if lost.startswith("ALTER"):
        data.run(lost)
    else:
        store: Any = course.grip.store
        store.execute(lost, {})
    course.step()
    assert (course.status.state, course.status.error) == ("holding", "")
    assert to_the_end(course).state == "done"
    assert data.counts() == data.once


@pytest.mark.database
@pytest.mark.parametrize("make", ["postgresql"], indirect=True)
def test_an_author_s_search_path_hides_no_cursor(make: Make) -> None:
    """Neither within the chunk, nor in the next one, nor where the connection is taken up again."""
    data = make()
    schema = data.engine.url.query["options"].partition("=")[2]  # type: ignore[union-attr]
    data.run(f"CREATE SCHEMA {schema}_tenant")

    def another(db: Any, _: int) -> None:
        db.execute(sa.text(f"SET search_path TO {schema}_tenant, {schema}"))
        db.execute(sa.text("SET lock_timeout = 7"))

    course = course_of(data, filling(each=another))
    course.step()
    course.leave()
    assert to_the_end(course).state == "done"
    assert data.counts() == data.once
    assert data.run(f"SELECT 1 FROM pg_tables WHERE schemaname = '{schema}_tenant'") == []
    assert data.run("SELECT generation FROM nbrunbook_cursor") == [(2,)]


@pytest.mark.database
@pytest.mark.parametrize("make", ["postgresql"], indirect=True)
def test_an_error_is_written_down_in_any_encoding(make: Make, postgres: Any) -> None:
    """A server that has not the letters of an error gets them escaped."""
    del make
    with postgres.connect() as admin:
        admin.execute("CREATE DATABASE latin ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0")
    data = Data("eu", postgres.url("latin"), rows=20)

    def refuses(_: Any, number: int) -> None:
        if number == 7:
            raise ValueError("größer … 日本")

    status = to_the_end(course_of(data, filling(each=refuses), on_error="quarantine"))
    assert (status.state, status.done, status.quarantined) == ("stopped", 19, 1)
    assert "日" in ascii_again(data.run("SELECT error FROM nbrunbook_quarantine")[0][0])
    dispose()
    postgres.drop(postgres.url("latin"))


def ascii_again(text: str) -> str:
    """Return what was escaped."""
    return text.encode().decode("unicode_escape")
