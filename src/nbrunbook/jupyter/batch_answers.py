"""What a browser asks of a batch: that it holds, goes on, takes chunks of another size, or tries refused rows again."""

from __future__ import annotations

from nbrunbook.automation import batch_board, joining
from nbrunbook.errors import RefusedError, visible
from nbrunbook.jupyter.asked import Asked, Message, Reply
from nbrunbook.project.settings import Project
from nbrunbook.runbook.events import Event
from nbrunbook.work import controls
from nbrunbook.work.session import Session

MOST_ROWS = 50
"""Refused rows of a database that a row shows; `nbrunbook batch status --refused` shows all."""


def rerun(session: Session, project: Project, asked: Asked) -> None:
    """Begin a run that tries the rows again that were refused. Raises as `joining.run_batch` does.

    Repeating is safe: what the journal holds has begun.
    """
    if session.journal.event(asked.event_id) is None:
        joining.run_batch(session, project, asked.step, run_id=asked.event_id, operator=asked.operator, rerun=True)


def refused(session: Session, project: Project, message: Message) -> Reply:
    """Return the first rows that each database of a batch has refused, and why; and which could not be asked."""
    step = session.step(str(message.get("step", ""))).id
    found = list(batch_board.refused(session, project, batch_board.heard(session, step), MOST_ROWS))
    rows = [
        {"database": visible(each.database), "row": visible(each.row), "error": visible(each.error)}
        for each in found
        if not isinstance(each, str)
    ]
    return {"answer": "done", "rows": rows, "away": [each for each in found if isinstance(each, str)]}, []


def pause(session: Session, asked: Asked) -> Event:
    """Have a batch hold. Raises as `controls.pause` does; repeating is safe."""
    return controls.pause(session, asked.step, operator=asked.operator, event_id=asked.event_id)


def resume(session: Session, asked: Asked) -> Event:
    """Let a batch go on. Raises as `controls.resume` does; repeating is safe."""
    return controls.resume(session, asked.step, operator=asked.operator, event_id=asked.event_id)


def resize(session: Session, asked: Asked) -> Event:
    """Say how many rows a chunk has; nothing leaves it to the batch again. Repeating is safe.

    RefusedError for what is no number; else raises as `controls.resize` does.
    """
    said = asked.text("size").strip()
    if said and not (said.isascii() and said.isdecimal() and len(said) < 10):
        raise RefusedError(f"cannot change the batch size of {asked.step}", "that is no number of rows")
    size = int(said) if said else None
    return controls.resize(session, asked.step, size, operator=asked.operator, event_id=asked.event_id)
