"""Drivers of PostgreSQL, psycopg and psycopg2, whichever is there: none waits longer than until a moment.

Of a connection, whichever driver's, `until` is that moment, and `send(sql)` sends a text that needs no parameters.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from nbrunbook.errors import JournalError

NAMES = ("psycopg", "psycopg2")
"""In this order, where nobody says which."""


@dataclass(frozen=True, kw_only=True)
class Driver:
    """One of the two."""

    name: str
    errors: tuple[type[Exception], ...]
    """What it may raise."""
    connect: Callable[..., Any]
    """connect(parameters, until=…, prepares=…): `prepares` says whether statements may be prepared on the server."""


def driver(name: str, where: str) -> Driver:
    """Return a driver by its name, or the one that is installed; JournalError, which says what to install.

    It is loaded for PostgreSQL only.
    """
    for each in [name] if name else NAMES:
        try:
            found = importlib.import_module(f"nbrunbook.journal.{each}_driver")
        except ImportError:
            continue
        return Driver(name=each, errors=found.ERRORS, connect=found.connect)
    missing = name or NAMES[0]
    raise JournalError(
        f"the journal {where} is PostgreSQL, and {missing} is not installed", "", "pip install 'nbrunbook[postgres]'"
    )


def sqlstate(error: BaseException) -> str:
    """Return the server's code of an error; empty where it said none. Each driver has its own name for it."""
    return str(getattr(error, "sqlstate", None) or getattr(error, "pgcode", None) or "")
