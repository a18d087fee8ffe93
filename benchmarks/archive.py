"""Archive: a record, with the journal in it, against nbconvert on the same runbook. Whole processes."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

from measure import Comparison, side_by_side
from workplace import run, step_ids, workplace, write_template

STEPS = 100


def compare() -> Iterator[Comparison]:
    """Compare the time that it takes and the size of the page."""
    with workplace() as root:
        key = f"staging/r{STEPS}"
        run(root, "nbrunbook", "instantiate", write_template(root, STEPS), "-e", "staging")
        run(root, "nbrunbook", "tick", key, *step_ids(STEPS))
        run(root, "nbrunbook", "sign-off", key)

        def ours(_: int) -> None:
            shutil.rmtree(root / "records", ignore_errors=True)
            run(root, "nbrunbook", "archive", key)

        ours_seconds, theirs_seconds = side_by_side(
            ours,
            lambda _: run(root, "jupyter", "nbconvert", "--to", "html", f"runbooks/{key}.ipynb"),
            rounds=7,
        )
        ours_size, theirs_size = ((root / folder / f"{key}.html").stat().st_size for folder in ("records", "runbooks"))
    what = f"archive {STEPS} steps : nbconvert --to html"
    yield Comparison(what=what, ours=ours_seconds, theirs=theirs_seconds, at_most=0.7)
    yield Comparison(what=f"{what}, size", ours=ours_size, theirs=theirs_size, at_most=0.25, unit="B")
