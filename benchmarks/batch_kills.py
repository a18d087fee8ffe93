"""Twenty kills: a batch of ours, and a Celery task a chunk, each killed at random and started again.

`python benchmarks/batch_kills.py URL ROWS` is a worker of ours.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "src"), str(HERE.parent), str(HERE)]

from batch_data import Data, go_through  # noqa: E402
from measure import SMALLEST, Comparison, Figure, size, wait_for  # noqa: E402

KILLS, ROWS, CHUNK = size(20, smallest=1), size(400_000, smallest=2_000), size(1_000, smallest=100)
SECONDS = (0.02, 0.4)
"""After so long at work, at random, a worker is killed."""


def compare_kills(folder: Path, make: Callable[[str], str]) -> Iterator[Comparison | Figure]:
    """Kill both, and count the rows that were not changed once; and compare the time without kills."""
    ours = Data("killed", make("killed"), ROWS)
    _killed(ours, lambda: _start([sys.executable, HERE / "batch_kills.py", ours.url, str(CHUNK)]))
    go_through([ours], CHUNK, step="killed", lease_seconds=1)
    yield Figure(what=f"rows not changed once after {KILLS} kills", ours=sum(ours.odd()), unit="", at_most=0)
    if not importlib.util.find_spec("celery"):
        return
    seconds = go_through([Data("plain", make("plain"), ROWS)], CHUNK, step="plain")
    with _celery(folder, make("celery")) as (theirs, start):
        worker = start()
        wait_for(lambda: theirs.changed())
        began, before = time.perf_counter(), theirs.changed()
        wait_for(lambda: theirs.changed() == ROWS)
        theirs_seconds = (time.perf_counter() - began) * ROWS / max(ROWS - before, 1)
        _end(worker)
    what = f"{ROWS:,} rows in chunks of {CHUNK:,} : a Celery task a chunk"
    yield Comparison(what=what, ours=seconds, theirs=theirs_seconds, at_most=1.5)
    if SMALLEST:
        return
    with _celery(folder, make("celery-killed")) as (theirs, start):
        _killed(theirs, start, lambda: not any(Path(os.environ["BENCHMARK_QUEUE"]).iterdir()))
        worker = start()
        wait_for(lambda: theirs.is_still())
        _end(worker)
        lost, repeated = theirs.odd()
    yield Figure(what=f"Celery: rows lost after {KILLS} kills (its broker a folder)", ours=lost, unit="")
    yield Figure(what=f"Celery: rows changed twice after {KILLS} kills", ours=repeated, unit="")


def _killed(
    data: Data, start: Callable[[], subprocess.Popen[bytes]], is_empty: Callable[[], bool] = lambda: False
) -> None:
    """Start a worker, let it work for a moment, kill it; as often as is measured.

    `is_empty` tells that no task is left for it: others have lost them.
    """
    at_random = random.Random(20)
    for _ in range(KILLS):
        before = data.changed()
        worker = start()
        wait_for(
            lambda before=before, worker=worker: data.changed() != before or worker.poll() is not None or is_empty()
        )
        time.sleep(at_random.uniform(*SECONDS))
        worker.kill()
        worker.wait()


@contextlib.contextmanager
def _celery(folder: Path, url: str) -> Iterator[tuple[Data, Callable[[], subprocess.Popen[bytes]]]]:
    """Put a task for each chunk into a queue; yield the data, and what starts a worker."""
    data, queue = Data("celery", url, ROWS), folder / f"queue-{time.monotonic_ns()}"
    queue.mkdir()
    (folder / "control").mkdir(exist_ok=True)
    os.environ.update(BENCHMARK_QUEUE=str(queue), BENCHMARK_URL=url)
    sys.modules.pop("celery_tasks", None)
    tasks = __import__("celery_tasks")
    for first in range(1, ROWS + 1, CHUNK):
        tasks.change.delay(first, first + CHUNK - 1)
    command = [sys.executable, "-m", "celery", "-A", "celery_tasks", "worker", "--pool", "solo", "-l", "ERROR"]
    more = ["--without-gossip", "--without-mingle", "--without-heartbeat"]
    yield data, lambda: _start([*command, *more], cwd=HERE)


def _start(command: list[str | Path], cwd: Path | None = None) -> subprocess.Popen[bytes]:
    return subprocess.Popen(command, cwd=cwd, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _end(worker: subprocess.Popen[bytes]) -> None:
    worker.kill()
    worker.wait()


if __name__ == "__main__":
    killed = Data("killed", sys.argv[1], 0, is_there=True)
    go_through([killed], int(sys.argv[2]), step="killed", lease_seconds=1)
