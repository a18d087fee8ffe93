"""Whose fault an error is."""

from __future__ import annotations

import errno
import sqlite3

import pytest
import sqlalchemy as sa

from nbrunbook.batches.faults import Fault, fault_of, told
from nbrunbook.batches.store import EndedError
from tests.batches.conftest import Make


class StateError(Exception):
    """Stands for one of a driver's."""

    def __init__(self, sqlstate: str) -> None:
        self.sqlstate = sqlstate


@pytest.mark.parametrize(
    ("state", "fault"),
    [
        ("40P01", "transient"), ("40001", "transient"), ("55P03", "transient"), ("57014", "transient"),
        ("08006", "connection"), ("57P01", "connection"), ("53100", "resource"), ("58030", "resource"),
        ("42501", "permission"), ("25006", "permission"), ("28P01", "permission"),
        ("42P01", "code"), ("42601", "code"), ("23505", "row"), ("22P02", "row"), ("P0001", "row"),
    ],
)  # fmt: skip
def test_of_an_sqlstate(state: str, fault: Fault) -> None:
    """Deadlocks and locks pass; what was lost, is full or is forbidden is no row's fault; the rest is."""
    assert fault_of(StateError(state)) == fault
    assert fault_of(sa.exc.DBAPIError("SELECT", {}, StateError(state))) == fault


@pytest.mark.parametrize(
    ("error", "fault"),
    [
        (ConnectionResetError(), "connection"), (TimeoutError(), "connection"), (MemoryError(), "resource"),
        (OSError(errno.ENOSPC, "full"), "resource"), (NameError("x"), "code"), (SystemExit(1), "code"),
        (EndedError(), "code"), (sa.exc.InvalidRequestError("begun"), "code"), (ValueError("x"), "row"),
        (KeyError("x"), "row"), (AssertionError(), "row"), (sqlite3.IntegrityError("x"), "row"),
    ],
)  # fmt: skip
def test_of_python_s(error: BaseException, fault: Fault) -> None:
    """A mistake in the code is no row's, a value that is refused is."""
    assert fault_of(error) == fault


@pytest.mark.parametrize("make", ["sqlite"], indirect=True)
def test_of_sqlite_s(make: Make) -> None:
    """By its own numbers: a table that is not there is the code's, a broken constraint a row's."""
    data = make(rows=1)
    faults = []
    for statement in ("SELECT 1 FROM nowhere", "INSERT INTO item (id) VALUES (1)", "SELECT ("):
        with pytest.raises(sa.exc.DBAPIError) as failed:
            data.run(statement)
        faults.append(fault_of(failed.value))
    assert faults == ["code", "row", "code"]


def test_it_is_told_in_one_line() -> None:
    """Without the statement and its values, and cut."""
    error = sa.exc.DBAPIError("SELECT secret", {"x": "secret"}, ValueError("no\nsuch \x1b thing" + "x" * 900))
    assert told(error).startswith("ValueError: no ⏎ such ␛ thing")
    assert "secret" not in told(error)
    assert len(told(error)) <= 500
