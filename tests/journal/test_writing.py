"""Writing: what one event puts into the tables."""

from __future__ import annotations

from nbrunbook.journal.entries import sha256
from nbrunbook.runbook import events
from tests.conftest import Workplace
from tests.journal.conftest import Opened, a_note


def test_contents_are_kept_once(opened: Opened, work: Workplace) -> None:
    """A blob is kept under its sha256, once, however often it is given."""
    found, row = opened
    for _ in range(2):
        found.append(
            row,
            event_id=events.new_id(),
            after=0,
            decide=lambda _: a_note(contents=(b"\0\xff", b"")),  # type: ignore[arg-type]
        )
    assert found.blob(sha256(b"\0\xff")) == b"\0\xff"
    assert found.blob(sha256(b"")) == b""
    assert found.blob(sha256(b"other")) is None
