"""Batches: what exactly once costs a chunk, against a loop with the same chunks and commits that has no cursor.

The functions, the rows and the commits of both are the same, so that what differs is ours.
"""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "src"), str(ROOT)]

from batch_data import Data, go_through  # noqa: E402
from batch_kills import compare_kills  # noqa: E402
from batch_runs import compare_runs  # noqa: E402
from measure import SMALLEST, Comparison, Figure, size  # noqa: E402
from workplace import workplace  # noqa: E402

ROWS, ROUNDS = size(1_000_000, smallest=1_000), size(3, smallest=1)
CHUNKS_SECONDS = (0.012, 0.001)
"""Of the loop's chunks: a little more than what we are held to, and what shows each statement of ours."""
TURN = 10
"""After how many chunks it is the other's turn."""
MOST_CHUNKS = 5_000
"""Where a commit takes long, a chunk has more rows, or it would go on for hours."""
PAGE = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 4096
Make = Callable[[str], str]
"""Makes an empty database of a name, and returns its URL."""
Row = Comparison | Figure


def compare() -> Iterator[Row]:
    """Compare on both engines, two databases at once with one after the other, and look at what runs leave."""
    from tests.databases import Server

    with workplace() as root:
        yield from _engine("SQLite", lambda name: f"sqlite:///{root / name}.db")
        yield from compare_runs(root, ROWS)
    with contextlib.closing(Server()) as server:
        yield from _engine("PostgreSQL", lambda _: server.fresh())
        yield _at_once(lambda _: server.fresh())
        with tempfile.TemporaryDirectory() as folder:
            yield from compare_kills(Path(folder), lambda _: server.fresh())


def _engine(kind: str, make: Make) -> Iterator[Row]:
    ours, theirs = (Data(name, make(name), ROWS) for name in ("ours", "theirs"))
    grown: list[int] = []
    for seconds, most in zip(CHUNKS_SECONDS, (1.05, 2.5), strict=True):
        rows = 100 if SMALLEST else max(theirs.size_for(seconds), ROWS // MOST_CHUNKS)
        batch, loop = _in_turns(ours, theirs, rows, grown)
        chunks = -(-ROWS // rows)
        what = f"{kind}, {chunks:,} chunks of {loop / chunks * 1000:.1f} ms : a bare loop"
        yield Comparison(what=what, ours=batch, theirs=loop, at_most=most)
    yield Figure(what=f"{kind}, memory that {ROWS:,} rows add", ours=median(grown), unit="B", at_most=4_000_000)
    began, late = _begun_after_a_pause(ours)
    yield Figure(what=f"{kind}, chunks begun after a pause of {began}", ours=late, unit="", at_most=1)


def _in_turns(ours: Data, theirs: Data, rows: int, grown: list[int]) -> tuple[float, float]:
    """Go through both as often as there are rounds, and return the medians; `grown` gets what memory grew by."""
    seconds: tuple[list[float], list[float]] = ([], [])
    theirs.tidy()
    for _ in range(ROUNDS):
        watch, loop = Watch(), Turns(theirs, rows)
        start = time.perf_counter()
        go_through([ours], rows, step=f"round-{ours.round}", tell=watch, before_each=loop.take)
        seconds[0].append(time.perf_counter() - start - loop.seconds)
        loop.finish()
        seconds[1].append(loop.seconds)
        grown.append(watch.grown())
        ours.round += 1
        ours.check(ours.round)
        ours.tidy()
        theirs.tidy()
    return median(seconds[0]), median(seconds[1])


class Turns:
    """The loop's chunks, some after as many of ours: a disk's slow seconds and a server's checkpoints meet both."""

    def __init__(self, data: Data, rows: int) -> None:
        self.seconds, self._begun, self._loop = 0.0, 0, data.walk(rows)

    def take(self) -> None:
        """Be told that a chunk of ours begins."""
        self._begun += 1
        if self._begun % TURN == 0:
            self._go(TURN)

    def finish(self) -> None:
        """Go through what is left."""
        self._go(None)

    def _go(self, chunks: int | None) -> None:
        start = time.perf_counter()
        for _ in islice(self._loop, chunks):
            pass
        self.seconds += time.perf_counter() - start


class Watch:
    """Looks at this process's memory whenever the engine tells something."""

    def __init__(self) -> None:
        self.seen: list[int] = []

    def __call__(self, _: object) -> None:
        """Look."""
        self.seen.append(int(Path("/proc/self/statm").read_text().split()[1]) * PAGE)

    def grown(self) -> int:
        """Return by how much it has grown since a tenth of all was done."""
        return max(0, self.seen[-1] - self.seen[len(self.seen) // 10]) if self.seen else 0


def _begun_after_a_pause(data: Data) -> tuple[int, int]:
    """Pause in the middle, and return how many chunks were begun before and after that."""
    from nbrunbook.batches.work import Orders

    orders, begun = Orders(), 0
    at: list[int] = []

    def look() -> None:
        nonlocal begun
        begun += 1
        if begun == 3:
            orders.paused, orders.pause_words = True, "paused by ana"
            at.append(begun)

    def stop() -> None:
        while not at:
            time.sleep(0.01)
        time.sleep(size(1.0, smallest=0.2))  # long enough for hundreds of chunks, were it not paused
        orders.stopping = True

    stopper = threading.Thread(target=stop)
    stopper.start()
    go_through([data], 100, step="paused", orders=orders, before_each=look)
    stopper.join()
    return at[0], begun - at[0]


def _at_once(make: Make) -> Comparison:
    """Go through two databases with two workers and with one."""
    rows = size(300_000, smallest=1_000)
    both = [Data(name, make(name), rows) for name in ("first", "second")]
    chunk = 100 if SMALLEST else both[0].size_for(CHUNKS_SECONDS[0])
    seconds: dict[int, list[float]] = {1: [], 2: []}
    for number in range(ROUNDS):
        for workers, found in seconds.items():
            found.append(go_through(both, chunk, step=f"{number}-{workers}", workers=workers))
            for each in both:
                each.tidy()
    two, one = median(seconds[2]), median(seconds[1])
    return Comparison(
        what="two databases in PostgreSQL at once : one after the other", ours=two, theirs=one, at_most=0.625
    )
