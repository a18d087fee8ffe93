"""Results of batches: what an end says of all databases, and how that is read again."""

from __future__ import annotations

from dataclasses import replace

import pytest

from nbrunbook.runbook import batch_results
from nbrunbook.runbook.board import DatabaseStatus
from tests.making import event

DONE = DatabaseStatus(name="eu", state="done", done=1200, batch_size=400, left=0)
STOPPED = DatabaseStatus(name="us", state="stopped", done=7, quarantined=3, error="3 rows are refused: id 7")


def test_it_passes_only_where_every_database_is_done() -> None:
    """One that is stopped, or left rows out, makes it fail; one that goes on, or no database at all, is no end."""
    assert batch_results.is_at_end([DONE, STOPPED])
    assert not batch_results.is_at_end([DONE, replace(STOPPED, state="holding")])
    assert not batch_results.is_at_end([])
    assert batch_results.kind([DONE]) == "passed"
    assert batch_results.kind([DONE, STOPPED]) == batch_results.kind([replace(DONE, quarantined=1)]) == "failed"


def test_it_is_told_in_words() -> None:
    """What was done, and which databases are not, with why; of many the first ones."""
    assert batch_results.value([DONE, STOPPED]) == "1,207 rows in 2 databases"
    assert batch_results.message([DONE, STOPPED]) == "us: 3 rows are refused: id 7"
    many = [DatabaseStatus(name=f"d{number}", hold="locks") for number in range(9)]
    assert batch_results.message(many).endswith("d4: locks; and 4 databases more")


def test_a_board_is_read_again() -> None:
    """Without who worked on it and how fast; three hundred take little."""
    text = batch_results.text_of([replace(DONE, runner="r", rate=3.5), replace(STOPPED, error="x" * 9999)])
    first, second = batch_results.board_of(event("passed", "a", board=text))
    assert first == DONE
    assert len(second.error) == batch_results.LONGEST_ERROR
    assert len(batch_results.text_of([DONE] * 300)) < 30_000


def test_an_end_is_at_rest() -> None:
    """Nobody works on a database of a run that is over, and nothing holds it; what was done and left is known."""
    before = DatabaseStatus(name="eu", state="holding", hold="locks", since="2026-11-30T12:00:00.000Z", done=7, left=3)
    after = DatabaseStatus(name="eu", state="waiting", done=7, left=3)
    assert batch_results.board_of(event("stopped", "a", board=batch_results.text_of([before]))) == (after,)


@pytest.mark.parametrize("text", ["", "[", "7", "[7]", '[{"name": "eu", "done": -1}]', "[" * 100_000])
def test_a_damaged_board_is_none(text: str) -> None:
    """What somebody edited or blanked keeps nobody from the runbook."""
    assert batch_results.board_of(event("failed", "a", board=text)) == ()
    assert batch_results.board_of(None) == ()
