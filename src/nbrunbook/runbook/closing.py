"""What a sign-off closes, in words: an operator reads it once before the runbook is closed, and sees it after."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from nbrunbook.errors import one_line
from nbrunbook.runbook.plan import Step
from nbrunbook.runbook.progress import Progress
from nbrunbook.runbook.words import reason_words

MOST = 12
"""So many steps are named of each kind; the rest is counted."""


def lines(progress: Progress) -> list[str]:
    """Return what is left behind by a sign-off, one kind a line: skipped, optional and open, not confirmed."""
    skipped = [step for step in progress.counted if progress.of(step.id).status == "skipped"]
    open_ones = [step for step in progress.open_steps if step.is_optional]
    return [
        *_line("Skipped", (_skipped(progress, step) for step in skipped)),
        *_line("Optional and open", (progress.title(step) for step in open_ones)),
        *_line("Reworded since, and not confirmed", (progress.title(step) for step in progress.unconfirmed)),
    ]


def question(progress: Progress, key: str) -> str:
    """Return what is asked before a runbook is signed off, on lines of its own."""
    return "\n".join([f"This closes {key}: {progress.summary()}.", *lines(progress)])


def _skipped(progress: Progress, step: Step) -> str:
    by = progress.of(step.id).by
    return f"{progress.title(step)}{one_line(reason_words(by)) if by else ''}"


def _line(name: str, titles: Iterable[str]) -> Iterator[str]:
    found = list(titles)
    if found:
        more = f"; and {len(found) - MOST} more" if len(found) > MOST else ""
        yield f"{name}: {'; '.join(found[:MOST])}{more}"
