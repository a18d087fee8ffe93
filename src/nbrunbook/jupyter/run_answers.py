"""What a browser asks of runs: to begin one, to stop it, what became of one that nobody knows of, and what it wrote."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nbrunbook.automation import asking
from nbrunbook.errors import JournalError
from nbrunbook.jupyter.asked import Asked, Message, Reply
from nbrunbook.project.operator import Operator
from nbrunbook.project.settings import Project
from nbrunbook.runbook.events import Event
from nbrunbook.runbook.evidence import shown_size
from nbrunbook.runbook.run_output import shown
from nbrunbook.work import batches
from nbrunbook.work.session import Session

LOOK_AGAIN: Mapping[str, Any] = {"answer": "refused", "why": "another run of it has ended since; look again"}


def run(session: Session, project: Project, asked: Asked) -> None:
    """Begin a run, named by the browser's event; it goes on without this kernel. Raises as `beginning.begin` does.

    Repeating is safe: what the journal holds has begun, or has joined a batch.
    """
    if session.journal.event(asked.event_id) is not None or batches.has_joined(session, asked.event_id):
        return
    reason = asked.text("reason").strip()
    who = asked.operator
    asking.begin(session, asked.step, reason=reason, project=project, run_id=asked.event_id, operator=who)


def say(session: Session, asked: Asked) -> Event:
    """Write an operator's word on a run of which nobody knows. Raises as `runs.say` does. Repeating is safe."""
    before = session.journal.event(asked.event_id)
    return before or asking.say(
        session,
        asked.step,
        ran=asked.what == "it-ran",
        note=asked.text("reason"),
        gone=asked.message.get("gone") is True,
        event_id=asked.event_id,
        operator=asked.operator,
    )


def stop(session: Session, message: Message, operator: Operator) -> Reply:
    """Ask a run to stop. That is no event: its row says so, and its end is one."""
    try:
        asking.stop(session, str(message.get("step", "")), operator=operator)
    except JournalError as error:
        return {"answer": "unknown", "why": error.found}, []
    session.refresh()
    return {"answer": "done"}, []


def output(session: Session, message: Message) -> Reply:
    """Return what a run wrote, as text to show: its end, where it is longer, and how much of it that is."""
    ended = _ended(session, message)
    if ended is None:
        return dict(LOOK_AGAIN), []
    text, traceback = (shown(ended.data.get(name, "")) for name in ("output", "traceback"))
    log = session.journal.blob(ended.data["log"]) if "log" in ended.data else None
    about = f"The end of it: {shown_size(len(text.encode()))} of {shown_size(len(log))}." if log else ""
    return {"answer": "done", "text": text, "traceback": traceback, "about": about, "log": bool(log)}, []


def log(session: Session, message: Message) -> Reply:
    """Return all that is kept of what a run wrote, as a file."""
    ended = _ended(session, message)
    content = session.journal.blob(ended.data["log"]) if ended and "log" in ended.data else None
    if not ended or not content:
        return {"answer": "refused", "why": "the journal does not hold it"}, []
    return {"answer": "done", "name": f"{ended.step}-{ended.seq}.log"}, [content]


def _ended(session: Session, message: Message) -> Event | None:
    """The end of a step's last run, if it is the one that is asked about."""
    last = session.progress.of(session.step(str(message.get("step", ""))).id).last
    return last if last is not None and last.id == message.get("run") else None
