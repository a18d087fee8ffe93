"""Chains: whoever changes what was written is found."""

from __future__ import annotations

import pytest

from tests.conftest import Workplace
from tests.journal.conftest import Opened, write_note
from tests.making import raw_journal

EDITS = [
    "UPDATE event SET body = replace(body, '\"ana\"', '\"eve\"') WHERE seq = 2",
    "UPDATE event SET body = replace(body, '\"seq\":2', '\"seq\": 2') WHERE seq = 2",
    "UPDATE event SET hash = replace(hash, substr(hash, 1, 1), 'f') || 'f' WHERE seq = 2",
    "UPDATE event SET kind = 'ticked' WHERE seq = 2",
    "UPDATE event SET seq = 9 WHERE seq = 2",
    "UPDATE event SET body = 'no JSON' WHERE seq = 2",
    "UPDATE event SET body = '{}' WHERE seq = 2",
    "UPDATE event SET id = 'x' WHERE seq = 3",
    "DELETE FROM event WHERE seq = 1",
    "DELETE FROM event WHERE seq = 2",
    "UPDATE event SET seq = seq + 10",
]


@pytest.mark.parametrize("edit", EDITS)
def test_an_edited_event_is_found(opened: Opened, work: Workplace, edit: str) -> None:
    """A row that was edited or deleted behind the triggers' back is found."""
    found, row = opened
    write_note(found, row, "third")
    found.close()
    with raw_journal(without="event") as raw:
        raw.execute(edit)
    assert found.faults(row)


DATA_EDITS = [
    'data = \'{"note":"other"}\'',
    "salt = '00'",
    "salt = NULL",
    "data = NULL",
    "data = 'no JSON'",
    "data = '[]'",
    "data = '7'",
    "data = '{}'",
]


@pytest.mark.parametrize("edit", DATA_EDITS)
def test_edited_data_is_found(opened: Opened, work: Workplace, edit: str) -> None:
    """Data that was edited behind the triggers' back is found."""
    found, row = opened
    with raw_journal(without="event_data") as raw:
        raw.execute(f"UPDATE event_data SET {edit} WHERE event = (SELECT id FROM event WHERE seq = 2)")
    assert len(found.faults(row)) == 1


def test_deleted_data_is_found(opened: Opened, work: Workplace) -> None:
    """Data that is gone without a redaction is found."""
    found, row = opened
    with raw_journal(without="event_data") as raw:
        raw.execute("DELETE FROM event_data WHERE event = (SELECT id FROM event WHERE seq = 2)")
    assert len(found.faults(row)) == 1


def test_an_edited_runbook_row_is_found(opened: Opened, work: Workplace) -> None:
    """The chain starts from the runbook's row, so that its facts cannot be edited either."""
    found, row = opened
    with raw_journal(without="runbook") as raw:
        raw.execute("UPDATE runbook SET body = replace(body, '\"ana\"', '\"eve\"')")
    assert found.faults(found.runbook("shop", row.key))
