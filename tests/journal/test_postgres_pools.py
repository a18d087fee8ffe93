"""Connections to PostgreSQL: how many are kept, and that none crosses a fork."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from nbrunbook.journal import postgres_pools
from nbrunbook.journal.journal import Journal
from nbrunbook.journal.postgres import Postgres
from nbrunbook.journal.postgres_places import Place, place_of
from tests.databases import Server


@pytest.fixture
def shared(postgres: Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Place]]:
    """From what is different to the place of a schema in somebody's database."""
    url = postgres.fresh()
    monkeypatch.setattr(postgres_pools, "_shared", {})
    yield lambda **more: replace(place_of(url), **{"is_shared": True, "schema": "nbrunbook", **more})
    postgres_pools.close_shared()
    postgres.drop(url)


def connected(postgres: Server, place: Place) -> int:
    """How many connections of ours the server has to a database."""
    with postgres.connect() as admin:
        asked = "SELECT count(*) FROM pg_stat_activity WHERE datname = %s AND application_name = 'nbrunbook'"
        found = admin.execute(asked, (place.parameters()["dbname"],)).fetchone()
    assert found
    return int(found[0])


def opened(place: Place, monkeypatch: pytest.MonkeyPatch) -> Journal:
    """Return a new journal in a place."""
    monkeypatch.setattr("nbrunbook.journal.engines.door", lambda _, wait: Postgres(place, wait))
    return Journal.open("x://", create=True)


@pytest.mark.parametrize(("keep", "left"), [(0, 0), (600, 1), (None, 1)])
def test_a_site_s_database_is_left_with_one_connection_or_none(
    postgres: Server, shared: Callable[..., Place], monkeypatch: pytest.MonkeyPatch, keep: int | None, left: int
) -> None:
    """However many journals a process has open: as many as the site keeps of its own."""
    place = shared(keep_seconds=keep)
    for _ in range(3):
        journal = opened(place, monkeypatch)
        with journal.reading(), opened(place, monkeypatch).reading():
            assert connected(postgres, place) >= 2
        journal.close()
    assert connected(postgres, place) <= left or wait_until(lambda: connected(postgres, place) == left)
    postgres_pools.close_old()
    assert wait_until(lambda: connected(postgres, place) == left)
    postgres_pools.close_shared()
    assert wait_until(lambda: connected(postgres, place) == 0)


def wait_until(true: Callable[[], bool]) -> bool:
    """Ask until it is so: a server sees a moment later that a connection was closed."""
    return any(true() for _ in range(2000))


def test_a_child_leaves_its_parent_s_connections_alone(
    postgres: Server, shared: Callable[..., Place], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A journal that was used before a fork opens one of its own after it; the parent's goes on."""
    journal = opened(shared(keep_seconds=None), monkeypatch)
    own = backend(journal)
    readable, writable = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.write(writable, str(backend(journal)).encode())
        finally:
            os._exit(0)
    os.waitpid(child, 0)
    assert 0 < int(os.read(readable, 99)) != own
    assert backend(journal) == own
    for each in (readable, writable):
        os.close(each)


def backend(journal: Journal) -> int:
    """Return which process of the server's answers."""
    with journal.reading() as connection:
        return int(connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one())


def test_none_is_used_longer_than_it_may_be_kept(shared: Callable[..., Place], monkeypatch: pytest.MonkeyPatch) -> None:
    """By its own age: others that were opened beside it later do not make it younger."""
    journal = opened(shared(keep_seconds=0.05), monkeypatch)
    with journal.reading():
        own = backend(journal)
    assert wait_until(lambda: backend(journal) != own)


def test_what_is_kept_forgets_every_setting(
    postgres: Server, shared: Callable[..., Place], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Within a transaction ours hold; on the same connection afterwards those of the server do."""
    journal = opened(shared(keep_seconds=None), monkeypatch)
    names = ("search_path", "lock_timeout", "statement_timeout", "enable_indexonlyscan", "role")
    asked = "SELECT " + ", ".join(f"current_setting('{name}')" for name in names)
    with journal.reading() as connection:
        assert tuple(connection.exec_driver_sql(asked).one()) == ("nbrunbook, pg_temp", "27s", "27s", "off", "none")
    with journal.door.engine.connect() as connection:
        assert tuple(connection.exec_driver_sql(asked).one()) == ('"$user", public', "0", "0", "on", "none")


def test_errors_show_no_password_of_a_place(shared: Callable[..., Place]) -> None:
    """Whatever a driver says of what it was given."""
    place = shared()
    asked = {**place.parameters(), "password": "sesame", "sslmode": "sesame"}
    door = Postgres(replace(place, parameters=lambda: dict(asked), is_shared=False), 5)
    with pytest.raises(door.errors) as told:
        door.engine.connect()
    assert "sesame" not in str(door.told(told.value, recorded=""))
