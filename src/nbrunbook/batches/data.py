"""The door to the databases of the data: connections, by their names in the configuration. SQLAlchemy Core."""

from __future__ import annotations

import os
import threading
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import URL, make_url

from nbrunbook.batches import postgres, sqlite
from nbrunbook.batches.calling import FailedError
from nbrunbook.batches.db import Db
from nbrunbook.batches.repeatable import Repeatable
from nbrunbook.batches.store import Store
from nbrunbook.errors import NbrunbookError
from nbrunbook.project.databases import Database

FENCED = ("postgresql", "sqlite")
"""Where a chunk is done exactly once."""
MOST_ENGINES = 24
"""Engines that are kept, each with at most one idle connection: hundreds of databases take no more memory."""
_engines: OrderedDict[tuple[Database, str | None], sa.Engine] = OrderedDict()
_lock = threading.Lock()


@lru_cache(maxsize=2_000)
def kind_of(database: Database) -> str:
    """Return which kind of database it is: postgresql, sqlite or another one's name."""
    name = _url(database).get_backend_name()
    return "postgresql" if name == "postgres" else name


def _url(database: Database) -> URL:
    try:
        return make_url(database.url)
    except (sa.exc.ArgumentError, ValueError):
        raise NbrunbookError(
            f"the database {database.name} has a URL that cannot be read", "postgresql+psycopg://USER@HOST/DATABASE"
        ) from None


def _engine(database: Database) -> sa.Engine:
    """Return the engine of a database: one of a few that are kept."""
    password = os.environ.get(database.password) if database.password else None
    if database.password and password is None:
        raise NbrunbookError(f"the password of the database {database.name}: {database.password} is not set")
    key = (database, password)
    with _lock:
        found = _engines.pop(key, None) or _made(database, password)
        _engines[key] = found
        least = _engines.popitem(last=False)[1] if len(_engines) > MOST_ENGINES else None
    if least is not None:
        least.dispose()
    return found


def _made(database: Database, password: str | None) -> sa.Engine:
    url, kind = _url(database), kind_of(database)
    if kind == "postgresql":
        url = url.set(drivername="postgresql+psycopg", password=None)
        options: dict[str, Any] = {"creator": postgres.opener(url, password, database.name), "pool_pre_ping": True}
        options["use_native_hstore"] = False  # which would be asked for at every start
    elif kind == "sqlite":
        options = {"creator": sqlite.opener(url, database.name)}
    else:
        url, options = url.set(password=password) if password else url, {}
    pool = {"poolclass": sa.pool.QueuePool, "pool_size": 1, "max_overflow": -1, "hide_parameters": True}
    return sa.create_engine(url, **pool, **options)


def dispose() -> None:
    """Close all connections that nobody uses. Repeating is safe."""
    with _lock:
        engines = list(_engines.values())
        _engines.clear()
    for each in engines:
        each.dispose()


def is_fenced(database: Database) -> bool:
    """Tell whether a chunk is done exactly once there."""
    return kind_of(database) in FENCED


def check_kind(database: Database, *, repeatable: bool = False) -> None:
    """Raise NbrunbookError for a kind that has no fenced cursor, unless a chunk may be done twice."""
    if not is_fenced(database) and not repeatable:
        do = "with repeatable=True a chunk may be done twice there"
        raise NbrunbookError(f"the database {database.name} is {kind_of(database)}", "PostgreSQL or SQLite", do)


def opened(database: Database, *, repeatable: bool = False) -> Store:
    """Return a connection to a database, and the cursors' side of it; the database's own errors where it is not there.

    FailedError for what `check_kind` refuses.
    """
    try:
        check_kind(database, repeatable=repeatable)
    except NbrunbookError as error:
        raise FailedError("database", error, "code") from error
    kind = kind_of(database)
    db = Db(_engine(database))
    if kind not in FENCED:
        return Repeatable(db)
    return postgres.Postgres(db) if kind == "postgresql" else sqlite.Sqlite(db)


@contextmanager
def plain(database: Database) -> Iterator[sa.Connection]:
    """Yield a connection of no batch, within a transaction that is committed at the end."""
    connection = sa.Connection(_engine(database))
    try:
        if is_fenced(database):  # whose drivers begin nothing by themselves
            driver: Any = connection.connection.driver_connection
            driver.execute("BEGIN")
        with connection.begin():
            yield connection
    finally:
        connection.close()
