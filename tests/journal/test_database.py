"""Transactions: who waits for whom, and for how long."""

from __future__ import annotations

import time

import pytest

from nbrunbook.errors import JournalBusyError
from nbrunbook.journal.database import COMMAND_WAIT_SECONDS, SESSION_WAIT_SECONDS
from nbrunbook.journal.journal import Journal
from nbrunbook.journal.writing import keep_plan
from nbrunbook.runbook.events import digest
from tests.conftest import Workplace
from tests.journal.conftest import Opened, write_note
from tests.making import raw_journal


def test_a_locked_journal_is_busy(opened: Opened, work: Workplace) -> None:
    """A lock that does not come free in time is an error of its own, and nothing was written."""
    found, row = opened
    waiting = Journal.open(found.url, wait_seconds=0.1)
    with raw_journal() as raw:
        raw.lock()
        with pytest.raises(JournalBusyError, match=r"0\.1 s"):
            write_note(waiting, row)
    assert write_note(waiting, row).seq == 3


def test_reading_goes_on_while_somebody_writes(opened: Opened, work: Workplace) -> None:
    """A writer's lock does not keep anybody from looking."""
    found, row = opened
    waiting = Journal.open(found.url, wait_seconds=0.1)
    with raw_journal() as raw:
        raw.lock()
        assert len(waiting.events(row)) == 2


def test_a_closed_journal_opens_again(opened: Opened) -> None:
    """Closing gives the connection back; using the journal takes a new one."""
    found, row = opened
    found.close()
    found.close()
    assert write_note(found, row).seq == 3


def test_a_session_waits_less_than_a_browser() -> None:
    """A session waits for a lock at most 4 s, and a command 30 s."""
    assert (SESSION_WAIT_SECONDS, COMMAND_WAIT_SECONDS) == (4, 30)


def test_a_transaction_is_read_before_it_has_ended(opened: Opened) -> None:
    """By itself alone: whoever asks beside it does not see yet what it wrote."""
    journal, _ = opened
    with journal.writing("schema") as connection:
        keep_plan(connection, "{}")
        assert journal.within(connection).plan_text(digest("{}")) == "{}"
        assert journal.plan_text(digest("{}")) is None
    assert journal.plan_text(digest("{}")) == "{}"


@pytest.mark.on("postgres")
def test_a_long_transaction_waits_anew_for_each_answer(opened: Opened) -> None:
    """Its first statement is not the last that may take its time."""
    journal, _ = opened
    with journal.writing("schema") as connection:
        driver = connection.connection.driver_connection
        driver.until = time.monotonic() - 1
        journal.within(connection).environments("shop")
        assert driver.until > time.monotonic()
