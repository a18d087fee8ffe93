"""Answers: done, refused, not known; and what was told as not recorded never is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from nbrunbook.errors import JournalBusyError, JournalError
from nbrunbook.jupyter.answers import Answers
from nbrunbook.project.settings import find_project
from nbrunbook.runbook import events
from nbrunbook.work.session import Session
from tests.conftest import Workplace
from tests.making import registered, session_on


class Asking:
    """What one panel asks, and the replies that it gets."""

    def __init__(self, session: Session) -> None:
        self.replies: list[dict[str, Any]] = []
        self.changes = 0
        self.answers = Answers(session, find_project(), self._changed)

    def _changed(self) -> None:
        self.changes += 1

    def send(self, reply: dict[str, Any], buffers: object = ()) -> None:
        """Get one reply, as a panel does."""
        self.replies.append(reply)

    def ask(self, ask: str, event_id: str = "", **more: Any) -> dict[str, Any]:
        """Ask one thing, wait for its reply and return it."""
        asked = {"ask": ask, "id": "1", "event": event_id or events.new_id(), **more}
        self.answers.answer(self, asked)  # type: ignore[arg-type]
        self.answers.worker.submit(lambda: None).result(timeout=30)
        return self.replies[-1]


@pytest.fixture
def asking(work: Workplace) -> Iterator[Asking]:
    """A panel of a runbook with one step."""
    found = Asking(session_on(registered("- [ ] A {#a}")))
    yield found
    found.answers.worker.shutdown()


def test_what_was_recorded_is_done(asking: Asking) -> None:
    """The panels are drawn before the answer goes out; the same id again is the same event."""
    event_id = events.new_id()
    assert asking.ask("tick", event_id, step="a") == {"reply_to": "1", "answer": "done"}
    assert asking.changes == 1
    assert asking.ask("tick", event_id, step="a")["answer"] == "done"
    assert [event.kind for event in asking.answers.session.events] == ["opened", "ticked"]


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ({"ask": "untick", "step": "a", "reason": "x"}, "it is open, so it cannot be unticked"),
        ({"ask": "explode", "step": "a"}, "this nbrunbook does not know it"),
        ({"ask": "tick", "step": "b"}, "has no step 'b'"),
        ({"ask": "tick", "step": "a", "event_id": "none"}, "the browser sent no id for the event"),
    ],
)
def test_what_was_not_recorded_is_refused(asking: Asking, asked: dict[str, str], why: str) -> None:
    """The rules, an unknown step and an unknown question are told in words, and nothing is written."""
    reply = asking.ask(**asked)
    assert reply["answer"] == "refused"
    assert why in reply["why"]
    assert len(asking.answers.session.events) == 1


@pytest.mark.parametrize("error", [JournalError("the disk is full"), ValueError("ours")])
def test_what_nobody_knows_is_looked_up(asking: Asking, monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    """Where the journal says itself that nothing is there, it is refused; where it says nothing, it is not known."""

    def fails(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(asking.answers.session, "append", fails)
    assert asking.ask("tick", step="a")["answer"] == "refused"
    monkeypatch.setattr(asking.answers.session, "find", fails)
    reply = asking.ask("tick", step="a")
    assert reply["answer"] == "unknown"
    assert ("a bug in nbrunbook: ValueError: ours" in reply["why"]) is isinstance(error, ValueError)


def test_what_was_told_as_not_recorded_never_is(asking: Asking, monkeypatch: pytest.MonkeyPatch) -> None:
    """A click that met a lock, and is sent again after its refusal, comes too late; another one goes through."""
    event_id = events.new_id()
    with monkeypatch.context() as context:
        busy = JournalBusyError("journal.db", 4)
        context.setattr(asking.answers.session, "append", lambda *_, **__: (_ for _ in ()).throw(busy))
        assert asking.ask("tick", event_id, step="a")["answer"] == "refused"
    assert "it came too late; click again" in asking.ask("tick", event_id, step="a")["why"]
    assert asking.ask("tick", step="a")["answer"] == "done"


def test_a_browser_that_heard_nothing_asks_by_the_id(asking: Asking) -> None:
    """What is there is done; what is not there is refused, and never will be."""
    written = session_on().append("ticked", "a")
    assert asking.ask("find", written.id)["answer"] == "done"
    assert asking.answers.session.progress.of("a").status == "done"
    missing = events.new_id()
    assert asking.ask("find", missing) == {"reply_to": "1", "answer": "refused", "why": "the journal does not hold it"}
    assert missing in asking.answers.void


@pytest.mark.parametrize("ask", ["hello", "beat", "code"])
def test_some_is_answered_without_the_journal(asking: Asking, monkeypatch: pytest.MonkeyPatch, ask: str) -> None:
    """A slow journal never looks like a dead kernel."""
    with monkeypatch.context() as context:
        context.setattr(asking.answers, "worker", None)
        asking.answers.answer(asking, {"ask": ask, "id": "7"})  # type: ignore[arg-type]
    assert asking.replies[-1]["answer"] == ("code" if ask == "code" else "here")


def test_what_is_no_message_is_refused(asking: Asking) -> None:
    """Whatever a page sends, there is an answer."""
    asking.answers.answer(asking, "no message")  # type: ignore[arg-type]
    asking.answers.worker.submit(lambda: None).result(timeout=30)
    assert asking.replies[-1]["answer"] == "refused"
