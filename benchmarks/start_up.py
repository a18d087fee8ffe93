"""Start-up: what one waits before anything happens. Whole processes."""

from __future__ import annotations

from collections.abc import Iterator

from measure import Comparison, side_by_side, size
from workplace import run, workplace, write_template


def compare() -> Iterator[Comparison]:
    """Compare with an empty Python, and with papermill where JupyterLab is installed."""
    with workplace() as root:
        run(root, "nbrunbook", "instantiate", write_template(root, 10), "-e", "staging")
        version, empty, status, papermill = side_by_side(
            lambda _: run(root, "nbrunbook", "--version"),
            lambda _: run(root, "python", "-c", "pass"),
            lambda _: run(root, "nbrunbook", "status"),
            lambda _: run(root, "papermill", "--version"),
            rounds=size(11, smallest=1),
        )
    yield Comparison(what="nbrunbook --version : python -c pass", ours=version, theirs=empty, at_most=10)
    yield Comparison(what="nbrunbook status : papermill --version", ours=status, theirs=papermill, at_most=0.2)
