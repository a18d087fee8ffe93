"""Runs of a batch as an operator has them: what they leave in the journal, and how soon a pause stands still."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from batch_data import Data
from measure import Figure, size, wait_for
from workplace import BIN, run, write_batch

PAUSED_ROWS, PAUSED_SIZE = 4_000, 20
"""So many, in chunks of 0.1 s, that it can be paused in the middle."""


def compare_runs(root: Path, rows: int) -> Iterator[Figure]:
    """Let `nbrunbook run` go through a database, and pause it in another one."""
    whole, paused = (Data(name, f"sqlite:///{root / name}.db", count) for name, count in (
        ("whole", rows), ("paused", PAUSED_ROWS)
    ))  # fmt: skip
    places = "".join(f'{each.name} = "{each.url}"\n' for each in (whole, paused))
    (root / "pyproject.toml").write_text(f"[tool.nbrunbook.databases]\n{places}", encoding="utf-8")
    run(root, "nbrunbook", "instantiate", write_batch(root, {"whole": 0, "paused": 0.1}), "-e", "staging")
    start = time.perf_counter()
    run(root, "nbrunbook", "run", "staging/batch", "fill-whole")
    yield Figure(what=f"nbrunbook run, {rows:,} rows in SQLite", ours=time.perf_counter() - start)
    whole.check(1)
    yield Figure(what=f"events that {rows:,} rows leave", ours=len(_events(root)), unit="", at_most=1_000)
    yield Figure(what="nbrunbook batch pause to standing still, chunks of 0.1 s", ours=_pause(root, paused), at_most=2)
    run(root, "nbrunbook", "run", "staging/batch", "fill-paused")
    paused.check(1)


def _events(root: Path) -> list[dict[str, Any]]:
    said = subprocess.run(
        [BIN / "nbrunbook", "journal", "staging/batch", "--json"], cwd=root, capture_output=True, text=True, check=True
    ).stdout
    return [json.loads(line) for line in said.splitlines()]


def _pause(root: Path, data: Data) -> float:
    """Pause what runs, and return how long after that a row was changed for the last time; let it end then."""
    run(root, "nbrunbook", "batch", "size", str(PAUSED_SIZE), "staging/batch", "fill-paused")
    run(root, "nbrunbook", "run", "staging/batch", "fill-paused", "--background")
    wait_for(lambda: _changed(data))
    run(root, "nbrunbook", "batch", "pause", "staging/batch", "fill-paused")
    start = last = time.perf_counter()
    changed = _changed(data)
    while time.perf_counter() < last + size(3.0, smallest=0.5):
        now = _changed(data)
        if now != changed:
            changed, last = now, time.perf_counter()
        time.sleep(0.01)
    if changed == data.rows:
        raise RuntimeError("it was done before it could be paused")
    run(root, "nbrunbook", "batch", "size", "adaptive", "staging/batch", "fill-paused")
    run(root, "nbrunbook", "batch", "resume", "staging/batch", "fill-paused")
    return last - start


def _changed(data: Data) -> int:
    with closing(sqlite3.connect(data.url.removeprefix("sqlite:///"), 30)) as db:
        found = db.execute("SELECT count(*) FROM item WHERE changed > 0").fetchone()
        return int(found[0])
