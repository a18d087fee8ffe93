"""The end of a round."""

from __future__ import annotations

from nbrunbook.batches.cursor import Row
from nbrunbook.batches.ending import at_the_end


def test_nothing_left_is_done() -> None:
    """So it is where nobody counts."""
    assert at_the_end(Row(), 0).state == at_the_end(Row(), None).state == "done"


def test_rows_that_are_left_make_another_round() -> None:
    """From the start, and what `left` said is kept."""
    again = at_the_end(Row(position="9", changed=4, left_rows=0), 3)
    assert (again.state, again.position, again.round, again.changed) == ("open", None, 2, 0)
    assert (again.left_rows, again.left_before) == (3, 3)


def test_a_round_that_gets_no_further_stops() -> None:
    """It changed nothing, or it left no fewer than the round before: it would go on for ever."""
    for row in (Row(changed=0), Row(changed=4, left_before=3, round=2)):
        ended = at_the_end(row, 3)
        assert ended.state == "stopped"
        assert "left says 3 rows" in ended.error


def test_who_mended_what_stopped_it_begins_at_the_start() -> None:
    """Rows that fetch did not give stand behind the cursor."""
    ended = at_the_end(Row(position="9", changed=0, left_before=3, round=2), 3)
    assert (ended.position, ended.changed, ended.left_before, ended.left_rows) == (None, 0, None, 3)


def test_refused_rows_are_not_done() -> None:
    """Where only they are left it stops, and says how many; where more are, it goes round."""
    assert at_the_end(Row(quarantined=2, changed=1), 2).error.startswith("2 rows are refused")
    assert at_the_end(Row(quarantined=4), None, ("7", "9" * 99)).error == f"4 rows are refused (7, {'9' * 39}…, …)"
    assert at_the_end(Row(quarantined=1), None, ("7",)).error.startswith("1 row is refused (7)")
    assert at_the_end(Row(quarantined=1), None).error.startswith("1 row is refused")
    again = at_the_end(Row(quarantined=2, changed=1), 3)
    assert (again.state, again.left_rows, again.left_before) == ("open", 1, 3)
    assert at_the_end(Row(quarantined=2, left_rows=5), 1).left_rows == 0
