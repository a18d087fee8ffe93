"""PostgreSQL: literals, and what is sent in one message."""

from __future__ import annotations

import logging
from typing import Any

import pytest
import sqlalchemy as sa

from nbrunbook.batches.data import opened
from nbrunbook.batches.postgres import Postgres, filled, literal
from tests.batches.conftest import Make
from tests.batches.filling import course_of, filling, to_the_end

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
