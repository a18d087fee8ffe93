"""What an author writes: `fill = batch("fill-slugs", databases=…)`, with its functions by `@fill.fetch` and so on.

The plan reads it from the source, with `ast`. Where it runs, the code is loaded, and what it made is this object.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal, TypeVar

from nbrunbook.runbook.batch_facts import BATCH_SIZE, TARGET

F = TypeVar("F", bound=Callable[..., Any])
Throttle = Callable[..., Any]
"""Asked before a chunk, with the connection where it takes one: None or an empty text, else why it holds."""


class Batch:
    """A batch as its author wrote it; nothing is run by making one."""

    def __init__(self, step: str, throttle: Sequence[Throttle]) -> None:
        self.step, self.throttles = step, tuple(throttle)
        self.fetch_function: Callable[..., Any] | None = None
        self.process_function: Callable[..., Any] | None = None
        self.left_function: Callable[..., Any] | None = None
        self.mask: Callable[[str], str] = str
        """Takes the values of secrets out of a text; set by whoever knows them, since errors go into the databases."""

    def fetch(self, function: F) -> F:
        """Take what fetches a chunk: (db, cursor, batch_size) -> (rows, next cursor), or None at the end."""
        self.fetch_function = function
        return function

    def process(self, function: F) -> F:
        """Take what changes a chunk: (db, rows) -> how many were changed; None for all of them."""
        self.process_function = function
        return function

    def left(self, function: F) -> F:
        """Take what counts: (db) -> how many rows are still to be gone through."""
        self.left_function = function
        return function


def batch(
    step: str,
    /,
    *,
    databases: Sequence[str],
    target: str = TARGET,
    batch_size: int = BATCH_SIZE,
    throttle: Throttle | Sequence[Throttle] = (),
    on_error: Literal["stop", "quarantine"] = "stop",
    max_errors: int | None = None,
    repeatable: bool = False,
) -> Batch:
    """Return a batch, to which its functions are given; see docs/batches.md.

    `target` is how long a chunk should take, a text such as 500ms, 2s; the size follows it, beginning with
    `batch_size`. `throttle` is asked before each chunk.
    """
    del databases, target, batch_size, on_error, max_errors, repeatable  # the plan says them
    return Batch(step, [throttle] if callable(throttle) else list(throttle))
