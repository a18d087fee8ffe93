"""Kept states: a runbook is opened without reading all of its events, and shows what all of them come to."""

from __future__ import annotations

import json
import random
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from nbrunbook.errors import RefusedError
from nbrunbook.journal import kept_states
from nbrunbook.journal.entries import RunbookRow
from nbrunbook.journal.journal import Journal
from nbrunbook.project.settings import find_project
from nbrunbook.runbook import events, replay
from nbrunbook.runbook.kept_state import RULES
from nbrunbook.runbook.notes import HELD
from nbrunbook.runbook.progress import Progress
from nbrunbook.work.session import Session
from tests.conftest import Workplace
from tests.making import plan_of, raw_journal, registered, session_on

KEY = "staging/1.0"
EVERY = 10


@pytest.fixture(autouse=True)
def _often(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep a state after fewer events than usual."""
    monkeypatch.setattr("nbrunbook.work.following.EVERY", EVERY)


STEPS = "## One\n- [ ] A {#a}\n- [ ] B {#b .optional}\n  - [ ] C {#c .optional}\n## If {.if-needed #if}\n- [ ] D {#d}"
OTHER = STEPS.replace("B {#b", "Other {#b")


def _whole(session: Session) -> Progress:
    found = session.journal.events(session.runbook)
    plans = {each.digest: each for each in (plan_of(STEPS), plan_of(OTHER))}
    return replay.apply_all(replay.start(plan_of(STEPS)), found, plans)


def _something(session: Session, rest: random.Random) -> None:
    """Do one thing of many kinds, where the rules allow it."""
    step, others = rest.choice("abcd"), {"reason": "again"}
    acts: list[Callable[[], object]] = [
        *(lambda kind=kind: session.append(kind, step, data=others) for kind in ("ticked", "unticked", "skipped")),
        *(lambda kind=kind: session.append(kind, step) for kind in ("taken", "approved")),
        lambda: session.append("noted", step, data={"note": "seen"}),
        lambda: session.append("noted", data={"note": "handed over"}),
        lambda: session.add(f"More {rest.random()}", after=step) if rest.random() < 0.05 else None,
        lambda: session.open_section("if"),
        lambda: session.close_section("if"),
        lambda: _revise(session, rest),
    ]
    try:
        rest.choice(acts)()
    except RefusedError:
        session.append("noted", step, data={"note": "refused"})


def _revise(session: Session, rest: random.Random) -> None:
    made = plan_of(rest.choice([STEPS, OTHER]))
    session.revise(made, shown=session.progress.versions[-1].plan, template={"name": "1.0", "parts": []})


def _worked(count: int, seed: int = 1) -> Session:
    """Return a session on a runbook of at least so many events."""
    session, rest = session_on(registered(STEPS)), random.Random(seed)
    while session.progress.seq < count:
        _something(session, rest)
    return session


def _noted(count: int, key: str = KEY) -> Session:
    session = session_on(registered(STEPS, key=key))
    while session.progress.seq < count:
        session.append("noted", "a", data={"note": f"note {session.progress.seq}"})
    return session


def _kept(session: Session) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(kept_states.text_kept(session.journal, session.runbook) or "{}")
    return found


@contextmanager
def _edited(session: Session) -> Iterator[dict[str, Any]]:
    """Change what is kept as somebody would who goes around nbrunbook and knows how it is made."""
    facts = _kept(session)
    yield facts
    text = events.canonical(facts)
    with raw_journal() as raw:
        raw.execute("UPDATE kept_state SET body = ?, digest = ?", (text, events.digest(text)))


@pytest.mark.parametrize("seed", [1, 2])
def test_what_is_shown_is_what_all_events_come_to(work: Workplace, engine: str, seed: int) -> None:
    """Whoever opens it at whatever event shows the same, and goes on with the same."""
    session, rest = _worked(EVERY + 1, seed), random.Random(seed)
    while session.progress.seq < 7 * EVERY:
        _something(session, rest)
        if session.progress.seq % 7 == 0:
            opened = session_on()
            assert kept_states.opening(opened.journal, opened.runbook)[0] is not None
            assert opened.progress == session.progress == _whole(session)
            session = opened
    assert work.run("verify", KEY) == 0, work.out


def test_an_opening_reads_what_matters_alone(work: Workplace, engine: str) -> None:
    """However many events there are, it reads those that the state names, and fewer than EVERY after it."""
    session = _noted(4 * EVERY + 5)
    kept, found = kept_states.opening(session.journal, session.runbook)
    assert kept is not None
    assert kept.seq == 4 * EVERY
    assert len(found) == len(kept.seqs) + 5 <= HELD + 5
    opened = session_on()
    assert len(opened.progress.steps["a"].notes) == 4 * EVERY + 4
    assert [event.seq for event in opened.events] == list(range(1, 4 * EVERY + 6))
    assert opened.progress == session.progress


def test_a_short_runbook_keeps_nothing(work: Workplace, engine: str) -> None:
    """All of its events are read as ever."""
    session = _noted(EVERY - 1)
    assert kept_states.text_kept(session.journal, session.runbook) is None


def test_a_runbook_of_before_gets_one_with_its_next_event(work: Workplace, engine: str) -> None:
    """It had more events before there were kept states: the next one brings it, whoever writes it."""
    _noted(EVERY + 5)
    with raw_journal() as raw:
        raw.execute("DELETE FROM kept_state")
    session = session_on(operator="ben")
    session.append("ticked", "a")
    assert _kept(session)["seq"] == EVERY + 6
    assert session_on().progress == _whole(session)


def test_two_who_write_at_once_keep_one_that_holds(work: Workplace, engine: str) -> None:
    """Each keeps what it has learnt of the other while the lock is held."""
    registered(STEPS)
    sessions = [session_on(operator=each) for each in ("ana", "ben")]

    def write(session: Session) -> None:
        for number in range(EVERY):
            session.append("noted", "a", data={"note": str(number)})

    threads = [threading.Thread(target=write, args=[each]) for each in sessions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    opened = session_on()
    assert (opened.progress.seq, opened.progress) == (2 * EVERY + 1, _whole(opened))
    assert work.run("verify", KEY) == 0, work.out


SPOILT: dict[str, str] = {
    "edited": "UPDATE kept_state SET body = replace(body, '\"sections\"', '\"Sections\"')",
    "cut short": "UPDATE kept_state SET body = '', digest = ''",
    "of another runbook": "UPDATE kept_state SET runbook = (SELECT digest FROM runbook WHERE key = 'staging/1.1')",
}


@pytest.mark.parametrize("name", SPOILT)
def test_a_state_that_was_edited_is_not_gone_by(work: Workplace, engine: str, name: str) -> None:
    """All is replayed in its place; `verify` tells it, and the next event keeps another one."""
    _noted(EVERY + 1)
    registered(STEPS, key="staging/1.1")
    with raw_journal() as raw:
        raw.execute(SPOILT[name])
    session = session_on()
    assert session.progress == _whole(session)
    assert work.run("verify", "--all") == 1
    assert "what the table kept_state holds of it was edited" in work.out
    session.append("ticked", "a")
    if name != "of another runbook":
        assert work.run("verify", KEY) == 0, work.out


def test_a_state_of_other_rules_is_passed_over(work: Workplace, engine: str) -> None:
    """An nbrunbook whose rules are others made it: all is replayed, nothing is wrong, and ours takes its place."""
    session = _noted(EVERY + 1)
    with _edited(session) as facts:
        facts["rules"] = RULES + 1
    opened = session_on()
    assert opened.progress == session.progress
    assert work.run("verify", KEY) == 0, work.out
    opened.append("ticked", "a")
    assert _kept(opened)["rules"] == RULES


def test_a_state_of_another_chain_is_told(work: Workplace, engine: str) -> None:
    """It names the hash of its event: where that is another one it is not gone by."""
    session = _noted(EVERY + 1)
    with _edited(session) as facts:
        facts["hash"] = "0" * 64
    assert session_on().progress == session.progress
    assert work.run("verify", KEY) == 1
    assert f"holds a state of it at an event {EVERY} that is not in its chain" in work.out


def test_an_event_that_it_names_has_to_hold(work: Workplace, engine: str) -> None:
    """What was done is believed of an event alone whose body is what was hashed."""
    session = session_on(registered(STEPS))
    session.append("ticked", "a")
    while session.progress.seq <= EVERY:
        session.append("noted", "b", data={"note": "n"})
    with raw_journal(without="event") as raw:
        raw.execute("UPDATE event SET body = replace(body, '\"ana\"', '\"eve\"') WHERE seq = 2")
    assert kept_states.opening(session.journal, session.runbook)[0] is None


def test_a_state_that_leaves_something_out_is_told_and_signs_nothing_off(work: Workplace, engine: str) -> None:
    """It can name what is in the chain only; `verify` finds what it left out, and a sign-off goes by the events."""
    session = session_on(registered(STEPS))
    session.append("ticked", "a")
    while session.progress.seq < EVERY - 2:
        session.append("noted", "b", data={"note": "n"})
    session.append("unticked", "a", data={"reason": "it was not done"})
    session.append("noted", "b", data={"note": "n"})
    with _edited(session) as facts:
        facts["steps"]["a"] = {"by": 2}
    opened = session_on()
    assert opened.progress.of("a").status == "done"
    assert work.run("verify", KEY) == 1
    assert f"the table kept_state says otherwise than its events up to event {EVERY}" in work.out
    with pytest.raises(RefusedError, match="“A”"):
        opened.sign_off(None)
    assert opened.progress.of("a").status == "open"
    opened.append("noted", data={"note": "seen"})
    assert session_on().progress.of("a").status == "open"
    assert work.run("verify", KEY) == 0, work.out


def test_a_redaction_keeps_another_one_at_once(work: Workplace, engine: str) -> None:
    """Nobody shows what was blanked, those who look on neither, and it is opened as fast as before."""
    looking = _noted(EVERY + 10)
    session_on(operator="ben").redact(EVERY + 10, "a token")
    assert _kept(looking)["seq"] == EVERY + 11
    opened = session_on()
    assert kept_states.opening(opened.journal, opened.runbook)[0] is not None
    assert opened.progress.steps["a"].notes[-1].redacted
    assert opened.progress == _whole(opened)
    assert looking.refresh()
    assert looking.progress == opened.progress
    assert work.run("verify", KEY) == 0, work.out


def test_a_state_of_before_a_redaction_is_passed_over(work: Workplace, engine: str) -> None:
    """Where the redaction did not keep another one all is replayed."""
    session = _noted(EVERY + 10)
    before = kept_states.text_kept(session.journal, session.runbook)
    session.redact(EVERY + 10, "a token")
    with raw_journal() as raw:
        raw.execute("UPDATE kept_state SET body = ?, digest = ?", (before, events.digest(before or "")))
    assert kept_states.opening(session.journal, session.runbook)[0] is None
    assert session_on().progress == _whole(session)
    assert work.run("verify", KEY) == 0, work.out


def test_a_state_of_no_runbook_is_told(work: Workplace, engine: str) -> None:
    """`verify --all` names what is kept of a runbook that is missing."""
    registered(STEPS)
    with raw_journal(without="kept_state") as raw:
        raw.execute("INSERT INTO kept_state VALUES ('0123456789abcdef', '', '')")
    assert work.run("verify", "--all") == 1
    assert "the table kept_state holds a state of a runbook that is missing: 0123456789ab…" in work.out


def test_a_copied_journal_is_opened_as_fast(work: Workplace, engine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A copy has what was kept; one that is brought up to date has the newer one."""
    session, other = _noted(EVERY), f"sqlite:///{work.root}/other.db"
    for more in (0, EVERY):
        for number in range(more):
            session.append("noted", "a", data={"note": str(number)})
        assert work.run("journal", "copy", other) == 0, work.err
        copied, row = _there(other, session.key)
        assert kept_states.text_kept(copied, row) == kept_states.text_kept(session.journal, session.runbook)
    monkeypatch.setenv("NBRUNBOOK_JOURNAL", other)
    assert session_on().progress == session.progress


def _there(url: str, key: str) -> tuple[Journal, RunbookRow]:
    found = Journal.open(url)
    return found, found.runbook(find_project().name, key)
