"""The door to a journal in the site's own database, `django://ALIAS`: connections are made as Django makes its own.

It is a schema of ours, in PostgreSQL. No setting of ours outlives a transaction, and what is kept is closed when Django
closes what it keeps itself.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache, partial
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.signals import request_finished, request_started
from django.db import connections
from django.utils.connection import ConnectionDoesNotExist

from nbrunbook.errors import JournalError, one_line
from nbrunbook.journal import postgres_places, postgres_pools
from nbrunbook.journal.engines import Door
from nbrunbook.journal.postgres import Postgres
from nbrunbook.journal.postgres_places import Place

SCHEMA = "nbrunbook"
NOT_LIBPQ = (
    *("cursor_factory", "connection_factory", "context", "pool", "assume_role", "server_side_binding"),
    *("isolation_level", "prepare_threshold", "row_factory", "autocommit"),
)
"""What Django, psycopg and psycopg2 are told, and libpq is not."""
ELSEWHERE = "PostgreSQL", "name a journal elsewhere with NBRUNBOOK_JOURNAL or settings.NBRUNBOOK['JOURNAL']"
MADE_BY = "'manage.py runbook journal init' makes one"


def door(url: str, wait_seconds: float) -> Door:
    """Return the door to the journal of an alias; JournalError for one that is not there or cannot hold one."""
    alias = url.partition("://")[2]
    try:
        vendor = connections[alias].vendor
    except ConnectionDoesNotExist:
        known = ", ".join(settings.DATABASES)
        raise JournalError(f"the journal is to be in the database {alias!r}", f"one of DATABASES: {known}") from None
    except ImproperlyConfigured as error:
        raise JournalError(f'DATABASES["{alias}"]: {one_line(str(error))}') from None
    if vendor != "postgresql":
        raise JournalError(f'DATABASES["{alias}"] is {vendor}, which has no schemas for a journal', *ELSEWHERE)
    _follow_requests()
    return Postgres(place_of(alias), wait_seconds)


def by_url(url: str, wait_seconds: float) -> Door:
    """Return the door to a journal in PostgreSQL that a URL names: a site's process keeps no connection to it.

    What runs behind pgbouncer there may be the site's application, which gets no setting of ours.
    """
    place = postgres_places.place_of(url)
    return Postgres(replace(place, is_shared=True, keep_seconds=0, missing=MADE_BY, key=url), wait_seconds)


def place_of(alias: str) -> Place:
    """Return the place of an alias in PostgreSQL, as its settings are now."""
    from django.db.backends.postgresql.psycopg_any import is_psycopg3

    said = connections[alias].settings_dict
    return Place(
        where=_where(alias, _parameters(alias)),
        parameters=partial(_parameters, alias),
        driver="psycopg" if is_psycopg3 else "psycopg2",
        is_shared=True,
        schema=SCHEMA,
        role=str(said["OPTIONS"].get("assume_role") or ""),
        keep_seconds=said["CONN_MAX_AGE"],
        missing=MADE_BY,
    )


def _parameters(alias: str) -> dict[str, str]:
    """What Django would connect with now, by libpq's names: a backend may bring a new password each time."""
    try:
        asked: dict[str, Any] = connections[alias].get_connection_params()
    except ImproperlyConfigured as error:
        raise JournalError(f'DATABASES["{alias}"]: {one_line(str(error))}') from None
    return {name: str(value) for name, value in asked.items() if name not in NOT_LIBPQ and value is not None}


def _where(alias: str, asked: dict[str, str]) -> str:
    """What to call it: never with a password."""
    host, port = asked.get("host", ""), asked.get("port", "")
    user, database = asked.get("user", ""), asked.get("dbname", "") or asked.get("service", "")
    place = f"{user}@{host}" if user else host
    return f'postgresql://{place}{":" * bool(port)}{port}/{database} (DATABASES["{alias}"], schema {SCHEMA})'


@cache
def _follow_requests() -> None:
    """Look after kept connections when Django looks after its own: as a request begins, and as it ends."""
    for signal in (request_started, request_finished):
        signal.connect(_close_old, dispatch_uid="nbrunbook.django.door")


def _close_old(**_: object) -> None:
    postgres_pools.close_old()
