"""Instantiate: a runbook against the same number of plain checkboxes through papermill. Whole processes."""

from __future__ import annotations

from collections.abc import Iterator

from measure import Comparison, side_by_side, size
from workplace import run, workplace, write_checkboxes, write_template

STEPS, MANY = size(100, smallest=5), size(1_000, smallest=10)


def compare() -> Iterator[Comparison]:
    """Compare with papermill preparing and executing, and a thousand steps with a hundred."""
    with workplace() as root:
        few, many, plain = write_template(root, STEPS), write_template(root, MANY), write_checkboxes(root, STEPS)
        parameters = ["-p", "environment", "production", "-p", "base_url", "https://example.com"]

        def ours(template: str, number: int) -> None:
            run(root, "nbrunbook", "instantiate", template, "-e", f"round-{number}", *parameters[3:])

        def papermill(*options: str) -> None:
            run(root, "papermill", plain, "out.ipynb", *parameters, "--no-progress-bar", *options)

        hundred, thousand, preparing, executing = side_by_side(
            lambda number: ours(few, number),
            lambda number: ours(many, number),
            lambda _: papermill("--prepare-only"),
            lambda _: papermill(),
            rounds=size(5, smallest=1),
        )
    what = f"instantiate {STEPS} steps"
    yield Comparison(what=f"{what} : papermill --prepare-only", ours=hundred, theirs=preparing, at_most=0.75)
    yield Comparison(what=f"{what} : papermill", ours=hundred, theirs=executing, at_most=0.3)
    yield Comparison(what=f"instantiate {MANY:,} steps : {STEPS}", ours=thousand, theirs=hundred, at_most=2)
