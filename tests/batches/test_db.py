"""What an author's functions get: a connection whose end is ours."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.batches.filling import Data, course_of, filling, to_the_end


@pytest.mark.parametrize("name", ["commit", "rollback", "close", "invalidate", "detach"])
def test_nobody_else_ends_it(name: str, data: Data) -> None:
    """It is refused before it is done, so that no row of the chunk was changed, and the error names the call."""
    status = to_the_end(course_of(data, filling(each=lambda db, _: getattr(db, name)())))
    assert status.state == "stopped"
    assert f"db.{name}()" in status.error
    assert data.counts() == {0: 20}


def test_whoever_passes_the_refusal_over_has_changed_nothing_by_it(data: Data) -> None:
    """The transaction goes on, and is whole."""

    def swallows(db: Any, _: int) -> None:
        with pytest.raises(Exception, match="ended within it"):
            db.commit()

    assert to_the_end(course_of(data, filling(each=swallows))).state == "done"
    assert data.counts() == data.once


def savepoint(db: Any, _: int) -> None:
    """Use one as SQLAlchemy's docs show it."""
    with db.begin_nested():
        db.exec_driver_sql("UPDATE item SET n = n + 10 WHERE id = 1")
        db.exec_driver_sql("UPDATE item SET n = n - 10 WHERE id = 1")


@pytest.mark.parametrize("each", [savepoint])
def test_savepoints_are_the_author_s(each: Callable[[Any, int], None], data: Data) -> None:
    """begin_nested() in a with is fine."""
    assert to_the_end(course_of(data, filling(each=each))).state == "done"
    assert data.counts() == data.once


def test_a_savepoint_that_is_left_open_is_refused(data: Data) -> None:
    """Nobody knows what was meant to stay."""
    status = to_the_end(course_of(data, filling(each=lambda db, _: db.begin_nested())))
    assert (status.state, data.counts()) == ("stopped", {0: 20})
    assert "left a savepoint open" in status.error
