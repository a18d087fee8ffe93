"""Faults: whose fault an error is, by its SQLSTATE, its driver's code or its kind. Pure: nothing is asked."""

from __future__ import annotations

import errno
import sqlite3
from typing import Any, Literal

from nbrunbook.batches.store import EndedError
from nbrunbook.errors import NbrunbookError, one_line, visible
from nbrunbook.texts import short

Fault = Literal["transient", "connection", "resource", "permission", "code", "row"]
"""What to do: try again with half the rows; hold, the first three of what remains; stop; halve down to the row."""
HOLDS = ("connection", "resource", "permission")
LONGEST = 500
STATES: dict[str, Fault] = {
    "40001": "transient",  # serialization_failure
    "40P01": "transient",  # deadlock_detected
    "55P03": "transient",  # lock_not_available
    "57014": "transient",  # query_canceled: statement_timeout
    "25P03": "transient",  # idle_in_transaction_session_timeout
    "25P04": "transient",  # transaction_timeout
    "25006": "permission",  # read_only_sql_transaction
    "42501": "permission",  # insufficient_privilege
    "57P01": "connection",  # admin_shutdown
    "57P02": "connection",
    "57P03": "connection",
    "57P04": "connection",
    "57P05": "connection",
    "26000": "connection",  # a statement that was prepared by name, and a pooler lost: another connection helps
    "42P05": "connection",
    "25P02": "row",  # in_failed_sql_transaction: what failed before it was passed over by its author
}
CLASSES: dict[str, Fault] = {
    "08": "connection",
    "28": "permission",  # a role or a password that is refused
    "3D": "connection",  # a database that is not there
    "53": "resource",
    "58": "resource",  # the system's
    "42": "code",  # a statement that no row makes right: a table or column that is not there, bad syntax
}
SQLITE: dict[int, Fault] = {
    sqlite3.SQLITE_BUSY: "transient",
    sqlite3.SQLITE_LOCKED: "transient",
    sqlite3.SQLITE_FULL: "resource",
    sqlite3.SQLITE_IOERR: "resource",
    sqlite3.SQLITE_NOMEM: "resource",
    sqlite3.SQLITE_CORRUPT: "resource",
    sqlite3.SQLITE_NOTADB: "resource",
    sqlite3.SQLITE_CANTOPEN: "connection",
    sqlite3.SQLITE_READONLY: "permission",
    sqlite3.SQLITE_PERM: "permission",
    sqlite3.SQLITE_AUTH: "permission",
    sqlite3.SQLITE_ERROR: "code",
    sqlite3.SQLITE_MISUSE: "code",
}
FULL = (errno.ENOSPC, errno.EDQUOT, errno.ENOMEM, errno.EMFILE, errno.ENFILE)
CODE = (EndedError, NameError, ImportError, SyntaxError, NotImplementedError, SystemExit, KeyboardInterrupt)
"""What no row is to blame for."""
LOST = ("OperationalError", "InterfaceError", "ConnectionTimeout")
"""psycopg's errors that, without a code from the server, mean that it was not reached."""


def fault_of(error: BaseException) -> Fault:
    """Return whose fault an error is."""
    original: Any = getattr(error, "orig", None) or error
    state = getattr(original, "sqlstate", None)
    if state == "0A000" and "cached plan" in str(original):  # a table that changed under a prepared statement
        return "connection"
    if state:
        return STATES.get(state) or CLASSES.get(state[:2], "row")
    code = getattr(original, "sqlite_errorcode", None)
    if code is not None:
        return SQLITE.get(code & 0xFF, "row")
    if isinstance(original, sqlite3.OperationalError):
        return "code"
    if getattr(error, "connection_invalidated", False):
        return "connection"
    if type(original).__module__.startswith("psycopg") and type(original).__name__ in LOST:
        return "connection"
    return _of_python(error)


def _of_python(error: BaseException) -> Fault:
    """Return whose fault an error is that no database made."""
    if isinstance(error, MemoryError) or (isinstance(error, OSError) and error.errno in FULL):
        return "resource"
    names = {each.__name__ for each in type(error).__mro__}
    if isinstance(error, ConnectionError | TimeoutError) or names & {"ConnectionError", "Timeout", "ConnectError"}:
        return "connection"
    if isinstance(error, CODE) or (type(error).__module__.startswith("sqlalchemy") and "InvalidRequestError" in names):
        return "code"
    return "row"


def told(error: BaseException) -> str:
    """Return an error in one line; a database's own words without the statement."""
    original = getattr(error, "orig", None) or error
    text = str(original).strip()
    name = "" if isinstance(original, NbrunbookError) else type(original).__name__
    words = ": ".join(each for each in (name, text) if each)
    return short(visible(one_line(words)), LONGEST)
