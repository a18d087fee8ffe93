"""Looks: a check that has a result looks again. Only another result is written down. Pure.

So a check that cron repeats every ten minutes leaves an event when it begins to fail, and one when it passes again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from nbrunbook.errors import one_line
from nbrunbook.runbook import rules
from nbrunbook.runbook.events import NOT_PASSED, Event
from nbrunbook.runbook.plan import Step
from nbrunbook.runbook.progress import Progress
from nbrunbook.runbook.run_words import message
from nbrunbook.runbook.status import OPEN, StepState
from nbrunbook.runbook.times import Clock
from nbrunbook.texts import many

MOST = 3
"""So many checks are named in one line."""


def only_looks(progress: Progress, step: Step) -> bool:
    """Tell whether a check has a result by now, or is settled: then nothing is written down before it looks.

    One that was reworded since has to pass as it is now, and that is written down.
    """
    state = progress.as_worded(step.id, progress.steps.get(step.id, OPEN))
    has_result = (state.settled or state.last is not None) and state.reworded is None
    return step.kind == "check" and state.run is None and (progress.state == "signed_off" or has_result)


def refusal(progress: Progress, step: Step, clock: Clock) -> str | None:
    """Return why a check may not look again now, in words; None where it may.

    After the sign-off nothing is waited for: it may look unless it was skipped, or does not apply.
    """
    if step.kind != "check":
        return "it is no check"
    if progress.state != "signed_off":
        return rules.hindrance(progress, "started", step, clock)
    if step.applies is False:
        return f"it does not apply here ({step.when})"
    return rules.skipped_words(progress.of(step.id), clock)


def is_news(progress: Progress, step_id: str, kind: str, *, after: int) -> bool:
    """Tell whether what a look came to is to be written down: another result than the one that is known.

    It is not where anything became of the step, or of the plan, after the event `after`, with which the look began:
    what it saw may be older than that.
    """
    step, state = progress.plan.by_id.get(step_id), progress.steps.get(step_id, OPEN)
    if step is None or kind == "stopped" or state.status == "skipped" or not only_looks(progress, step):
        return False
    since = (*_events(state), progress.versions[-1].event)
    if progress.state not in ("open", "signed_off") or any(each.seq > after for each in since if each):
        return False
    known = state.since or state.last
    return known is None or known.kind != kind


def _events(state: StepState) -> Iterator[Event | None]:
    yield from (state.by, state.last, state.since, state.reopened, state.confirmed)


def failing(progress: Progress) -> list[Event]:
    """Return what says of each check that it fails since the sign-off, or that nobody knows, in the steps' order."""
    states = [progress.steps.get(step.id, OPEN) for step in progress.plan.steps]
    return [state.since for state in states if state.since and state.since.kind in NOT_PASSED]


def last_of_each(found: Iterable[Event]) -> list[Event]:
    """Return the same from what checks came to since the sign-off, in order, without a plan."""
    last = {each.step: each for each in found}
    return [each for each in last.values() if each.kind in NOT_PASSED]


def worst(found: Iterable[Event]) -> str:
    """Return failed where one of them says so, else undecided."""
    return "failed" if any(each.kind == "failed" for each in found) else "undecided"


def counted_words(found: Sequence[Event]) -> str:
    """Return how many failed, and of how many nobody knows: 2 checks failed and 1 check undecided."""
    counts = Counter(each.kind for each in found)
    return " and ".join(f"{many(counts[kind], 'check')} {kind}" for kind in NOT_PASSED if counts[kind])


def all_words(found: Sequence[Event], clock: Clock, *, with_message: bool = False) -> list[str]:
    """Return the same in words, the first MOST of them: since 3 Dec its check 'index-green' fails."""
    said = [_words(each, clock, with_message=with_message) for each in found[:MOST]]
    return [*said, f"and {len(found) - MOST} more"] if len(found) > MOST else said


def _words(found: Event, clock: Clock, *, with_message: bool) -> str:
    verb = "fails" if found.kind == "failed" else "is undecided"
    about = f": {message(found)}" if with_message and message(found) else ""
    return f"since {clock.date(found.at)} its check '{one_line(found.step)}' {verb}{about}"
