"""What the tests of a journal open and write."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from nbrunbook.journal.entries import Draft, RunbookRow
from nbrunbook.journal.journal import Journal
from nbrunbook.journal.raw_rows import Rows
from nbrunbook.project.settings import find_project
from nbrunbook.runbook import events
from nbrunbook.runbook.events import Event
from tests.conftest import Workplace
from tests.making import raw_journal, registered

STEPS = "\n".join(f"- [ ] Step {number} {{#s{number}}}" for number in range(40))


def a_note(note: str = "hello", **more: str) -> Draft:
    """Return a note on the runbook, as a session would write it."""
    return Draft(kind="noted", operator="ana", known="declared", known_by="env", data={"note": note}, **more)  # type: ignore[arg-type]


def write_note(opened: Journal, runbook: RunbookRow, text: str = "hello", event_id: str = "") -> Event:
    """Write a note on a runbook, and return its event."""

    def decide(_: Sequence[Event]) -> Draft:
        return a_note(text)

    return opened.append(runbook, event_id=event_id or events.new_id(), after=0, decide=decide)[1]


def catalog_faults_after(change: str) -> list[str]:
    """Return what is told beside a new journal's rows once somebody has run a statement there; before it, nothing."""
    registered("- [ ] A {#a}")
    rows = Rows(Journal.open(find_project().journal))
    assert rows.catalog_faults() == []
    with raw_journal() as raw:
        raw.execute(change)
    return rows.catalog_faults()


@pytest.fixture
def opened(work: Workplace, engine: str) -> tuple[Journal, RunbookRow]:
    """A journal that holds one runbook with one note."""
    key = registered(STEPS)
    found = Journal.open(find_project().journal, wait_seconds=10)
    row = found.runbook("shop", key)
    write_note(found, row, "first")
    return found, row


Opened = tuple[Journal, RunbookRow]
