"""Calling what an author wrote."""

from __future__ import annotations

import os
from typing import Any

import pytest

from nbrunbook.batches import calling
from nbrunbook.batches.calling import FailedError
from nbrunbook.batches.definition import Batch, batch


class Lent:
    """Stands for a connection: these functions ask it nothing."""

    def lent(self) -> Any:
        """Lend it."""
        return self

    def rollback(self) -> None:
        """Do nothing."""

    def __enter__(self) -> None:
        """Begin."""

    def __exit__(self, *_: object) -> None:
        """End."""


DB: Any = Lent()


def fetches(value: Any) -> Batch:
    """Return a batch whose fetch returns a value."""
    made = batch("fill", databases=[])
    made.fetch(lambda db, cursor, batch_size: value)
    return made


def test_a_copy_that_the_code_forked_ends_there() -> None:
    """It would end the transaction of its parent, and go on as another worker."""
    parent = os.getpid()

    def forks(*_: Any) -> int:
        copy = os.fork()
        if not copy:
            raise SystemExit
        return os.waitpid(copy, 0)[1]

    made = batch("fill", databases=[])
    made.process(forks)
    assert calling.processed(made, DB, [1]) == 0
    assert os.getpid() == parent


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ([1, 2], "expected (rows, next cursor)"),
        (([1], None), "None for the next cursor"),
        (([1], {1}), "expected a JSON value"),
        (([1], float("nan")), "expected a JSON value"),
        (([1], 7), "the next cursor is the one before"),
        ((3, 8), "3 for rows"),
        (([1], "x" * 30_000), "30,002 characters"),
    ],
)
def test_a_wrong_answer_of_fetch_is_no_row_s_fault(value: Any, words: str) -> None:
    """It is refused in words: what it returned, and what was expected."""
    with pytest.raises(FailedError) as failed:
        calling.fetched(fetches(value), DB, "7", 5)
    assert words in str(failed.value)
    assert failed.value.fault == "code"


def test_fetch_ends_with_none() -> None:
    """Or with no rows and no cursor; no rows and a cursor go on."""
    assert calling.fetched(fetches(None), DB, "7", 5) is None
    assert calling.fetched(fetches(([], None)), DB, "7", 5) is None
    assert calling.fetched(fetches(((), [8, "a"])), DB, "7", 5) == ([], '[8, "a"]')


@pytest.mark.parametrize(("value", "changed"), [(None, 3), (2, 2), (0, 0), (-1, 3)])
def test_process_says_how_many(value: Any, changed: int) -> None:
    """None is all of them, and so is the -1 of a driver that does not know."""
    made = batch("fill", databases=[])
    made.process(lambda db, rows: value)
    assert calling.processed(made, DB, [1, 2, 3]) == changed


@pytest.mark.parametrize("value", [True, "3", [1], 2.0])
def test_process_says_it_by_a_number(value: Any) -> None:
    """Anything else is refused, before the chunk is committed."""
    made = batch("fill", databases=[])
    made.process(lambda db, rows: value)
    with pytest.raises(FailedError, match="process returned"):
        calling.processed(made, DB, [1])


def test_async_functions_are_awaited() -> None:
    """Each of the three may be one."""
    made = batch("fill", databases=[])

    @made.left
    async def _(db: Any) -> int:
        return 3

    assert calling.left(made, DB) == 3
    assert calling.left(batch("fill", databases=[]), DB) is None


def test_a_missing_function_is_said() -> None:
    """The plan finds it before; a runner does not crash on it."""
    with pytest.raises(FailedError, match="the batch has no fetch"):
        calling.fetched(batch("fill", databases=[]), DB, None, 1)


def test_a_throttle_says_why() -> None:
    """With the connection or without it, by a text or by True; what goes wrong in it holds, too."""

    def busy(db: Any) -> bool:
        return True

    def broken() -> None:
        raise ValueError("no")

    assert (calling.wants_db(busy), calling.wants_db(broken)) == (True, False)
    assert calling.asked(busy, DB) == "busy holds"
    assert calling.asked(lambda: "peak hours", None) == "peak hours"
    assert calling.asked(lambda: None, None) == ""
    assert calling.asked(broken, None) == "the throttle broken: ValueError: no"
