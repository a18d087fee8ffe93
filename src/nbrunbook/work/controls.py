"""Controls of a batch: pause, resume, batch size. They hold for the next run where none goes on."""

from __future__ import annotations

from nbrunbook.errors import RefusedError
from nbrunbook.project.operator import Operator
from nbrunbook.runbook import events
from nbrunbook.runbook.batch_facts import LARGEST_SIZE
from nbrunbook.runbook.events import Event, Kind
from nbrunbook.work.session import Session

ADAPTIVE = "adaptive"
"""What `resized` says where the batch finds the size itself again."""


def pause(
    session: Session, step_id: str, *, operator: Operator | None = None, event_id: str | None = None, reason: str = ""
) -> Event:
    """Have a batch hold, whoever runs it, until somebody resumes it. Raises as Session.append does."""
    return _say(session, "paused", step_id, {"reason": reason}, operator, event_id)


def resume(
    session: Session, step_id: str, *, operator: Operator | None = None, event_id: str | None = None, reason: str = ""
) -> Event:
    """Let a batch that was paused go on. Raises as Session.append does."""
    return _say(session, "resumed", step_id, {"reason": reason}, operator, event_id)


def resize(
    session: Session,
    step_id: str,
    size: int | None,
    *,
    operator: Operator | None = None,
    event_id: str | None = None,
) -> Event:
    """Say how many rows a chunk has from now on; None leaves it to the batch again. Raises as Session.append does."""
    if size is not None and not 1 <= size <= LARGEST_SIZE:
        raise RefusedError(f"cannot set the batch size of {step_id} to {size}", f"a size from 1 to {LARGEST_SIZE:,}")
    said = ADAPTIVE if size is None else str(size)
    return _say(session, "resized", step_id, {"batch_size": said}, operator, event_id)


def _say(
    session: Session, kind: Kind, step_id: str, said: dict[str, str], who: Operator | None, event_id: str | None
) -> Event:
    data = {**said, "needs": events.NEEDS[kind]}
    return session.append(kind, step_id, data=data, event_id=event_id, operator=who)
