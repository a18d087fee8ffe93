"""What a sign-off closes, in words: what is left before it, what is asked once, and what it was once it is there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from nbrunbook.errors import one_line, visible
from nbrunbook.runbook.plan import Step
from nbrunbook.runbook.progress import Progress
from nbrunbook.runbook.times import Clock, span
from nbrunbook.runbook.waiting import is_overdue
from nbrunbook.runbook.words import reason_words, state_words, who

MOST = 12
"""So many steps are named of each kind; the rest is counted."""


@dataclass(frozen=True, kw_only=True)
class Left:
    """The steps of one kind that a sign-off waits for, or leaves behind."""

    words: str
    steps: tuple[Step, ...]
    """What is overdue first, then in the order of the document."""


def sign_off_text(progress: Progress, clock: Clock) -> str:
    """Return what stands between a runbook and its sign-off, in words: a line, and one for each step."""
    if progress.state != "open":
        return f"This runbook is {state_words(progress, clock)}."
    what, missing = _missing(progress)
    if not missing:
        return "All that is required is settled: it can be signed off."
    titles = "\n".join(f"- {progress.title(step)}" for step in missing[:MOST])
    more = f"\n… and {len(missing) - MOST} more" if len(missing) > MOST else ""
    return visible(f"{what}: {len(missing)}\n{titles}{more}")


def left(progress: Progress, *, now: datetime) -> list[Left]:
    """Return what is open, or has to be confirmed, while the runbook is open; what keeps it from a sign-off first."""
    if progress.state != "open":
        return []
    optional = tuple(step for step in progress.open_steps if step.is_optional)
    return [
        Left(
            words=f"{words}: {len(steps)}",
            steps=tuple(sorted(steps, key=lambda step: not is_overdue(progress, step, now=now))),
        )
        for words, steps in (_missing(progress), ("Optional and open", optional))
        if steps
    ]


def is_ready(progress: Progress) -> bool:
    """Tell whether nothing stands between an open runbook and its sign-off."""
    return progress.state == "open" and not _missing(progress)[1]


def _missing(progress: Progress) -> tuple[str, Sequence[Step]]:
    if progress.required_open:
        return "Open before sign-off", progress.required_open
    return "Reworded since done, and not confirmed", progress.unconfirmed_required


def ended(progress: Progress) -> str:
    """Return what a sign-off has closed, in one line: by whom, how much of each, how long; empty without one."""
    signed = progress.signed_off
    if signed is None:
        return ""
    counts = {
        "done": progress.settled - progress.skipped,
        "skipped": progress.skipped,
        "left open": len(progress.open_steps),
    }
    parts = [f"{count} {name}" for name, count in counts.items() if count or name == "done"]
    parts += [f"in {span((signed.at - progress.began.at).total_seconds())}"] if progress.began else []
    return ", ".join([f"Signed off by {one_line(signed.operator)}", *parts])


def from_to(progress: Progress, clock: Clock) -> str:
    """Return who signed off, and from when to when it was worked on; empty where nobody did.

    From the first step that somebody took, did, skipped or approved: a runbook may be made days before.
    """
    signed, began = progress.signed_off, progress.began
    if signed is None:
        return ""
    first = f"from the first recorded work, {clock(began.at)}, to the sign-off, " if began else ""
    return f"{who(signed)} · {first}{clock(signed.at)}"


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
