"""psycopg2: an interrupted wait. What both drivers do is in test_postgres_drivers.py."""

from __future__ import annotations

import selectors
import time

import pytest

from nbrunbook.journal import psycopg2_driver
from nbrunbook.journal.postgres_places import place_of
from tests.databases import Server


def test_an_interrupted_wait_closes_the_connection(postgres: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """The answer would come to whoever asks next."""
    asked = place_of(postgres.url("postgres")).parameters()
    connection = psycopg2_driver.connect(asked, until=time.monotonic() + 60, prepares=False)

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(selectors.DefaultSelector, "select", interrupted)
    with pytest.raises(KeyboardInterrupt):
        connection.send("SELECT pg_sleep(1)")
    assert connection.closed
