"""What a step waits for: sub-steps, gates, other steps and runbooks, time. Pure; nothing here writes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from nbrunbook.runbook import other_answers
from nbrunbook.runbook.plan import Plan, Step
from nbrunbook.runbook.progress import Progress
from nbrunbook.runbook.times import Clock, span
from nbrunbook.texts import short


def gates_above(progress: Progress, step: Step) -> tuple[str, ...]:
    """Return the ids of the open steps that keep `step` behind a gate."""
    return progress.behind_gates[step.id]


def parents_of(plan: Plan, step: Step) -> Iterable[str]:
    """Yield the ids of the steps that a step is a sub-step of, the nearest first."""
    while step.parent:
        yield step.parent
        step = plan.by_id[step.parent]


def waits_for(progress: Progress, step: Step) -> list[str]:
    """Return what in its `after` is not settled: ids, and references to other runbooks as written."""
    waiting = []
    for reference in step.after:
        if other_answers.reference(reference):
            settled = _settled_elsewhere(progress, reference) is not None
        else:
            settled = reference not in progress.plan.by_id or progress.of(reference).settled
        if not settled:
            waiting.append(reference)
    return waiting


def _settled_elsewhere(progress: Progress, reference: str) -> datetime | None:
    answer = progress.elsewhere.answers.get(reference)
    return answer.settled_at if answer else None


def ready_at(progress: Progress, step: Step) -> datetime | None:
    """Return when its `wait` is over; None where it has none or the clock has not started."""
    if step.wait_seconds is None:
        return None
    started = _settled_at(progress, step, else_above=True)
    return started + timedelta(seconds=step.wait_seconds) if started else None


def due_at(progress: Progress, step: Step) -> datetime | None:
    """Return when it is due; None where it has no `due` or the clock has not started."""
    if step.due_seconds is None:
        return None
    started = _settled_at(progress, step, else_above=False) if step.after else progress.created_at
    return started + timedelta(seconds=step.due_seconds) if started else None


def is_overdue(progress: Progress, step: Step, *, now: datetime) -> bool:
    """Tell whether an open step should have been settled by now."""
    due = due_at(progress, step)
    return due is not None and due <= now


def _settled_at(progress: Progress, step: Step, *, else_above: bool) -> datetime | None:
    plan = progress.plan
    ids = [reference for reference in step.after if reference in plan.by_id]
    others = [reference for reference in step.after if other_answers.reference(reference)]
    if not ids and not others and else_above:
        above = _above(progress, step)
        if above is None:
            return progress.created_at
        ids = [above.id]
    times = [when_settled(progress, step_id) for step_id in ids]
    times += [_settled_elsewhere(progress, reference) for reference in others]
    known = [time for time in times if time is not None]
    if len(known) < len(times):
        return None
    return max(known, default=progress.created_at)


def _above(progress: Progress, step: Step) -> Step | None:
    """The step above, from which a `wait` is counted where no `after` says otherwise."""
    plan = progress.plan
    parents = set(parents_of(plan, step))
    before = plan.steps[: progress.order[step.id]]
    return next((each for each in reversed(before) if each.applies is not False and each.id not in parents), None)


def when_settled(progress: Progress, step_id: str) -> datetime | None:
    """Return when a step was settled, a group with its last sub-step; None while it is open.

    One that does not apply counts from the runbook's creation.
    """
    state = progress.of(step_id)
    if state.status == "not-applicable":
        return progress.created_at
    if state.by is not None:
        return state.by.at
    children = [when_settled(progress, child.id) for child in progress.plan.children.get(step_id, ())]
    known = [time for time in children if time is not None]
    return max(known) if state.settled and known else None


def next_change(progress: Progress, *, now: datetime) -> datetime | None:
    """Return the next instant at which a wait ends or a step becomes overdue by itself; None for never."""
    if progress.state != "open":
        return None
    times = [
        at
        for step in progress.open_steps
        for at in (ready_at(progress, step), due_at(progress, step))
        if at and at > now
    ]
    return min(times, default=None)


@dataclass(frozen=True, kw_only=True)
class Blocked:
    """What a step waits for."""

    why: str = ""
    """In words; empty where it is `until`."""
    short: str = ""
    """The same in a few words; empty where a badge says it."""
    until: datetime | None = None
    """Where only time is missing."""
    left: str = ""
    """How long that still is."""

    def words(self, clock: Clock) -> str:
        """Return what it waits for, in words."""
        return f"it waits until {clock(self.until)}" if self.until else self.why

    def in_short(self, clock: Clock) -> str:
        """Return the same in a few words, for beside a lock: after “Mail support”, until 22 Nov 14:02 UTC."""
        return f"until {clock(self.until)}" if self.until else self.short

    def all_words(self, clock: Clock) -> str:
        """Return the same, and how long that still is."""
        return f"{self.words(clock)} (another {self.left})" if self.left else self.why


def blocked_by(progress: Progress, step: Step, *, now: datetime) -> Blocked | None:
    """Return what a step waits for, whoever wants to do it; None where its turn has come."""
    behind = _behind_others(progress, step)
    if behind or step.wait_seconds is None:
        return behind
    ready = ready_at(progress, step)
    if ready is None:
        return Blocked(why=f"it waits {span(step.wait_seconds)} from when the step above is settled")
    if ready <= now:
        return None
    return Blocked(until=ready, left=span((ready - now).total_seconds()))


def _behind_others(progress: Progress, step: Step) -> Blocked | None:
    unsettled = unsettled_below(progress, step)
    if unsettled:
        return Blocked(why=unsettled, short="after its sub-steps")
    gated = gates_above(progress, step)
    if gated:
        more = f" and {len(gated) - 1} more" if len(gated) > 1 else ""
        why = f"behind a gate: first settle “{short(progress.title(progress.plan.by_id[gated[0]]))}”{more}"
        return Blocked(why=why, short="behind the gate")
    waiting = waits_for(progress, step)
    if waiting:
        is_said = bool(step.wait_seconds) and waiting == [*step.after]  # waits 2 h after “Dump”
        return Blocked(
            why=f"it comes after {', '.join(_called(progress, each) for each in waiting)}",
            short="" if is_said else f"after {_named(progress, waiting)}",
        )
    return None


LONGEST_NAME = 60
"""Characters of a title in a short reason."""


def _called(progress: Progress, reference: str) -> str:
    step = progress.plan.by_id.get(reference)
    return f"“{progress.title(step)}”" if step else _asked_for(progress, reference)


def _named(progress: Progress, references: Sequence[str]) -> str:
    first = progress.plan.by_id.get(references[0])
    name = f"“{short(progress.title(first), LONGEST_NAME)}”" if first else references[0]
    return f"{name} and {len(references) - 1} more" if len(references) > 1 else name


def is_waited_for(progress: Progress, step: Step) -> bool:
    """Tell whether the clock of its `wait` has not started, or is hidden behind something else that it waits for."""
    return ready_at(progress, step) is None or _behind_others(progress, step) is not None


def starts_after(progress: Progress, step: Step) -> str:
    """Return in a few words what its `wait` or `due` is counted from."""
    if step.after:
        return _named(progress, step.after)
    above = _above(progress, step)
    return _named(progress, [above.id]) if above else "the runbook was made"


def _asked_for(progress: Progress, reference: str) -> str:
    answer = progress.elsewhere.answers.get(reference)
    return ", ".join(answer.waiting) if answer else reference


def quoted_titles(progress: Progress, steps: Sequence[Step], most: int = 3) -> str:
    """Return the first titles of some steps, and how many more there are."""
    shown = ", ".join(f"“{short(progress.title(step))}”" for step in steps[:most])
    return f"{shown} and {len(steps) - most} more" if len(steps) > most else shown


def unsettled_below(progress: Progress, step: Step) -> str | None:
    """Return which direct sub-steps are not settled, in words; None where all are."""
    below = [child for child in progress.plan.children.get(step.id, ()) if not progress.of(child.id).settled]
    return f"its sub-steps are not settled yet: {quoted_titles(progress, below)}" if below else None
