"""The door to the databases of the data."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from nbrunbook.batches import data as door
from nbrunbook.batches.calling import FailedError
from nbrunbook.errors import NbrunbookError
from nbrunbook.project.databases import Database
from tests.batches.conftest import Make
from tests.batches.filling import Data


def test_an_author_sees_where_it_is(data: Data) -> None:
    """By the URL of the engine, without a password."""
    store = door.opened(replace(data.database, password="HOME"))
    assert store.db.engine.url.database == store.db.engine.url.translate_connect_args()["database"]
    assert store.db.engine.url.password is None
    store.db.close()


def test_a_password_that_is_not_set_is_said(data: Data, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the name of its variable."""
    monkeypatch.delenv("EU_PASSWORD", raising=False)
    with pytest.raises(NbrunbookError, match="EU_PASSWORD is not set"):
        door.opened(replace(data.database, password="EU_PASSWORD"))


def test_another_kind_is_refused() -> None:
    """One that has no fenced cursor; a URL that is none, too."""
    with pytest.raises(FailedError, match="the database eu is mysql; expected PostgreSQL or SQLite"):
        door.opened(Database(name="eu", url="mysql://app@eu/shop"))
    with pytest.raises(NbrunbookError, match="cannot be read"):
        door.kind_of(Database(name="eu", url="nothing"))


@pytest.mark.parametrize("make", ["sqlite"], indirect=True)
def test_few_engines_are_kept(make: Make, tmp_path: Path) -> None:
    """Three hundred databases take no more memory than a few."""
    data = make(rows=1)
    for number in range(60):
        door.opened(Database(name=f"eu-{number}", url=data.url)).db.close()
    assert len(door._engines) == door.MOST_ENGINES


def test_a_plain_connection_is_one_transaction(data: Data) -> None:
    """Committed at the end, rolled back where anything is raised."""
    with door.plain(data.database) as db:
        db.exec_driver_sql("UPDATE item SET n = 1 WHERE id = 1")
    with pytest.raises(sa.exc.DBAPIError), door.plain(data.database) as db:
        db.exec_driver_sql("UPDATE item SET n = id / (id - id)" if "postgres" in data.url else "UPDATE item SET id = 2")
    assert data.counts() == {0: 19, 1: 1}
