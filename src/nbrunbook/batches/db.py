"""What an author's functions get: a connection within a chunk's transaction, whose end is ours."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from nbrunbook.batches.store import EndedError


class Db(sa.Connection):
    """A connection as an author gets it: within a chunk's transaction, whose end is ours."""

    _is_ours = True

    @contextmanager
    def lent(self) -> Iterator[None]:
        """Refuse, meanwhile, to end the transaction or the connection."""
        self._is_ours = False
        try:
            yield
        finally:
            self._is_ours = True

    def _refuse(self, how: str) -> None:
        if not self._is_ours:
            raise EndedError(how)

    def commit(self) -> None:
        """Commit, where that is not an author's call."""
        self._refuse("db.commit()")
        super().commit()

    def rollback(self) -> None:
        """Roll back, where that is not an author's call."""
        self._refuse("db.rollback()")
        super().rollback()

    def close(self) -> None:
        """Close, where that is not an author's call."""
        self._refuse("db.close()")
        super().close()

    def detach(self) -> None:
        """Detach, where that is not an author's call."""
        self._refuse("db.detach()")
        super().detach()

    def invalidate(self, exception: BaseException | None = None) -> None:
        """Throw the connection away, where that is not an author's call."""
        self._refuse("db.invalidate()")
        super().invalidate(exception)
