"""Sessions and revisions: one event, decided while the journal is locked, and followed by every other session."""

from __future__ import annotations

import pytest

from nbrunbook.errors import JournalError, RefusedError
from nbrunbook.runbook.events import Event
from nbrunbook.work.session import Session
from tests.conftest import Workplace
from tests.making import plan_of, raw_journal, registered, session_on

STEPS = "- [ ] Mail {#mail}\n- [ ] Board {#board}"
NEW = "- [ ] Mail all {#mail}\n- [ ] New {#new}\n## If {.if-needed #if}\n- [ ] Back {#back}"
TEMPLATE = {"name": "1.0", "parts": [{"path": "templates/1.0.md", "sha256": "0" * 64, "commit": ""}]}


@pytest.fixture
def ana(work: Workplace) -> Session:
    """Ana at work on a runbook."""
    return session_on(registered(STEPS))


def _revise(at_work: Session, markdown: str = NEW, **more: object) -> Event:
    shown = at_work.progress.versions[-1].plan
    return at_work.revise(plan_of(markdown), **{"shown": shown, "template": TEMPLATE, **more})  # type: ignore[arg-type]


def test_a_revision_is_one_event_with_its_plan(ana: Session) -> None:
    """Who reads the journal later gets the new plan, the template and the words from it."""
    event = _revise(ana, summary="1 step added", parameters={"kind": "minor"})
    later = session_on(operator="ben")
    assert later.events[-1] == event
    assert later.progress == ana.progress
    assert (later.progress.plan, later.template) == (plan_of(NEW), TEMPLATE)
    assert later.plan == plan_of(STEPS)
    assert event.data["summary"] == "1 step added"
    assert event.data["parameters"] == '{"kind":"minor"}'
    assert later.journal.faults(later.runbook) == []


def test_the_template_is_that_of_the_facts_until_then(ana: Session) -> None:
    """What was revised last says what the plan was read from."""
    assert ana.template == ana.runbook.facts["template"]


def test_open_sessions_follow(ana: Session) -> None:
    """Another session reads the new steps with the events, and records on them."""
    ben = session_on(operator="ben")
    _revise(ana)
    assert ben.step("new").title == "New"
    ben.append("ticked", "new")
    ben.append("ticked", "back")
    assert "if" in ben.progress.opened_sections


def test_whoever_ticks_during_a_revision_loses_nothing(ana: Session) -> None:
    """A tick on what was there before is recorded as it is; it counts for the wording that is in force."""
    ben = session_on(operator="ben")
    _revise(ana)
    event = ben.append("ticked", "mail")
    assert event.seq == 3
    assert ben.progress.of("mail").reworded is None
    ana.refresh()
    assert ana.progress == ben.progress


def test_a_step_that_was_just_removed_is_refused(ana: Session) -> None:
    """A session that has not heard of the revision is told, and nothing is recorded."""
    ben = session_on(operator="ben")
    _revise(ana)
    with pytest.raises(RefusedError, match="a revision has just removed it"):
        ben.append("skipped", "board", data={"reason": "no"})
    assert session_on().events[-1].kind == "revised"


def test_a_revision_of_what_was_revised_meanwhile_is_refused(ana: Session) -> None:
    """What was shown has to be what is replaced; ticks in between do no harm."""
    ben = session_on(operator="ben")
    ben_shown = ben.plan
    ana.append("ticked", "mail")
    _revise(ana)
    with pytest.raises(RefusedError, match="revised by ana meanwhile"):
        ben.revise(plan_of("- [ ] Other {#other}"), shown=ben_shown, template=TEMPLATE)
    _revise(ben, "- [ ] Other {#other}")
    assert [event.kind for event in session_on().events] == ["opened", "ticked", "revised", "revised"]


def test_a_revision_to_the_same_steps_is_refused(ana: Session) -> None:
    """Nothing is recorded where nothing changes."""
    with pytest.raises(RefusedError, match="as they are in the template"):
        _revise(ana, STEPS)


def test_a_closed_runbook_is_not_revised(ana: Session) -> None:
    """It has to be reopened first."""
    ana.append("ticked", "mail")
    ana.append("ticked", "board")
    ana.sign_off(None)
    with pytest.raises(RefusedError, match="signed off"):
        _revise(ana)


def test_what_is_reworded_and_not_confirmed_keeps_it_open(ana: Session) -> None:
    """The sign-off names it; a confirmation, with a reason for what was skipped, lets it through."""
    ana.append("ticked", "mail")
    ana.append("skipped", "board", data={"reason": "nobody looks"})
    _revise(ana, "- [ ] Mail all {#mail}\n- [ ] Boards {#board}")
    with pytest.raises(RefusedError, match="not confirmed: “Mail all”, “Boards”"):
        ana.sign_off(None)
    ana.append("ticked", "mail")
    with pytest.raises(RefusedError, match="reason"):
        ana.append("skipped", "board")
    ana.append("skipped", "board", data={"reason": "still nobody"})
    ana.sign_off(None)
    assert ana.progress.state == "signed_off"


def test_a_plan_that_was_edited_is_found(ana: Session, work: Workplace) -> None:
    """The plan of a revision is held against its digest, as the first one is."""
    event = _revise(ana)
    with raw_journal(without="plan") as raw:
        raw.execute(f"UPDATE plan SET body = body || ' ' WHERE digest = '{event.data['plan']}'")
    with pytest.raises(JournalError, match="was edited"):
        session_on()
