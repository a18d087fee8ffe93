"""Calling what an author wrote: with what it takes, and what it returns is looked at before it is believed."""

from __future__ import annotations

import inspect
import json
import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from nbrunbook.batches.definition import Batch
from nbrunbook.batches.faults import Fault, fault_of, told
from nbrunbook.errors import NbrunbookError

if TYPE_CHECKING:
    from nbrunbook.batches.db import Db

LONGEST_CURSOR = 20_000


class FailedError(Exception):
    """An author's function failed: which, and whose fault it is."""

    def __init__(self, name: str, error: BaseException, fault: Fault | None = None) -> None:
        super().__init__(name, error)
        self.name, self.error = name, error
        self.fault: Fault = fault or fault_of(error)

    def __str__(self) -> str:
        """Return it in one line."""
        return f"{self.name}: {told(self.error)}"


class Fetched(NamedTuple):
    """What `fetch` gave."""

    rows: list[Any]
    position: str
    """The next cursor, as JSON."""


def fetched(code: Batch, db: Db, position: str | None, size: int) -> Fetched | None:
    """Return a chunk from a position on; None at the end."""
    cursor = None if position is None else json.loads(position)
    found = _called("fetch", code.fetch_function, db, cursor, size)
    if found is None:
        return None
    if not isinstance(found, tuple) or len(found) != 2:
        raise _wrong("fetch", f"fetch returned {_shown(found)}", "(rows, next cursor), or None at the end")
    try:
        rows = found[0] if isinstance(found[0], list) else list(found[0])
    except TypeError:
        raise _wrong("fetch", f"fetch returned {_shown(found[0])} for rows", "a list") from None
    except BaseException as error:  # they are fetched from the database only now
        raise FailedError("fetch", error) from error
    if found[1] is None:
        if not rows:
            return None
        raise _wrong("fetch", "fetch returned rows and None for the next cursor", "the cursor behind the last of them")
    return Fetched(rows, _json(found[1], position))


def _json(cursor: object, before: str | None) -> str:
    try:
        text = json.dumps(cursor, allow_nan=False)
    except (TypeError, ValueError, RecursionError):
        raise _wrong(
            "fetch", f"the next cursor is {_shown(cursor)}", "a JSON value: text, number, list or table of those"
        ) from None
    if text == before:
        raise _wrong("fetch", f"the next cursor is the one before: {_shown(cursor)}", "one that goes on")
    if len(text) > LONGEST_CURSOR:
        raise _wrong("fetch", f"the next cursor has {len(text):,} characters", f"at most {LONGEST_CURSOR:,}")
    return text


def processed(code: Batch, db: Db, rows: list[Any]) -> int:
    """Change a chunk, and return how many rows were changed."""
    found = _called("process", code.process_function, db, rows)
    if found is None or (type(found) is int and found < 0):  # a driver that does not know says -1
        return len(rows)
    if type(found) is not int:
        raise _wrong("process", f"process returned {_shown(found)}", "how many rows were changed, or None for all")
    return found


def left(code: Batch, db: Db) -> int | None:
    """Return how many rows are still to be gone through; None where its author does not say."""
    if code.left_function is None:
        return None
    found = _called("left", code.left_function, db)
    if type(found) is not int or found < 0:
        raise _wrong("left", f"left returned {_shown(found)}", "how many rows are still to be gone through")
    return found


def wants_db(throttle: Callable[..., Any]) -> bool:
    """Tell whether a throttle takes the connection."""
    try:
        return bool(inspect.signature(throttle).parameters)
    except (TypeError, ValueError):
        return False


def asked(throttle: Callable[..., Any], db: Db | None) -> str:
    """Return why a throttle holds, which takes the connection or nothing; empty where it does not hold.

    What goes wrong in it holds, too, and is said.
    """
    name = str(getattr(throttle, "__name__", throttle))
    try:
        found = throttle() if db is None else _called(name, throttle, db)
        found = _awaited(found) if inspect.isawaitable(found) else found
    except FailedError as failed:
        return f"the throttle {failed}"
    except Exception as error:
        return f"the throttle {name}: {told(error)}"
    finally:
        if db is not None:
            db.rollback()  # it was no transaction of the database's, but SQLAlchemy began one of its own
    if found is None or found is False or found == "":
        return ""
    return f"{name} holds" if found is True else str(found)


def _called(name: str, function: Callable[..., Any] | None, db: Db, *arguments: Any) -> Any:
    """Return what a function returns; awaited where it wants that. FailedError for whatever it raises."""
    if function is None:
        raise _wrong(name, f"the batch has no {name}", f"a function below @….{name}")
    process = os.getpid()
    try:
        with db.lent():
            found = function(db, *arguments)
            if inspect.isawaitable(found):
                found = _awaited(found)
    except FailedError:
        raise
    except BaseException as error:
        raise FailedError(name, error) from error
    finally:
        if os.getpid() != process:  # a copy that the code has forked: the transaction is not its own to end
            os._exit(0)
    return found


def _awaited(value: Any) -> Any:
    import asyncio

    async def awaited() -> Any:
        return await value

    return asyncio.run(awaited())


def _wrong(name: str, found: str, expected: str) -> FailedError:
    return FailedError(name, NbrunbookError(found, expected), "code")


def _shown(value: object) -> str:
    try:
        text = repr(value)
    except Exception:
        text = type(value).__name__
    return text if len(text) <= 80 else f"{text[:79]}…"
