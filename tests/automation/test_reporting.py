"""Reporting: what reaches the journal late, or by another hand."""

from __future__ import annotations

import os
import signal
from pathlib import Path

from nbrunbook.automation import outcome
from tests.conftest import Workplace
from tests.making import raw_journal
from tests.running import KEY, begun, killed, wait_for


def test_a_late_end_becomes_a_note(made: Workplace) -> None:
    """Where somebody said from elsewhere that its host was gone, and it was not."""
    session, run = begun(made)
    os.kill(session.progress.heard[run.id].pid, signal.SIGSTOP)
    with raw_journal() as raw:
        raw.execute("UPDATE run SET host = 'elsewhere', seen_at = seen_at - 61")
    pid = session.progress.heard[run.id].pid
    assert made.run("run", KEY, "purge", "--it-ran", "--host-is-gone", "--reason", "it did") == 0, made.err
    (made.root / "slow").unlink()
    os.kill(pid, signal.SIGCONT)
    wait_for(lambda: session.refresh() and session.progress.of("purge").notes)
    assert "a run that was given up has ended after all" in session.progress.of("purge").notes[0].data["note"]
    assert session.progress.of("purge").status == "done"


def test_what_nobody_reported_is_read(made: Workplace) -> None:
    """A supervisor that was killed after it had written what came out: whoever comes next reports it."""
    session, run = begun(made)
    heard = session.progress.heard[run.id]
    killed(session, run)
    found = outcome.Outcome(kind="passed", value="done", seconds=1.0)
    outcome.write(Path(heard.folder), run.id, found)
    assert made.run("run", KEY, "purge", "--yes") == 1
    assert "already done by" in made.err
    session.refresh()
    assert session.progress.of("purge").evidence == "done"
    assert not Path(heard.folder).exists()
