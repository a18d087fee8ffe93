"""Runs of automated steps: what one waits for, and what others notice of them."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median

from measure import Comparison, side_by_side, size
from workplace import foreign, run, step_ids, workplace, write_automated, write_one_cell

from nbrunbook.automation import asking
from nbrunbook.automation.beginning import follow
from nbrunbook.project.operator import declared
from nbrunbook.project.settings import find_project
from nbrunbook.work.opening import open_session
from nbrunbook.work.session import Session

ROUNDS = size(11, smallest=1)
CLICKS, BLOCKS = size(100, smallest=2), size(5, smallest=1)
CLICK_SECONDS = 0.1
"""Between two clicks: a quick hand."""


def compare() -> Iterator[Comparison]:
    """Compare with an empty Python and with papermill that executes one cell; and clicks beside a check with clicks."""
    with workplace() as root:
        run(root, "nbrunbook", "instantiate", write_automated(root, CLICKS * 2), "-e", "staging")
        one = write_one_cell(root)
        os.chdir(root)
        session = open_session(find_project(root), "staging/automated", declared("ana", "typed"))
        try:
            yield from _waits(root, session, one)
            yield _clicks(session)
        finally:
            os.chdir("/")


def _waits(root: Path, session: Session, one: str) -> Iterator[Comparison]:
    pressing: list[float] = []
    command, _, empty, papermill = side_by_side(
        lambda _: run(root, "nbrunbook", "run", session.key, "nothing"),
        lambda _: pressing.append(_to_the_first_line(root, session)),
        lambda _: run(root, "python", "-c", "pass"),
        lambda _: run(root, *foreign("papermill", one, "out.ipynb", "--no-progress-bar")),
        rounds=ROUNDS,
    )
    pressed, what = median(pressing[-ROUNDS:]), "papermill with one cell"
    yield Comparison(what=f"nbrunbook run : {what}", ours=command, theirs=papermill, at_most=0.5)
    yield Comparison(what=f"pressing to the first line : {what}", ours=pressed, theirs=papermill, at_most=0.5)
    yield Comparison(what="nbrunbook run : python -c pass", ours=command, theirs=empty, at_most=80)


def _to_the_first_line(root: Path, session: Session) -> float:
    """Press as a row's button does, and return after how long every session can show what the function wrote."""
    start = time.perf_counter()
    begun = asking.begin(session, "line")
    _wait(session, lambda: session.progress.heard[begun.run].lines)
    seconds = time.perf_counter() - start
    (root / "seen").touch()
    follow(session, begun)
    (root / "seen").unlink()
    return seconds


def _wait(session: Session, what: Callable[[], object]) -> None:
    while session.refresh() or not what():
        time.sleep(0.01)


def _clicks(session: Session) -> Comparison:
    """Click in turns beside a check that looks every second, and without it."""
    ids = iter(step_ids(2 * CLICKS))
    with_it: list[float] = []
    without: list[float] = []
    for _ in range(BLOCKS):
        begun = asking.begin(session, "watch")
        _wait(session, lambda run=begun.run: session.progress.heard[run].attempt)
        _click(session, ids, with_it)
        asking.stop(session, "watch")
        follow(session, begun)
        _click(session, ids, without)
    return Comparison(
        what=f"{CLICKS} clicks beside a check every second : without it",
        ours=median(with_it), theirs=median(without), at_most=1.2,
    )  # fmt: skip


def _click(session: Session, ids: Iterator[str], seconds: list[float]) -> None:
    for _ in range(CLICKS // BLOCKS):
        time.sleep(CLICK_SECONDS)
        start = time.perf_counter()
        session.append("ticked", next(ids))
        seconds.append(time.perf_counter() - start)
