"""Stores: both say the same of themselves, and end a chunk's transaction alike."""

from __future__ import annotations

from nbrunbook.batches import cursor
from nbrunbook.batches.data import opened
from nbrunbook.batches.store import EndedError
from tests.batches.filling import Data


def test_a_table_is_there_once_it_is_made(data: Data) -> None:
    """Making tables twice makes them once; a store knows by itself which are there."""
    store = opened(data.database)
    assert not store.has_table(cursor.TABLE)
    cursor.make_tables(store)
    cursor.make_tables(store)
    assert store.has_table(cursor.TABLE)
    store.db.close()


def test_whoever_ends_a_transaction_is_told_what_to_do() -> None:
    """The error names the call, and what is fine instead."""
    assert "by db.commit()" in str(EndedError("db.commit()"))
    assert "begin_nested() is fine" in str(EndedError())
