"""psycopg: what the server keeps of a connection. What both drivers do is in test_postgres_drivers.py."""

from __future__ import annotations

import time

import pytest

from nbrunbook.journal import psycopg_driver
from nbrunbook.journal.postgres_places import place_of
from tests.databases import Server


@pytest.mark.parametrize(("prepares", "kept"), [(False, 0), (True, 1)])
def test_statements_are_prepared_only_where_that_is_allowed(postgres: Server, prepares: bool, kept: int) -> None:
    """Behind pgbouncer the next transaction may come to a server that knows none of them."""
    asked = place_of(postgres.url("postgres")).parameters()
    connection = psycopg_driver.connect(asked, until=time.monotonic() + 60, prepares=prepares)
    for number in range(9):
        connection.execute("SELECT %s::int", (number,))
    found = connection.execute("SELECT count(*) FROM pg_prepared_statements", prepare=False).fetchone()
    connection.close()
    assert found == (kept,)
