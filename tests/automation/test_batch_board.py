"""Where a batch stands, by whoever can say that."""

from __future__ import annotations

import pytest

from nbrunbook.automation import batch_board
from nbrunbook.batches import data
from nbrunbook.project.settings import find_project
from tests.conftest import Workplace
from tests.filling import ROWS, batched
from tests.making import session_on

__all__ = ["batched"]


@pytest.mark.on("sqlite")
def test_cursors_tell_where_nobody_runs_it(batched: Workplace) -> None:
    """One that cannot be read says so, beside what the journal knows of it; where none can, the journal tells."""
    session = session_on()
    found = batch_board.board(session, find_project(), "fill")
    assert (found.source, found.why) == ("cursors", "")
    assert [(each.name, each.state, each.done) for each in found.statuses] == [
        ("eu", "waiting", 0),
        ("us", "waiting", 0),
        ("ap", "waiting", 0),
    ]
    assert batched.run("run", "staging/1.0", "fill") == 0, batched.err
    (batched.root / "data" / "us.db").unlink()
    data.dispose()
    found = batch_board.board(session, find_project(), "fill")
    assert (found.source, found.why) == ("cursors", "but not of us, which cannot be read")
    assert [(each.state, each.done, bool(each.error)) for each in found.statuses] == [
        ("done", ROWS, False),
        ("done", ROWS, True),
        ("done", ROWS, False),
    ]
    for name in ("eu", "ap"):
        (batched.root / "data" / f"{name}.db").unlink()
    data.dispose()
    found = batch_board.board(session, find_project(), "fill")
    assert (found.source, [each.done for each in found.statuses]) == ("journal", [ROWS] * 3)
    assert not list((batched.root / "data").iterdir())
