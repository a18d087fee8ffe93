"""Reading: what was written comes back, in order, or it is said what is wrong."""

from __future__ import annotations

import pytest

from nbrunbook.errors import JournalBrokenError, JournalError, UnknownRunbookError
from nbrunbook.journal.journal import Journal
from nbrunbook.project.settings import find_project
from nbrunbook.runbook import events
from tests.conftest import Workplace
from tests.journal.conftest import Opened, write_note
from tests.making import raw_journal, registered, session_on


def test_what_was_written_is_read_again(opened: Opened) -> None:
    """Events come back as they were written, in order, each on the one before it."""
    found, row = opened
    written = [write_note(found, row, f"note {number}") for number in range(5)]
    read = found.events(row)
    assert read[-5:] == written
    assert [each.seq for each in read] == list(range(1, 8))
    assert [each.prev_hash for each in read] == [row.digest, *(each.hash() for each in read[:-1])]
    assert found.faults(row) == []


def test_only_events_of_some_kinds_are_read(opened: Opened) -> None:
    """In order, and no others."""
    found, row = opened
    session_on(row.key).append("ticked", "s1")
    last = write_note(found, row, "last")
    assert [each.kind for each in found.of_kinds(row, "noted", "opened")] == ["opened", "noted", "noted"]
    assert found.of_kinds(row, "noted")[-1] == last


def test_only_later_events_are_read(opened: Opened) -> None:
    """A session reads only the events after its last."""
    found, row = opened
    assert [each.seq for each in found.events(row, after=1)] == [2]
    assert found.events(row, after=2) == []


def test_an_edited_plan_is_found(opened: Opened, work: Workplace) -> None:
    """A plan is named by its digest: another body under that name is an error, not a plan."""
    found, row = opened
    with raw_journal(without="plan") as raw:
        raw.execute("UPDATE plan SET body = replace(body, 'Step 1', 'Step x')")
    with pytest.raises(JournalError, match="was edited"):
        found.plan_body(row.plan_digest)
    with pytest.raises(JournalError, match="is missing"):
        found.plan_body("0" * 64)


def test_a_body_that_cannot_be_read_is_an_expected_error(opened: Opened, work: Workplace) -> None:
    """An event that no nbrunbook wrote is told with its runbook and its place."""
    found, row = opened
    with raw_journal(without="event") as raw:
        raw.execute("UPDATE event SET body = '[]' WHERE seq = 2")
    with pytest.raises(JournalBrokenError, match=r"staging/1\.0, event 2"):
        found.events(row)


def test_an_event_is_found_by_its_id(opened: Opened) -> None:
    """Whoever made an id can ask whether it was recorded after all."""
    found, row = opened
    written = write_note(found, row)
    assert found.event(written.id) == written
    assert found.event(events.new_id()) is None


def test_an_unknown_runbook_is_told_with_the_nearest(opened: Opened) -> None:
    """A key that the journal does not hold is an error that offers the nearest one."""
    found, _ = opened
    with pytest.raises(UnknownRunbookError, match=r"did you mean 'staging/1\.0'"):
        found.runbook("shop", "stagin/1.0")
    with pytest.raises(UnknownRunbookError, match=r"no runbook .*; 'nbrunbook instantiate"):
        found.runbook("other", "staging/1.0")


def test_a_journal_that_lost_what_is_known_is_told(opened: Opened) -> None:
    """Who knows an event that is not there any more is told, when reading and when writing, and nothing is written."""
    found, row = opened
    last = found.events(row)[-1]
    assert found.events(row, after=last.seq, last_id=last.id) == []
    for lost in ({"after": last.seq, "last_id": events.new_id()}, {"after": last.seq + 1, "last_id": last.id}):
        with pytest.raises(JournalError, match=f"event {lost['after']} of {row.key} is gone"):
            found.events(row, **lost)  # type: ignore[arg-type]
        with pytest.raises(JournalError, match="no longer holds what it held"):
            found.append(row, event_id=events.new_id(), decide=lambda _: None, **lost)  # type: ignore[arg-type, return-value]
    assert found.events(row)[-1] == last


STEPS = "- [ ] Mail {#mail}\n- [ ] Call {#call .optional}"


KEYS = ("staging/1.0", "eu/1.0", "eu/2.0", "eu/2.0@2")


@pytest.fixture
def held(work: Workplace) -> Journal:
    """A journal with four runbooks of three deployments."""
    for key in KEYS:
        registered(STEPS, key=key)
    return Journal.open(find_project().journal)


def keys(held: Journal, **which: object) -> list[str]:
    """Return the keys of some runbooks."""
    return [each.key for each in held.runbooks("shop", **which)]  # type: ignore[arg-type]


def test_all_of_a_project_come_in_the_order_in_which_they_were_made(held: Journal) -> None:
    """Another project's are not among them."""
    assert keys(held) == list(KEYS)
    assert held.runbooks("other") == []


def test_those_of_some_deployments_can_be_asked_for(held: Journal) -> None:
    """Environments and releases narrow each other down; none asked for is none found."""
    assert keys(held, environments=["eu"]) == ["eu/1.0", "eu/2.0", "eu/2.0@2"]
    assert keys(held, environments=["eu", "staging"], releases=["1.0"]) == ["staging/1.0", "eu/1.0"]
    assert keys(held, environments=[]) == []


@pytest.mark.parametrize("kind", ["signed_off", "abandoned", "skipped"])
def test_a_closed_runbook_is_not_among_the_open_ones(held: Journal, kind: str) -> None:
    """Signing off, abandoning and skipping close a runbook, and reopening opens it again."""
    session = session_on("eu/1.0")
    session.append("ticked", "mail")
    session.append(kind, data={"reason": "so"})  # type: ignore[arg-type]
    assert keys(held, open_only=True) == ["staging/1.0", "eu/2.0", "eu/2.0@2"]
    (closing,) = held.closed(held.runbooks("shop")).values()
    assert (closing.kind, closing.runbook) == (kind, "eu/1.0")
    session.append("reopened", data={"reason": "so"})
    assert keys(held, open_only=True) == ["staging/1.0", "eu/1.0", "eu/2.0", "eu/2.0@2"]
    assert held.closed(held.runbooks("shop")) == {}


def test_a_skipped_step_closes_nothing(held: Journal) -> None:
    """Only what is skipped as a whole is closed."""
    session_on("eu/1.0").append("skipped", "mail", data={"reason": "so"})
    assert keys(held, open_only=True) == list(KEYS)
    assert held.closed(held.runbooks("shop")) == {}


def test_many_are_asked_about_in_several_queries(held: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    """No engine takes a list without an end."""
    monkeypatch.setattr("nbrunbook.journal.reading.LISTED", 3)
    for key in KEYS:
        session_on(key).append("abandoned", data={"reason": "so"})
    assert sorted(each.runbook for each in held.closed(held.runbooks("shop")).values()) == sorted(KEYS)
