"""nbrunbook journal."""

from __future__ import annotations

import json

import pytest

from nbrunbook.runbook import events
from nbrunbook.runbook.times import local
from tests.conftest import MakeRunbook, Workplace
from tests.making import raw_journal, registered, session_on


@pytest.fixture
def key(work: Workplace) -> str:
    """A runbook with some events."""
    key = registered("- [ ] A {#a}\n- [ ] B {#b}")
    assert work.run("tick", key, "a", "b", "--note", "at noon") == 0
    return key


def test_events_are_listed(work: Workplace, key: str) -> None:
    """One event a line, oldest first: place, instant, operator, how known, kind, step and what was said."""
    assert work.run("journal", key) == 0
    lines = work.out.splitlines()
    assert [line.split()[0] for line in lines] == ["1", "2", "3"]
    assert "ana (declared)  ticked a  note: at noon" in lines[1]
    at = session_on().events[1].at
    assert f"  {local(at)(at)}  ana" in lines[1]


def test_events_for_a_machine(work: Workplace, key: str) -> None:
    """--json gives one object a line, from which the chain can be checked again."""
    assert work.run("journal", key, "--json") == 0
    found = [json.loads(line) for line in work.out.splitlines()]
    assert [each["hash"] for each in found] == [event.hash() for event in session_on().events]
    assert [each["prev_hash"] for each in found[1:]] == [each["hash"] for each in found[:-1]]
    for each in found:
        body = {name: each[name] for name in json.loads(session_on().events[0].body())}
        assert events.digest(events.canonical(body)) == each["hash"]


@pytest.mark.parametrize("edit", ["hash = 'x'", "kind = 'noted'", "body = replace(body, 'ana', 'eve')"])
def test_a_broken_chain_is_told(work: Workplace, key: str, edit: str) -> None:
    """A chain of hashes that does not hold exits 1, and names the event that does not hold, and no other."""
    with raw_journal(without="event") as raw:
        raw.execute(f"UPDATE event SET {edit} WHERE seq = 2")
    assert work.run("journal", key) == 1
    assert "event 2" in work.err
    assert "event 3" not in work.err


@pytest.mark.parametrize("edit", ["body = 'no JSON'", "body = '[]'", "body = '{}'"])
def test_an_event_that_cannot_be_read_is_told(work: Workplace, key: str, edit: str) -> None:
    """A body that no nbrunbook wrote is one clear error for every verb that reads it."""
    with raw_journal(without="event") as raw:
        raw.execute(f"UPDATE event SET {edit} WHERE seq = 2")
    for command in (["journal", key], ["status", key], ["tick", key, "a"], ["archive", key, "--draft"]):
        assert work.run(*command) == 1
        assert "staging/1.0, event 2" in work.err


def test_a_note_of_two_lines_is_one_line(work: Workplace, runbook: MakeRunbook) -> None:
    """A line break in a note is shown, and cannot pass for another event or step."""
    key = runbook("## A\n- [ ] a {#a}")
    assert work.run("note", key, "one\n[x] two", "--step", "a") == 0
    work.run("journal", key)
    assert len(work.out.splitlines()) == 2
    assert "one ⏎ [x] two" in work.out
    work.run("status", key)
    assert "one ⏎ [x] two" in work.out
