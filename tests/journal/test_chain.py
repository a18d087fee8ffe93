"""Chains: whoever changes what was written is found."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given

from nbrunbook.journal.chain import Checked, Stored, check_chain, row_of_event
from nbrunbook.runbook import events
from nbrunbook.runbook.events import Event, Kind
from tests.conftest import Workplace
from tests.journal.conftest import Opened, write_note
from tests.making import event, raw_journal
from tests.runbook.test_events import any_event

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


def _faults(made: Event, **columns: str | int | None) -> list[str]:
    """What is wrong with an event, the first of its runbook, where its row says otherwise."""
    row = replace(row_of_event(made), **columns)  # type: ignore[arg-type]
    return [str(each) for each in check_chain("staging/1.0", "0" * 64, [row]).faults]


@given(any_event().filter(lambda each: each.kind not in events.ENDS))
def test_a_sound_event_has_no_fault(made: Event) -> None:
    """An event as it was written has no fault in the place where it stands; the end of a run needs its start."""
    first = replace(made, seq=1, runbook="staging/1.0", prev_hash="0" * 64)
    assert _faults(first) == []


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"hash": "1" * 64}, "event 1: the hash is not that of the body"),
        ({"body": f" {event('ticked').body()}"}, "event 1: the body is not in canonical form"),
        ({"kind": "skipped"}, "event 1: its column kind says skipped, and its body ticked"),
    ],
)
def test_a_fault_in_a_row_is_named(columns: dict[str, str | int | None], said: str) -> None:
    """What is not as the event was written is said in words, and where."""
    assert f"staging/1.0, {said}" in _faults(event("ticked"), **columns)


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (event("ticked", seq=2), "event 1: it is missing"),
        (event("ticked", prev_hash="1" * 64), "event 1: it does not follow the row of its runbook"),
    ],
)
def test_a_fault_in_the_chain_is_named(made: Event, said: str) -> None:
    """An event that does not stand in its place is told."""
    assert _faults(made) == [f"staging/1.0, {said}"]


@pytest.mark.parametrize("data", [{"note": "other"}, {"note": "said", "for": "kim"}, {}])
def test_data_that_is_not_what_was_said_is_named(data: dict[str, str]) -> None:
    """Data that is not what its digest says is a fault, also without a database around it."""
    assert _faults(replace(event("noted", note="said"), data=data)) == ["staging/1.0, event 1: the data was edited"]


def test_data_without_its_salt_is_a_fault() -> None:
    """Data whose salt was taken away cannot be checked, which is a fault."""
    found = _faults(replace(event("noted", note="said"), salt=""))
    assert found == ["staging/1.0, event 1: there is data although its salt is gone"]


@pytest.mark.parametrize(
    ("facts", "is_open"),
    [
        ((("opened", ""),), True),
        ((("opened", ""), ("skipped", "mail")), True),
        ((("opened", ""), ("skipped", "")), False),
        ((("opened", ""), ("abandoned", "")), False),
        ((("opened", ""), ("signed_off", ""), ("archived", "")), False),
        ((("opened", ""), ("signed_off", ""), ("skipped", "mail")), False),
        ((("opened", ""), ("signed_off", ""), ("reopened", ""), ("noted", "")), True),
    ],
)
def test_a_runbook_is_open_by_its_events(facts: tuple[tuple[Kind, str], ...], is_open: bool) -> None:
    """What closed it or reopened it last decides; a skipped step closes nothing."""
    assert Checked(events=[event(kind, step) for kind, step in facts], faults=()).is_open == is_open


def _chained(*seqs: int, **of_last: object) -> list[str]:
    """What is wrong with some events, each made on the one before it, but for what the last one says otherwise."""
    made: list[Event] = []
    for seq in seqs:
        made.append(event("ticked", "mail", seq=seq, prev_hash=made[-1].hash() if made else "0" * 64))
    made[-1:] = [replace(each, **of_last) for each in made[-1:]]  # type: ignore[arg-type]
    return [str(each) for each in check_chain("staging/1.0", "0" * 64, [row_of_event(each) for each in made]).faults]


@pytest.mark.parametrize(
    ("seqs", "said"),
    [
        ((), ["event 1: it is missing"]),
        ((1, 2, 3), []),
        ((1, 3), ["event 2: it is missing"]),
        ((1, 2, 5, 6), ["event 3: it and all up to event 4 are missing"]),
        ((3,), ["event 1: it and all up to event 2 are missing"]),
    ],
)
def test_what_is_missing_is_counted(seqs: tuple[int, ...], said: list[str]) -> None:
    """A gap is one fault, wherever it is, and so is a runbook without events; what follows it is compared again."""
    assert _chained(*seqs) == [f"staging/1.0, {each}" for each in said]


@pytest.mark.parametrize("count", [2, 3])
def test_an_event_names_the_one_that_it_does_not_follow(count: int) -> None:
    """Its hash has to be that of the event before."""
    said = f"staging/1.0, event {count}: it does not follow event {count - 1}"
    assert _chained(*range(1, count + 1), prev_hash="f" * 64) == [said]


def test_an_event_of_another_runbook_is_told() -> None:
    """A row that was moved over from another runbook is found by the key in its body."""
    assert _chained(1, runbook="eu/1.0") == ["staging/1.0, event 1: it belongs to eu/1.0"]


def test_what_was_redacted_stays_blank() -> None:
    """Data that was put back after its redaction is a fault; so is what was blanked without one."""
    noted = event("noted", "mail", note="a secret", prev_hash="0" * 64)
    said = {"seq": "1", "reason": "x"}
    salt, digest = events.salted(said)
    redacted = event("redacted", seq=2, prev_hash=noted.hash())
    redacted = replace(redacted, data=said, salt=salt, data_digest=digest)
    rows = [row_of_event(noted), row_of_event(redacted)]
    blank = replace(rows[0], salt=None, data=None)

    def found(*stored: Stored) -> list[str]:
        return [str(each) for each in check_chain("staging/1.0", "0" * 64, stored).faults]

    assert found(*rows) == ["staging/1.0, event 1: it was redacted, and its data stands there again"]
    assert found(blank, rows[1]) == []
    assert found(blank) == ["staging/1.0, event 1: its data was blanked, and no `redacted` says so"]
