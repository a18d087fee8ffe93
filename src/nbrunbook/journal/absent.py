"""No journal, on purpose: a site whose tests run has none until a test asks for one."""

from __future__ import annotations

from typing import NoReturn

import sqlalchemy as sa

from nbrunbook.errors import JournalError


class Absent:
    """Nothing is there, and nothing can be made; whatever begins with `start` is refused. See `engines.Door`."""

    shared, schema, clock = True, 0, "0"
    where = "no journal, since tests run"
    errors: tuple[type[Exception], ...] = ()

    def __init__(self) -> None:
        self.engine = sa.create_engine("sqlite://", creator=self._refuse)

    def exists(self) -> bool:
        """Tell that there is nothing to open."""
        return False

    def missing(self) -> JournalError:
        """Return what to say to who needs one."""
        return JournalError(
            "there is no journal while tests run",
            "a test that asks for one",
            "decorate it with @journal() of nbrunbook.django.test, or take the fixture nbrunbook_journal",
        )

    def make(self) -> None:
        """Refuse to make one."""
        self._refuse()

    def close(self) -> None:
        """Do nothing: nothing was opened."""

    def check_place(self) -> None:
        """Refuse any place."""
        self._refuse()

    def start(self, *, writes: bool) -> None:  # noqa: ARG002
        """Refuse to begin."""
        self._refuse()

    def _refuse(self) -> NoReturn:
        raise self.missing()
