"""Connections to PostgreSQL: how many a process keeps and for how long, and that none crosses a fork."""

from __future__ import annotations

import os
import re
import threading
import time
import weakref
from typing import Any

import sqlalchemy as sa

from nbrunbook.journal import postgres_drivers
from nbrunbook.journal.postgres_places import Place

SERVER_SHARE = 0.9
"""How much of the wait the server gets, so that it says itself that a lock did not come free."""
SETTINGS = {
    "synchronous_commit": "CASE current_setting('synchronous_commit') WHEN 'off' THEN 'on' "
    "ELSE current_setting('synchronous_commit') END",
    "enable_indexonlyscan": "'off'",
}
"""Commits are on the disk before they are answered, and no answer is from an index alone: its rows are looked at."""
NAMED = {"application_name": "nbrunbook"}


class Pool:
    """The connections to one place. Safe to use from several threads; nothing is opened before it is asked."""

    def __init__(self, place: Place, wait_seconds: float) -> None:
        self.place = place
        self.driver = postgres_drivers.driver(place.driver, place.where)
        self.secrets: set[str] = set()
        """Passwords that were connected with, which no error may show."""
        self._wait_seconds, self._thread = wait_seconds, threading.local()
        self._opened_at = 0.0
        self.engine = sa.create_engine(
            f"postgresql+{self.driver.name}://",
            creator=self._open,
            hide_parameters=True,
            use_native_hstore=False,  # which would be asked for at every start
            **_kept(place, wait_seconds),
        )
        # SQLAlchemy writes `id = $1::VARCHAR`: whoever may create operators in a schema could make one of their own
        # for (text, varchar), and ours would call it. Without the cast it is (text, text), which is PostgreSQL's own.
        dialect = self.engine.dialect
        dialect.colspecs = {kind: own for kind, own in dialect.colspecs.items() if kind is not sa.String}
        _all.add(self)

    def wait(self, seconds: float) -> None:
        """Begin to count the time that this thread may wait."""
        self._thread.seconds, self._thread.until = seconds, time.monotonic() + seconds

    @property
    def until(self) -> float:
        """When this thread has waited long enough."""
        return float(getattr(self._thread, "until", time.monotonic() + self._wait_seconds))

    def settings(self) -> str:
        """Return the SQL of what holds whatever the database's own settings are: waits, and SETTINGS."""
        seconds = getattr(self._thread, "seconds", self._wait_seconds)
        wait, local = f"'{max(1, int(seconds * SERVER_SHARE * 1000))}ms'", "true" if self.place.is_shared else "false"
        each = {"lock_timeout": wait, "statement_timeout": wait, **SETTINGS}.items()
        return "SELECT " + ", ".join(f"set_config('{name}', {value}, {local})" for name, value in each)

    def close_old(self) -> None:
        """Close a connection that was kept as long as it may be."""
        kept = self.place.keep_seconds
        if kept is not None and time.monotonic() - self._opened_at >= kept:
            self.engine.dispose()

    def _open(self) -> Any:
        """Connect; a password that nothing says comes from PGPASSWORD or ~/.pgpass."""
        until = self.until
        asked = self._asked(max(1, int(until - time.monotonic())))
        self.secrets.update(asked[name] for name in ("password", "sslpassword") if asked.get(name))
        connection = self.driver.connect(asked, until=until, prepares=not self.place.is_shared)
        self._opened_at = time.monotonic()
        if not self.place.is_shared:
            connection.send(self.settings())
        return connection

    def _asked(self, left: int) -> dict[str, str]:
        """What to connect with; nobody waits longer for the server than `left` seconds."""
        asked = self.place.parameters()
        given = asked.get("connect_timeout", "")
        if not given or re.fullmatch(r"[0-9]{1,6}", given):  # what is no number libpq refuses in its own words
            asked["connect_timeout"] = str(min(left, int(given or 0) or left))
        return {**NAMED, **asked}


def _kept(place: Place, wait_seconds: float) -> dict[str, Any]:
    """How many connections are kept: two by whoever has a database of its own, else one of a process, or none."""
    if not place.is_shared:
        # begin() and commit() leave nothing open, and a reset would be a round trip.
        own = {"pool_size": 2, "max_overflow": 0, "pool_timeout": wait_seconds, "pool_reset_on_return": None}
        return {"poolclass": sa.pool.QueuePool, **own}
    if place.keep_seconds == 0:
        return {"poolclass": sa.pool.NullPool}
    recycle = -1 if place.keep_seconds is None else place.keep_seconds
    return {"poolclass": sa.pool.QueuePool, "pool_size": 1, "max_overflow": -1, "pool_recycle": recycle}


_all: weakref.WeakSet[Pool] = weakref.WeakSet()
_shared: dict[Place, Pool] = {}
_shared_lock = [threading.Lock()]


def pool_of(place: Place, wait_seconds: float) -> Pool:
    """Return the pool of a place: all of a process share one to what its application uses, too."""
    if not place.is_shared:
        return Pool(place, wait_seconds)
    with _shared_lock[0]:
        if place not in _shared:
            _shared[place] = Pool(place, wait_seconds)
        return _shared[place]


def close_old() -> None:
    """Close what processes share and have kept as long as they may."""
    for pool in list(_shared.values()):
        pool.close_old()


def close_shared() -> None:
    """Close all that processes share, however long they may keep it; what is used later is opened again."""
    for pool in list(_shared.values()):
        pool.engine.dispose()


def _forget() -> None:
    """Leave a parent's connections to it: two processes on one would read each other's answers."""
    _shared_lock[0] = threading.Lock()
    for pool in list(_all):
        pool.engine.dispose(close=False)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)
