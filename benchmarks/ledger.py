"""The ledger: what each verb costs with 10,000 runbooks in the journal against the same with 10.

The verbs run in this process, so that no start-up hides what they read.
"""

from __future__ import annotations

import contextlib
import io
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]

import filled  # noqa: E402
from measure import Comparison, Figure, side_by_side, size  # noqa: E402
from tests.databases import Server  # noqa: E402
from workplace import workplace  # noqa: E402

from nbrunbook import commands  # noqa: E402
from nbrunbook.journal.journal import Journal  # noqa: E402

RUNBOOKS = int(os.environ.get("NBRUNBOOK_BENCHMARK_RUNBOOKS") or size(10_000, smallest=100))
ROUNDS = size(15, smallest=1)


def compare() -> Iterator[Comparison | Figure]:
    """Compare a full journal with a small one, on both engines."""
    with workplace() as root:
        yield from _on(root, "SQLite", f"sqlite:///{root}/full.db", f"sqlite:///{root}/small.db")
    with workplace() as root, contextlib.closing(Server()) as server:
        yield from _on(root, "PostgreSQL", server.with_schema(), server.with_schema())


def _on(root: Path, engine: str, full: str, small: str) -> Iterator[Comparison | Figure]:
    filled.write_project(root, RUNBOOKS)
    started = time.perf_counter()
    events = _filled(root, full, range(RUNBOOKS))
    print(f"({engine}: {RUNBOOKS:,} runbooks, {events:,} events, written in {time.perf_counter() - started:.0f} s)")
    few = _filled(root, small, range(RUNBOOKS - filled.OPEN, RUNBOOKS))
    key = f"{filled.ENVIRONMENTS[(RUNBOOKS - 1) % 4]}/{filled.release(RUNBOOKS - 1)}"
    verbs = {
        "tick": lambda number: ["tick", key, f"step-{number}"],
        "status KEY": lambda _: ["status", key],
        "pending": lambda _: ["pending", "-e", "eu"],
        "status --open": lambda _: ["status", "--open"],
    }
    for name, arguments in verbs.items():
        ours, theirs = side_by_side(
            lambda number, arguments=arguments: _call(root, full, arguments(number)),
            lambda number, arguments=arguments: _call(root, small, arguments(number)),
            rounds=ROUNDS,
        )
        what = f"{engine}: {name} with {RUNBOOKS:,} runbooks : with {filled.OPEN}"
        yield Comparison(what=what, ours=ours, theirs=theirs, at_most=2)
    yield from _verify(root, engine, full, small, events, few)


def _filled(root: Path, url: str, numbers: range) -> int:
    opened = Journal.open(url, create=True)
    try:
        count = filled.fill(opened, root, numbers)
        with opened.reading() as connection:  # what autovacuum does within a minute, and a bulk load outruns
            connection.exec_driver_sql("ANALYZE" if opened.shared else "SELECT 1")
        return count
    finally:
        opened.close()


def _call(root: Path, url: str, arguments: list[str]) -> None:
    """Run one verb here; its answer may be no."""
    os.environ["NBRUNBOOK_JOURNAL"] = url
    said = io.StringIO()
    with contextlib.chdir(root), contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        status = commands.run(arguments)
    if status != 0:
        raise RuntimeError(f"{arguments}: {said.getvalue()}")


def _verify(root: Path, engine: str, full: str, small: str, events: int, few: int) -> Iterator[Comparison | Figure]:
    """How fast `verify --all` is, and whether its memory grows with the journal."""
    seconds, memory = _verified(root, full)
    before, little = _verified(root, small)
    rate = (events - few) / (seconds - before)
    yield Figure(what=f"{engine}: verify --all, events per second", ours=rate, unit="")
    what = f"{engine}: memory of verify --all, {events:,} events : {few:,}"
    yield Comparison(what=what, ours=memory, theirs=little, at_most=1.5, unit="B")


VERIFY = """
import re, sys
from nbrunbook.commands import run
status = run(["verify", "--all"])
print(re.search("VmHWM:[ \\t]*([0-9]+) kB", open("/proc/self/status").read())[1])
sys.exit(status)
"""
"""The most memory that it had, by Linux's account: getrusage would count what the process had that started it."""


def _verified(root: Path, url: str) -> tuple[float, float]:
    """The seconds and the bytes of memory that one process takes."""
    started = time.perf_counter()
    environment = {**os.environ, "NBRUNBOOK_JOURNAL": url}
    ran = subprocess.run([sys.executable, "-c", VERIFY], cwd=root, env=environment, capture_output=True, text=True)
    if ran.returncode != 0:
        raise RuntimeError(f"verify --all: {ran.stdout}{ran.stderr}")
    return time.perf_counter() - started, int(ran.stdout.split()[-1]) * 1024
