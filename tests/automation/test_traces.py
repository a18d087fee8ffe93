"""What a run leaves on its host."""

from __future__ import annotations

import socket
from pathlib import Path

from nbrunbook.automation import lock, outcome, traces
from nbrunbook.runbook.status import Heard


def test_whether_a_run_lives_is_said_on_its_own_host_alone(tmp_path: Path) -> None:
    """Elsewhere, and where its folder is gone, it is not for us to say."""
    folder = tmp_path / "run"
    here = Heard(host=socket.gethostname(), folder=str(folder))
    assert traces.is_free(here) is None
    with lock.held(folder):
        assert traces.is_free(here) is False
    assert traces.is_free(here) is True
    assert traces.is_free(Heard(host="elsewhere", folder=str(folder))) is None


def test_a_log_is_whole_only_where_its_end_is_not_all(tmp_path: Path) -> None:
    """What is in the event is not kept twice."""
    log = tmp_path / "output.log"
    log.write_bytes(b"one\ntwo\n")
    assert traces.whole(outcome.Outcome(kind="passed", output="one\ntwo\n"), log) is None
    assert traces.whole(outcome.Outcome(kind="passed", output="two\n"), log) == b"one\ntwo\n"
    traces.clear(tmp_path)
    assert not tmp_path.exists()
