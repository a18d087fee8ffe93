"""Rows as they stand there: page by page, of every project, with what is lost."""

from __future__ import annotations

import pytest

from nbrunbook.journal import raw_rows
from nbrunbook.journal.entries import sha256
from nbrunbook.journal.raw_rows import Rows
from tests.journal.conftest import Opened
from tests.making import raw_journal, registered

KEYS = ["eu/1.0", "eu/1.1", "staging/1.0", "us/1.0"]


@pytest.mark.parametrize("page", [1, 2, 500])
def test_every_row_comes_once(opened: Opened, monkeypatch: pytest.MonkeyPatch, page: int) -> None:
    """Runbooks, plans and blobs come once each, however many stand on a page."""
    found, _ = opened
    for key in ("eu/1.0", "us/1.0", "eu/1.1"):
        registered("- [ ] A {#a}", key=key)
    monkeypatch.setattr(raw_rows, "LISTED", page)
    rows = Rows(found)
    assert sorted(each.key for each in rows.every_runbook()) == KEYS
    plans = {each.plan_digest for each in found.runbooks("shop")}
    assert (len(list(rows.every_plan())), set(rows.every_plan())) == (len(plans), plans)
    assert list(rows.every_blob()) == [sha256(b"no notebook")]


def test_what_is_named_and_not_there_is_missing(opened: Opened) -> None:
    """Of some names those come back that no row has."""
    found, row = opened
    rows = Rows(found)
    assert rows.missing_plans([row.plan_digest, "x"]) == {"x"}
    assert rows.missing_blobs([sha256(b"no notebook"), "y"]) == {"y"}
    assert rows.missing_blobs([]) == set()
    assert (rows.planned_by(row.plan_digest), rows.planned_by("x")) == (["staging/1.0"], [])


@pytest.mark.on("sqlite")
def test_what_lost_its_row_is_named(opened: Opened) -> None:
    """Events without their runbook, data without its event, and an index of what is gone are found."""
    found, row = opened
    rows = Rows(found)
    assert (rows.lost_events(), rows.lost_data(), rows.lost_open(), rows.catalog_faults()) == ([], [], [], [])
    note = found.events(row)[-1]
    with raw_journal(without="runbook") as raw:
        raw.without_triggers("event")
        raw.execute("PRAGMA foreign_keys = OFF")
        raw.execute("DELETE FROM runbook")
        raw.execute("DELETE FROM event WHERE seq = 2")
    assert rows.lost_events() == [("staging/1.0", 1, 1)]
    assert rows.lost_data() == [note.id]
    assert rows.lost_open() == [row.digest]
    found = [words.split()[2].partition("_no_")[0] for words in rows.catalog_faults()]
    assert set(found) >= {"runbook", "event"}


@pytest.mark.on("sqlite")
def test_an_event_that_cannot_be_read_still_stands_for_its_runbook(opened: Opened) -> None:
    """Where the first event says no key, the runbook's digest stands for it."""
    found, row = opened
    with raw_journal(without="runbook") as raw:
        raw.without_triggers("event")
        raw.execute("PRAGMA foreign_keys = OFF")
        raw.execute("DELETE FROM runbook")
        raw.execute("UPDATE event SET body = 'no JSON'")
    assert Rows(found).lost_events() == [(row.digest, 2, 1)]
