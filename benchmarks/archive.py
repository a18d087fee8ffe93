"""Archive: a record, with the journal in it, against nbconvert on the same runbook. Whole processes."""

from __future__ import annotations

from collections.abc import Iterator

from measure import Comparison, side_by_side, size
from workplace import run, step_ids, workplace, write_template

STEPS, ROUNDS = size(100, smallest=3), size(7, smallest=1)


def compare() -> Iterator[Comparison]:
    """Compare the time that it takes and the size of the page."""
    with workplace() as root:
        template = write_template(root, STEPS)
        keys = [f"round-{number}/r{STEPS}" for number in range(ROUNDS + 1)]
        for key in keys:  # a runbook a round: a second record of one would be another work
            run(root, "nbrunbook", "instantiate", template, "-e", key.partition("/")[0])
            run(root, "nbrunbook", "tick", key, *step_ids(STEPS))
            run(root, "nbrunbook", "sign-off", key)
        ours_seconds, theirs_seconds = side_by_side(
            lambda number: run(root, "nbrunbook", "archive", keys[number]),
            lambda number: run(root, "jupyter", "nbconvert", "--to", "html", f"runbooks/{keys[number]}.ipynb"),
            rounds=ROUNDS,
        )
        pages = (root / folder / f"{keys[0]}.html" for folder in ("records", "runbooks"))
        ours_size, theirs_size = (page.stat().st_size for page in pages)
    what = f"archive {STEPS} steps : nbconvert --to html"
    yield Comparison(what=what, ours=ours_seconds, theirs=theirs_seconds, at_most=0.7)
    yield Comparison(what=f"{what}, size", ours=ours_size, theirs=theirs_size, at_most=0.25, unit="B")
