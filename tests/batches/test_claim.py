"""A claim."""

from __future__ import annotations

from nbrunbook.batches.claim import moved_on
from nbrunbook.batches.cursor import Row


def test_a_cursor_moves_behind_its_rows() -> None:
    """What was changed counts up, what is left counts down, and never below nothing."""
    moved = moved_on(Row(done=3, changed=1, left_rows=2), "9", 5, 4)
    assert (moved.position, moved.done, moved.changed, moved.left_rows) == ("9", 7, 5, 0)
    assert moved_on(Row(), "9", 5, 4).left_rows is None
