"""Batches as the command line has them: followed, left alone, and told in words."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from nbrunbook.automation import beginning, lock
from nbrunbook.commands import batches
from tests.conftest import Workplace
from tests.filling import batched, board_now, runner_rows
from tests.running import KEY, wait_for

__all__ = ["batched"]


def _begun(work: Workplace, *more: str) -> None:
    """Begin the batch in the background, and wait until it stands in a chunk."""
    (work.root / "slow").touch()
    assert work.run("run", KEY, "fill", "--background", *more) == 0, work.err
    wait_for(lambda: any(each.state == "running" for each in board_now()))


@pytest.mark.on("sqlite")
def test_ctrl_c_leaves_it_running_and_a_second_run_joins(batched: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    """It says how to stop it; whoever runs it again is another runner of the same run."""
    _begun(batched)
    assert f"it goes on; 'nbrunbook batch stop {KEY} fill' ends it" in batched.err

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(beginning.time, "sleep", interrupted)
        assert batched.run("run", KEY, "fill") == 130
    assert "fill: another runner of the run that ana has begun" in batched.err
    assert "fill: it goes on" in batched.err
    assert len(wait_for(lambda: len(rows := runner_rows()) == 2 and rows)) == 2
    assert batched.run("batch", "status", KEY, "fill") == 0, batched.err
    assert "as its runners say" in batched.err
    assert "2 runners: process " in batched.err
    assert batched.run("status", KEY) == 0
    assert "    │ 0 of 3 databases done" in batched.out


@pytest.mark.on("sqlite")
def test_where_all_runners_died_its_cursors_tell(batched: Workplace) -> None:
    """Nobody has to say what happened: another run goes on where it stood."""
    _begun(batched)
    (row,) = wait_for(lambda: [each for each in runner_rows() if each.pid])
    os.kill(row.pid, signal.SIGKILL)
    (batched.root / "slow").unlink()
    wait_for(lambda: lock.is_free(Path(row.folder)))
    assert batched.run("batch", "status", KEY, "fill") == 0, batched.err
    assert "eu  waiting" in batched.out
    assert "its runner is gone: another one takes it over within a minute" in batched.out
    assert batched.run("batch", "status", KEY, "fill") == 0, batched.err
    assert "as its cursors in the databases say" in batched.err
    assert f"nobody works on it; 'nbrunbook run {KEY} fill' goes on with it" in batched.err


def test_a_role_is_quoted_where_sql_wants_it() -> None:
    """No name ends its quotes."""
    assert [batches.quoted(each) for each in ("", "app", "My App", 'a"b')] == ["", "app", '"My App"', '"a""b"']
