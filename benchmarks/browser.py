"""Browser: a runbook in a real JupyterLab against plain checkboxes, and what operators see of a click, and when."""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median, quantiles
from typing import TYPE_CHECKING, Any

from measure import SMALLEST, Comparison, Figure, size
from workplace import SECTION_SIZE, run, step_ids, write_sections_of_checkboxes, write_template

from nbrunbook.project.operator import declared
from nbrunbook.project.settings import find_project
from nbrunbook.work.opening import open_session

if TYPE_CHECKING:
    from desk import Desk, Screen

SIZES = ((10, 1, 0.8),) if SMALLEST else ((100, 3, 0.8), (1_000, 1, 0.4))
"""Steps, rounds, and how many times as long as plain checkboxes we may take."""
CLICKS, TICKS = size(200, smallest=2), size(100, smallest=2)
"""By the operator in front of the page, and by another one."""
SHORTEST_PAUSE_MS, LONGEST_PAUSE_MS = 50, 550
"""Between two of them, at random: a session looks into the journal every 500 ms."""
COMMS = "len(__import__('comm').get_comm_manager().comms)"

LIVE = """() => {{
  const panels = [...document.querySelectorAll(".nbr")];
  return panels.length === {panels} && panels.every((each) => each.dataset.live === "live")
    && document.querySelectorAll("input.nbr-check:enabled").length === {steps};
}}"""
GONE = "() => [...document.querySelectorAll('.nbr')].every((each) => each.dataset.live === 'gone')"
CHECKBOXES = "() => document.querySelectorAll('.widget-checkbox input:enabled').length === {steps}"

WATCH = """() => {
  globalThis.doneAt = {};
  new MutationObserver((changes) => {
    for (const { target } of changes)
      if (target.dataset.status === "done") doneAt[target.dataset.step] ??= Date.now();
  }).observe(document.body, { subtree: true, attributeFilter: ["data-status"] });
}"""
"""Notes when each step is shown as done; the browser's clock is the one of this process."""
CLICK = """async ([steps, pauses]) => {
  const took = [];
  for (const [number, step] of steps.entries()) {
    await new Promise((resolve) => setTimeout(resolve, pauses[number]));
    const row = document.querySelector(`.nbr [data-step="${step}"]`);
    const start = performance.now();
    const done = new Promise((resolve) => new MutationObserver((_, watching) => {
      if (row.dataset.status !== "done") return;
      watching.disconnect();
      resolve(performance.now());
    }).observe(row, { attributeFilter: ["data-status"] }));
    row.querySelector("input.nbr-check").click();
    took.push(await done - start);
  }
  return took;
}"""


def compare() -> Iterator[Comparison | Figure]:
    """Compare until all is live, with the comms it takes, and tell what a tick takes to be seen."""
    from desk import desk  # brings the tests' own guards into this process: not before it is needed

    with desk(_prepare) as ready:
        for steps, rounds, at_most in SIZES:
            yield from _until_live(ready, steps, rounds, at_most)
        yield from _until_seen(ready)


def _prepare(root: Path) -> None:
    for steps in (*(steps for steps, *_ in SIZES), CLICKS + TICKS):
        run(root, "nbrunbook", "instantiate", write_template(root, steps), "-e", "staging")
        write_sections_of_checkboxes(root, steps)


def _until_live(ready: Desk, steps: int, rounds: int, at_most: float) -> Iterator[Comparison]:
    ours, theirs = _runbook(steps), (f"sections{steps}.ipynb", CHECKBOXES.format(steps=steps))
    found = [[_run_all(ready, *side) for side in (ours, theirs)] for _ in range(rounds)]
    our_seconds, their_seconds = (median(seconds for seconds, _ in side) for side in zip(*found, strict=True))
    what = f"Run All to live, {steps:,} steps : plain checkboxes"
    yield Comparison(what=what, ours=our_seconds, theirs=their_seconds, at_most=at_most)
    (_, our_comms), (_, their_comms) = found[-1]
    yield Comparison(what=f"comms of {steps:,} steps", ours=our_comms, theirs=their_comms, at_most=1, unit="")


def _runbook(steps: int) -> tuple[str, str]:
    panels = -(-steps // SECTION_SIZE) + 2  # with the header and the sign-off
    return f"runbooks/staging/r{steps}.ipynb", LIVE.format(panels=panels, steps=steps)


def _run_all(ready: Desk, path: str, there: str) -> tuple[float, int]:
    return ready.run_all(path, there, lambda shown, seconds: (seconds, ready.ask_kernel(shown, COMMS)))


def _until_seen(ready: Desk) -> Iterator[Figure]:
    ids = step_ids(CLICKS + TICKS)

    def seen(shown: Screen, _: float) -> tuple[list[float], list[float], float]:
        pauses = [_pause_ms() for _ in range(CLICKS)]
        clicked = [ms / 1000 for ms in shown.page.evaluate(CLICK, [ids[:CLICKS], pauses])]
        return clicked, _followed(ready, shown, ids[CLICKS:]), _noticed(ready, shown)

    clicked, followed, noticed = ready.run_all(*_runbook(CLICKS + TICKS), seen)
    yield from _figures("click until it is done", clicked, at_most=None)
    yield from _figures("another's tick until it is shown", followed, at_most=1)
    yield Figure(what="silent kernel until every panel says so", ours=noticed, at_most=8)


def _noticed(ready: Desk, shown: Screen) -> float:
    """Let the kernel say nothing; return the seconds until it is told."""
    started, kernels = time.perf_counter(), ready.site.kernels()
    for each in kernels:
        os.kill(each, signal.SIGSTOP)
    try:
        ready.wait(shown, GONE)
        return time.perf_counter() - started
    finally:
        for each in kernels:
            os.kill(each, signal.SIGCONT)


def _followed(ready: Desk, shown: Screen, ids: list[str]) -> list[float]:
    """Tick as another operator, at random moments; return the seconds until the page showed each."""
    session = open_session(find_project(ready.site.root), f"staging/r{CLICKS + TICKS}", declared("ben", "typed"))
    shown.page.evaluate(WATCH)
    ticked_at = {}
    for step in ids:
        time.sleep(_pause_ms() / 1000)
        ticked_at[step] = time.time()
        session.append("ticked", step)
    ready.wait(shown, "ids => ids.every((each) => each in doneAt)", ids)
    shown_at: dict[str, Any] = shown.page.evaluate("doneAt")
    return [shown_at[step] / 1000 - ticked_at[step] for step in ids]


def _pause_ms() -> float:
    return random.uniform(SHORTEST_PAUSE_MS, LONGEST_PAUSE_MS)


def _figures(what: str, seconds: list[float], at_most: float | None) -> Iterator[Figure]:
    yield Figure(what=f"{what}, median of {len(seconds)}", ours=median(seconds))
    yield Figure(what=f"{what}, 99th percentile", ours=quantiles(seconds, n=100)[-1], at_most=at_most)
