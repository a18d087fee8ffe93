"""Drivers of PostgreSQL: what a connection of either does."""

from __future__ import annotations

import socket
import sys
import time
from collections.abc import Iterator

import pytest

from nbrunbook.errors import JournalError
from nbrunbook.journal import postgres_drivers
from nbrunbook.journal.postgres_drivers import Driver, sqlstate
from nbrunbook.journal.postgres_places import place_of
from tests.databases import Server


@pytest.fixture(params=postgres_drivers.NAMES)
def driver(request: pytest.FixtureRequest) -> Driver:
    """Each of the two."""
    return postgres_drivers.driver(request.param, "the journal")


@pytest.fixture
def asked(postgres: Server) -> Iterator[dict[str, str]]:
    """What to connect with to a database of the test's own."""
    url = postgres.fresh()
    yield place_of(url).parameters()
    postgres.drop(url)


def test_one_that_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever asks for one gets no other one; who does not gets the one that is there."""
    monkeypatch.setitem(sys.modules, "nbrunbook.journal.psycopg2_driver", None)
    with pytest.raises(JournalError, match="psycopg2 is not installed"):
        postgres_drivers.driver("psycopg2", "x")
    assert postgres_drivers.driver("", "x").name == "psycopg"
    monkeypatch.undo()
    monkeypatch.setitem(sys.modules, "nbrunbook.journal.psycopg_driver", None)
    assert postgres_drivers.driver("", "x").name == "psycopg2"


def test_a_transaction_ends_as_it_is_told(driver: Driver, asked: dict[str, str]) -> None:
    """What is committed stays, what is rolled back does not; without a transaction neither does anything."""
    connection = driver.connect(asked, until=time.monotonic() + 60, prepares=False)
    connection.rollback()
    connection.commit()
    connection.send("BEGIN; CREATE TABLE kept (a text)")
    connection.commit()
    connection.send("BEGIN; CREATE TABLE gone (a text)")
    connection.rollback()
    cursor = connection.cursor()
    cursor.execute("SELECT to_regclass('kept'), to_regclass('gone'), %(what)s", {"what": "a%b"})
    assert cursor.fetchall() == [("kept", None, "a%b")]
    cursor.executemany("INSERT INTO kept VALUES (%s)", [("a",), ("b",)])
    with pytest.raises(driver.errors) as told:
        connection.send("SELECT * FROM missing")
    assert sqlstate(told.value) == "42P01"
    connection.close()


def test_an_answer_that_does_not_come_is_not_waited_for(driver: Driver, asked: dict[str, str]) -> None:
    """The connection is closed: its answer may come later, and would be somebody else's."""
    connection = driver.connect(asked, until=time.monotonic() + 60, prepares=False)
    connection.until = time.monotonic()
    with pytest.raises(driver.errors, match="no answer in time"):
        connection.send("SELECT pg_sleep(60)")
    assert connection.closed


def test_a_server_that_says_nothing_is_not_waited_for(driver: Driver) -> None:
    """A port where somebody listens, and never answers, is given up, too."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        asked = {"host": "127.0.0.1", "port": str(silent.getsockname()[1]), "dbname": "x", "connect_timeout": "2"}
        with pytest.raises(driver.errors):
            driver.connect(asked, until=time.monotonic() + 600, prepares=False)
