"""`keyset`: the next rows behind a cursor."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa

from nbrunbook.batches.keyset import keyset
from nbrunbook.errors import NbrunbookError
from tests.batches.filling import Data

ITEM = sa.table("item", sa.column("id", sa.Integer), sa.column("n", sa.Integer))


def all_rows(data: Data, query: Any, key: Any, size: int, **more: Any) -> list[Any]:
    """Go through a query, its cursor as JSON between."""
    found, cursor = [], None
    with data.engine.connect() as db:
        while True:
            given = keyset(db, query, key=key, batch_size=size, cursor=cursor, **more)
            if given is None:
                return found
            found += [tuple(each) for each in given[0]]
            cursor = json.loads(json.dumps(given[1]))


@pytest.mark.parametrize("query", ["SELECT id FROM item;", sa.select(ITEM.c.id)])
@pytest.mark.parametrize("size", [1, 7, 20, 50])
def test_each_row_comes_once(query: Any, size: int, data: Data) -> None:
    """In the order of its key, as SQL or as SQLAlchemy's select."""
    assert all_rows(data, query, "id", size) == [(each,) for each in range(1, 21)]


@pytest.mark.parametrize("query", ["SELECT id, n FROM item -- all", sa.select(ITEM.c.id, ITEM.c.n)])
def test_a_second_column_breaks_ties(query: Any, data: Data) -> None:
    """A key that is not unique would pass rows over: it is refused, and with a second column it is one."""
    data.run("UPDATE item SET n = id / 4")
    with pytest.raises(NbrunbookError, match="two rows have the key n = 0"):
        all_rows(data, query, "n", 2)
    found = all_rows(data, query, ["n", "id"], 2)
    assert [each[0] for each in found] == list(range(1, 21))


def test_parameters_are_the_author_s(data: Data) -> None:
    """By name; a literal with a percent sign is none."""
    query = "SELECT id FROM item WHERE id > :least AND 'a%' = 'a%'"
    assert all_rows(data, query, "id", 3, parameters={"least": 17}) == [(18,), (19,), (20,)]


def test_instants_and_others_go_into_a_cursor(data: Data) -> None:
    """What JSON has no value for is written so that it is read back as what it was."""
    moment = "created TIMESTAMP WITH TIME ZONE" if "postgres" in data.url else "created TEXT"
    data.run(f"ALTER TABLE item ADD COLUMN {moment}")
    for number in range(1, 21):
        instant = datetime(2026, 1, 1, 0, 0, number % 3, 250_000, tzinfo=UTC).isoformat()
        data.run(f"UPDATE item SET created = '{instant}' WHERE id = {number}")
    assert len(set(all_rows(data, "SELECT created, id FROM item", ("created", "id"), 3))) == 20


@pytest.mark.parametrize(
    ("query", "key", "words"),
    [
        ("SELECT n FROM item", "n", "two rows have the key"),
        ("SELECT id, NULL AS gone FROM item", ("id", "gone"), "a key that is never NULL"),
        ("SELECT id FROM item", (), "keyset has no key"),
    ],
)
def test_a_key_that_is_none_is_refused(query: str, key: Any, words: str, data: Data) -> None:
    """In words, before a row is passed over."""
    with pytest.raises(NbrunbookError, match=words):
        all_rows(data, query, key, 3)


@pytest.mark.parametrize(
    "query", ["SELECT id, k FROM item", sa.select(sa.column("id"), sa.column("k")).select_from(sa.table("item"))]
)
def test_a_row_without_a_key_is_not_passed_over(query: Any, data: Data) -> None:
    """It is behind no cursor: the end says so."""
    data.run("ALTER TABLE item ADD COLUMN k INTEGER")
    data.run("UPDATE item SET k = id")
    with data.engine.connect() as db:
        assert keyset(db, query, key="k", batch_size=5, cursor=20) is None
    data.run("UPDATE item SET k = NULL WHERE id = 7")
    with data.engine.connect() as db, pytest.raises(NbrunbookError, match="a row has no k"):
        keyset(db, query, key="k", batch_size=5, cursor=20)


def test_another_cursor_is_refused(data: Data) -> None:
    """One of another key, from before its query was changed."""
    with pytest.raises(NbrunbookError, match="is none of the key"), data.engine.connect() as db:
        keyset(db, "SELECT id, n FROM item", key=("id", "n"), batch_size=3, cursor=7)


@pytest.mark.database
@pytest.mark.parametrize("make", ["postgresql"], indirect=True)
def test_rows_are_locked_until_the_chunk_s_end(data: Data) -> None:
    """So that nobody changes what process has read; the next ones are free, but for the first."""
    with data.engine.begin() as db:
        keyset(db, "SELECT id FROM item", key="id", batch_size=5, cursor=None)
        free = data.run("SELECT id FROM item FOR UPDATE SKIP LOCKED")
        assert {each[0] for each in free} == set(range(7, 21))
