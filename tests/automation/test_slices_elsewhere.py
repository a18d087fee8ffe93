"""A batch in an executor of `concurrent.futures`' protocol."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator

import pytest

from nbrunbook.automation import beginning, joining
from nbrunbook.automation.beginning import Begun
from nbrunbook.errors import NbrunbookError
from nbrunbook.project.settings import find_project
from nbrunbook.runbook.events import Event
from tests.conftest import Workplace
from tests.filling import NAMES, ROWS, batched, board_now, counts
from tests.making import session_on
from tests.running import wait_for

__all__ = ["batched"]


def begun(executor: str) -> Begun:
    """Begin the batch in an executor of executors.py."""
    return joining.run_batch(session_on(), find_project(), "fill", executor=f"tests.automation.executors:{executor}")


def ended(found: Begun) -> Event:
    """Follow it to its end."""
    end = beginning.follow(session_on(), found)
    assert end is not None
    return end


def workers(work: Workplace) -> set[int]:
    """Return the processes in which a chunk was begun."""
    path = work.root / "worker"
    path.touch()
    return {int(line) for line in path.read_text(encoding="utf-8").split()}


def test_an_executor_of_threads_goes_through_all(batched: Workplace) -> None:
    """Each row is changed once."""
    end = ended(begun("threads"))
    assert end.kind == "passed", end.data
    assert [counts(batched, name) for name in NAMES] == [{1: ROWS}] * 3


@pytest.mark.faults
def test_a_pool_whose_process_is_killed_is_made_again(batched: Workplace) -> None:
    """It takes nothing any more; the row says meanwhile why it holds."""
    (batched.root / "slow").write_text("50", encoding="utf-8")
    workers(batched)
    found = begun("processes")
    for pid in wait_for(lambda: workers(batched)):
        os.kill(pid, signal.SIGKILL)
    wait_for(lambda: any("its worker was lost" in each.hold for each in board_now()))
    (batched.root / "slow").unlink()
    end = ended(found)
    assert end.kind == "passed", end.data
    assert [counts(batched, name) for name in NAMES] == [{1: ROWS}] * 3


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """A Dask cluster of two worker processes; their process ids."""
    from distributed import LocalCluster

    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None, host="127.0.0.1") as made:
        monkeypatch.setenv("TESTS_DASK", made.scheduler_address)
        yield [worker.process.pid for worker in made.workers.values()]


@pytest.mark.faults
@pytest.mark.whole
def test_a_dask_cluster_goes_through_all_though_a_worker_is_killed(batched: Workplace, cluster: list[int]) -> None:
    """Each row is changed once."""
    (batched.root / "slow").write_text("50", encoding="utf-8")
    workers(batched)
    found = begun("dask")
    wait_for(lambda: workers(batched) == set(cluster))
    os.kill(cluster[0], signal.SIGKILL)
    (batched.root / "slow").unlink()
    end = ended(found)
    assert end.kind == "passed", end.data
    assert [counts(batched, name) for name in NAMES] == [{1: ROWS}] * 3


@pytest.mark.parametrize(
    ("executor", "message"),
    [
        ("nothing", "an executor has submit"),
        pytest.param(
            "absent", "module 'tests.automation.executors' has no attribute 'absent'", marks=pytest.mark.whole
        ),
    ],
)
def test_what_is_no_executor_is_told(batched: Workplace, executor: str, message: str) -> None:
    """As what came out: it is made where the batch runs."""
    end = ended(begun(executor))
    assert end.kind == "undecided"
    assert message in end.data["message"]


@pytest.mark.parametrize("name", ["threads", "a:", ":b", "a:b()", "a b:c", "a:b.c"])
def test_what_names_no_executor_is_refused(batched: Workplace, name: str) -> None:
    """Before anything is recorded."""
    with pytest.raises(NbrunbookError, match="module:factory"):
        joining.run_batch(session_on(), find_project(), "fill", executor=name)
    assert [event.kind for event in session_on().events] == ["opened"]
