"""Stores: what differs between the databases that hold a cursor. Each is about one open connection."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, Protocol

from nbrunbook.errors import NbrunbookError

if TYPE_CHECKING:
    from nbrunbook.batches.cursor import Mark, Row
    from nbrunbook.batches.db import Db

LOCK_SECONDS = 5.0
"""How long a statement of a chunk waits for a lock."""


class EndedError(NbrunbookError):
    """A function of the author's ended the chunk's transaction, or tried to."""

    def __init__(self, how: str = "") -> None:
        super().__init__(
            f"the chunk's transaction was ended within it{f' by {how}' if how else ''}",
            "no commit and no rollback in fetch, process and left",
            "leave it to nbrunbook, which moves the cursor in the same transaction; begin_nested() is fine",
        )


class Store(Protocol):
    """The cursors' side of a connection."""

    kind: str
    """postgresql, sqlite, or another one's name."""
    where: str
    """What to call it in messages; without a password."""
    is_fenced: bool
    """Whether a chunk is done exactly once there."""
    skip_locked: str
    """What makes a SELECT lock its row, and pass over one that somebody else has locked."""
    or_nothing: str
    """What lets an INSERT do nothing where its row is there."""
    breath_seconds: float
    """How long to let others in now and then, where a chunk keeps all of them out."""
    errors: tuple[type[Exception], ...]
    """What a statement of ours may raise."""
    db: Db

    @property
    def clock(self) -> str:
        """SQL of the seconds since 1970: by its own clock, and going on within a transaction."""

    def execute(self, sql: str, values: Mapping[str, Any]) -> tuple[Any, ...] | None:
        """Run a statement with `:name`s, and return its first row, if there is one."""

    def rows(self, sql: str, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """Return all rows of a statement."""

    def has_table(self, name: str) -> bool:
        """Tell whether a table is there."""

    def make(self) -> None:
        """Make both tables where they are not there, within a transaction."""

    def is_refused(self, error: Exception) -> bool:
        """Tell whether an error says that this role may not do that."""

    def transaction(self) -> AbstractContextManager[None]:
        """Return a short transaction of our own, for what is no chunk; it is committed where nothing goes wrong."""

    def fence(self, mark: Mark, generation: int, lease_seconds: float) -> Row | None:
        """Begin a chunk's transaction and return the cursor; None, and nothing begun, where it is not ours any more."""

    def move(self, mark: Mark, generation: int, row: Row, lease_seconds: float) -> None:
        """Move the cursor and commit the chunk; EndedError where the transaction is not the one that `fence` began."""

    def abort(self) -> bool:
        """Roll back whatever there is; return whether a chunk was begun whose transaction somebody had ended before.

        Raises nothing: a connection that is broken is thrown away.
        """

    def lost(self, error: BaseException) -> None:
        """Learn from an error that ends the connection."""

    def check(self) -> None:
        """Let constraints that are deferred until COMMIT say now what they have to say."""

    def is_failed(self) -> bool:
        """Tell whether a statement failed that its author passed over, so that nothing more is taken."""

    def has_ended(self) -> bool:
        """Tell whether there is no transaction any more."""
