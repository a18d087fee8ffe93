"""Run the benchmarks, all or those named, and print what each costs against what it is held to.

`make benchmark`, or `python benchmarks/run.py start-up tick`. Only the ratios mean anything:
both sides of each were measured in turns on this machine, just now.
With NBRUNBOOK_BENCHMARK=smallest all of them end within a minute or two, and no figure means anything.
"""

from __future__ import annotations

import sys

import archive
import authors
import browser
import hostile
import instantiate
import ledger
import opening
import runs
import start_up
import tick
import together
from measure import SMALLEST

import batches

TOPICS = {
    "start-up": start_up.compare,
    "authors": authors.compare,
    "instantiate": instantiate.compare,
    "archive": archive.compare,
    "tick": tick.compare,
    "ledger": ledger.compare,
    "opening": opening.compare,
    "runs": runs.compare,
    "batches": batches.compare,
    "together": together.compare,
    "browser": browser.compare,
    "hostile": hostile.compare,
}
HEADINGS = ("what : against what", "ours", "theirs", "ratio", "target", "")
WIDTHS = (70, 10, 10, 9, 8, 4)


def main(names: list[str]) -> None:
    """Print one table for some topics."""
    unknown = set(names) - set(TOPICS)
    if unknown:
        sys.exit(f"no benchmark is called {', '.join(sorted(unknown))}; there are {', '.join(TOPICS)}")
    if SMALLEST:
        print("At their smallest size, to see that they run: these figures mean nothing.")
    _print_row(HEADINGS)
    for name in names or TOPICS:
        for comparison in TOPICS[name]():
            _print_row(comparison.row())


def _print_row(cells: tuple[str, ...]) -> None:
    first, *rest = (f"{cell:<{width}}" for cell, width in zip(cells, WIDTHS, strict=True))
    print(first, *rest, flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
