"""What a browser asks of a live session, and the three answers: done, refused, not known."""

from __future__ import annotations

from typing import Any

import pytest

from nbrunbook.errors import JournalBusyError, JournalError
from nbrunbook.journal.journal import Journal
from nbrunbook.journal.writing import End, insert_event
from nbrunbook.jupyter import answers
from nbrunbook.jupyter.boards import Boards
from nbrunbook.project.settings import find_project
from nbrunbook.runbook import events, offers
from nbrunbook.work.drafts import draft_of
from nbrunbook.work.session import Session
from tests.conftest import Workplace
from tests.jupyter.conftest import Tab
from tests.making import registered, session_on


def test_who_asks_is_whom_jupyter_names(tab: Tab) -> None:
    """Jupyter's own name counts first, then a typed one, then the machine's; each is told with what vouches for it."""
    assert tab.ask("hello")["known"] == "declared: env"
    typed = tab.ask("hello", typed=" ben\n")
    assert (typed["operator"], typed["may_rename"]) == ("ben", True)
    known = tab.ask("hello", username="ana@example.org", typed="ben")
    assert (known["operator"], known["known"], known["may_rename"]) == ("ana", "verified: jupyter", False)
    assert tab.ask("tick", "a", typed="ben")["answer"] == "done"
    assert tab.live.session.events[-1].known_by == "typed"


def test_a_file_comes_and_goes(tab: Tab) -> None:
    """A file is recorded with its tick, shown by its name, given out again, and put in where its name is used."""
    assert "asks for a file" in tab.ask("tick", "b", evidence="here")["why"]
    assert tab.ask("tick", "b", buffers=(b"1,2",), name="a.csv")["answer"] == "done"
    assert tab.shown("b")["file"] == "a.csv (3 bytes)"
    assert tab.shown("c")["title"] == "C a.csv"
    given = tab.ask("file", "b")
    assert (given["name"], given["sent"]) == ("a.csv", [b"1,2"])
    assert "does not hold" in tab.ask("file", "a")["why"]
    assert "no step 'no-such'" in tab.ask("file", "no-such")["why"]


def test_taking_and_adding_are_asked_for_too(tab: Tab) -> None:
    """I am on it and no longer; a step is added in its place and drawn on the panel."""
    assert tab.ask("take", "a")["answer"] == "done"
    assert tab.shown("a")["taken_by"] == "ana"
    assert tab.ask("release", "a")["answer"] == "done"
    assert tab.shown("a")["taken_by"] == ""
    assert tab.ask("add", title="<b>Look</b>", after="a")["answer"] == "done"
    assert tab.shown("added-b-look-b")["status"] == "open"
    assert "&lt;b&gt;Look" in tab.panels[0].drawn
    assert "no title" in tab.ask("add", title=" ")["why"]
    assert "does not know" in tab.ask("explode", "a")["why"]


def test_a_section_is_opened_and_closed(tab: Tab) -> None:
    """A refusal says why."""
    assert "no section" in tab.ask("open", "a")["why"]
    assert "it is not open" in tab.ask("close", "a")["why"]


def raising(error: Exception) -> Any:
    """Return what raises an error in place of whatever it is put for."""

    def method(*_: object, **__: object) -> None:
        raise error

    return method


def test_what_the_journal_does_not_hold_never_will_be(tab: Tab) -> None:
    """Who was told that an event is not recorded may go on: it is refused when it arrives after all."""
    event = events.new_id()
    told = tab.ask("find", event=event)
    assert (told["answer"], told["why"]) == ("refused", "the journal does not hold it")
    late = tab.ask("tick", "a", event=event)
    assert (late["answer"], late["why"]) == ("refused", "it came too late; click again")
    assert tab.shown("a")["status"] == "open"


def test_an_event_that_is_sent_again_gets_its_first_answer(tab: Tab) -> None:
    """A browser that did not hear the answer asks by the id, or clicks once more: there is one event."""
    event = events.new_id()
    assert tab.ask("tick", "a", event=event)["answer"] == "done"
    assert tab.ask("tick", "a", event=event)["answer"] == "done"
    assert tab.ask("find", event=event)["answer"] == "done"
    assert [each.id for each in tab.live.session.events[1:]] == [event]


@pytest.mark.parametrize("error", [JournalError("the disk is full", ""), ZeroDivisionError("by zero")])
def test_what_failed_is_refused_only_where_the_journal_says_so(
    tab: Tab, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    """Whatever went wrong, it is looked up: not there is refused with the reason, and that holds from then on."""
    event = events.new_id()
    with monkeypatch.context() as broken:
        broken.setattr(Session, "append", raising(error))
        told = tab.ask("tick", "a", event=event)
    assert told["answer"] == "refused"
    assert told["why"] in ("the disk is full", "a bug in nbrunbook: ZeroDivisionError: by zero")
    assert "too late" in tab.ask("tick", "a", event=event)["why"]


def test_what_failed_after_it_was_written_is_done(tab: Tab, monkeypatch: pytest.MonkeyPatch) -> None:
    """A connection that broke behind the COMMIT took the answer with it, and not the event."""
    written = Session.append

    def lost(*arguments: Any, **more: Any) -> None:
        written(*arguments, **more)
        raise JournalError("the connection broke", "")

    monkeypatch.setattr(Session, "append", lost)
    assert tab.ask("tick", "a")["answer"] == "done"
    assert tab.shown("a")["status"] == "done"


def test_where_nobody_can_say_it_is_not_known(tab: Tab, monkeypatch: pytest.MonkeyPatch) -> None:
    """A journal that cannot be asked either says neither done nor refused, and the id stays good."""
    event = events.new_id()
    with monkeypatch.context() as broken:
        broken.setattr(Session, "append", raising(JournalError("it is gone", "")))
        broken.setattr(Session, "find", raising(JournalError("it is still gone", "")))
        told = tab.ask("tick", "a", event=event)
        assert (told["answer"], told["why"]) == ("unknown", "it is gone")
        assert tab.ask("find", event=event)["answer"] == "unknown"
    assert tab.ask("tick", "a", event=event)["answer"] == "done"


def test_a_busy_journal_took_nothing(tab: Tab, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who waited in vain for others has written nothing, and need not look it up."""
    monkeypatch.setattr(Session, "append", raising(JournalBusyError("journal.db", 10)))
    monkeypatch.setattr(Session, "find", raising(JournalError("it is gone", "")))
    assert tab.ask("tick", "a")["answer"] == "refused"


def test_looking_into_a_locked_journal_says_nothing_of_what_was_recorded(
    tab: Tab, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who asks after a tick while somebody holds the lock is told that it is not known, though it was recorded."""
    event = events.new_id()
    assert tab.ask("tick", "a", event=event)["answer"] == "done"
    with monkeypatch.context() as locked:
        locked.setattr(Session, "find", raising(JournalBusyError("the journal", 4, recorded="")))
        assert tab.ask("find", event=event)["answer"] == "unknown"
    assert tab.ask("find", event=event)["answer"] == "done"


def test_nothing_is_said_not_to_be_recorded_while_it_may_be(tab: Tab) -> None:
    """A COMMIT that nobody heard of, as with a slow standby, holds the runbook's lock until it is over."""
    session = tab.live.session
    session.journal.door.wait_seconds = 0.5
    session.journal.door.engine.dispose()  # a new connection waits no longer than that
    event_id, draft = events.new_id(), draft_of("ticked", "a", session.operator, {})
    with Journal.open(find_project().journal).writing(session.runbook.digest) as connection:
        after = End(seq=session.events[-1].seq, hash=session.events[-1].hash())
        insert_event(connection, session.runbook, draft, event_id=event_id, after=after, at=events.now())
        assert tab.ask("find", event=event_id)["answer"] == "unknown"
        with pytest.raises(JournalBusyError):
            session.find(event_id)
    assert tab.ask("find", event=event_id)["answer"] == "done"
    assert tab.shown("a")["status"] == "done"


@pytest.mark.parametrize(
    "sent", [{"ask": "tick", "step": "a"}, {"ask": "tick", "step": "a", "event": "1"}, {}, "x", None]
)
def test_a_message_without_an_id_records_nothing(tab: Tab, sent: object) -> None:
    """Whatever a page sends, what could not be asked for again is refused."""
    tab.live.answers.answer(tab.panels[0], sent)
    tab.live.answers.worker.shutdown(wait=True)
    (told,) = tab.answers
    assert (told["answer"], told["why"]) == ("refused", "the browser sent no id for the event")
    assert len(tab.live.session.events) == 1


def test_a_beat_is_answered_while_the_journal_is_slow(tab: Tab) -> None:
    """What needs no journal goes before what waits for it: a slow journal never looks like a dead kernel."""
    with tab.live.session.lock:
        tab.live.answers.answer(tab.panels[0], {"ask": "tick", "step": "a", "event": events.new_id(), "id": "1"})
        tab.live.answers.answer(tab.panels[0], {"ask": "beat", "id": "2"})
        assert [each["reply_to"] for each in tab.answers] == ["2"]
    tab.live.answers.worker.shutdown(wait=True)
    assert [each["answer"] for each in tab.answers] == ["here", "done"]


def test_whatever_is_asked_is_in_one_table_only() -> None:
    """What is answered at once, what is an event of its own and what is a click on a step have names of their own."""
    tables = (answers.AT_ONCE, answers.EVENTS, offers.CLICKS, {"file": None, "find": None})
    names = [name for table in tables for name in table]
    assert len(set(names)) == len(names)
    assert {each.ask for each in vars(offers).values() if isinstance(each, offers.Offer)} <= set(offers.CLICKS)


def test_a_runbook_is_signed_off_and_archived_from_the_browser(work: Workplace) -> None:
    """Both are by whoever clicks; a sign-off that is not due is refused with the reason."""
    session = session_on(registered("- [ ] A {#a}"))
    live = answers.Answers(session, find_project(), lambda: None, Boards(session))
    told: list[dict[str, Any]] = []
    panel = type("Page", (), {"send": lambda _, reply, buffers=(): told.append(reply)})()
    for ask in ("sign-off", "tick", "sign-off", "archive"):
        live.answer(panel, {"ask": ask, "step": "a", "event": events.new_id(), "typed": "ben"})
    live.worker.shutdown(wait=True)
    assert [each["answer"] for each in told] == ["refused", "done", "done", "done"]
    assert "open" in told[0]["why"]
    kinds = [(each.kind, each.operator) for each in live.session.events]
    assert kinds == [("opened", "ana"), ("ticked", "ben"), ("signed_off", "ben"), ("archived", "ben")]


def test_a_panel_hears_no_advice_for_the_terminal(tab: Tab) -> None:
    """Why alone: what helps stands beside it, to be clicked."""
    told = [tab.ask("tick", "b"), tab.ask("skip", "a"), tab.ask("note", "a"), tab.ask("sign-off"), tab.ask("add")]
    assert {each["answer"] for each in told} == {"refused"}
    assert not [each["why"] for each in told if "--" in each["why"] or "nbrunbook" in each["why"]]
