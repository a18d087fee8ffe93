"""Settling: a rehearsal's steps gone through one after the other, as operators would, with a clock that is moved."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from nbrunbook.errors import NbrunbookError
from nbrunbook.project.operator import Operator
from nbrunbook.runbook import events, evidence, run_words
from nbrunbook.runbook.automation import Automation
from nbrunbook.runbook.events import PASSED, Event
from nbrunbook.runbook.evidence import EvidenceFile
from nbrunbook.runbook.plan import Step
from nbrunbook.runbook.program import program_of
from nbrunbook.runbook.times import span
from nbrunbook.runbook.waiting import Blocked, blocked_by, gates_above, waits_for
from nbrunbook.texts import listed
from nbrunbook.work.session import Session

SECOND_OPERATOR = Operator(name="second operator", known="verified", known_by="jupyter")
"""Approves; verified, since some environments ask for that."""

GIVEN: Mapping[evidence.EvidenceKind, str] = {
    "text": "rehearsal",
    "link": "https://example.com/rehearsal",
    "file": "rehearsal.txt",
}
"""The evidence that is given; for a file its name."""
MOST_NAMED = 3
"""Databases of a batch in one line."""


@dataclass(frozen=True, kw_only=True)
class RehearsalLine:
    """One thing that would happen."""

    what: str
    """A step's id; or instantiate, execute, sign-off, archive, verify."""
    title: str = ""
    owner: str = ""
    outcome: str
    """done, skipped, not-applicable or failed."""
    happened: str
    """In words."""


Tell = Callable[[RehearsalLine], None]
Look = Callable[[Session, str], Event | None]
"""Has a check look, and returns what came out."""


class Clock:
    """The time of a rehearsal: the present one, moved forward."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        """Return what the rehearsal takes for now."""
        return events.now() + self.ahead

    def move(self, to: datetime) -> None:
        """Let it be a later instant."""
        self.ahead += max(to - self(), timedelta())


@contextmanager
def failing(tell: Tell, what: str, step: Step | None = None) -> Iterator[None]:
    """Tell that a thing does not work, where it does not."""
    try:
        yield
    except NbrunbookError:
        title, owner = (step.title, step.owner or "") if step else ("", "")
        tell(RehearsalLine(what=what, title=title, owner=owner, outcome="failed", happened="does not work"))
        raise


class Settling:
    """Settles one step after the other, as an operator would."""

    def __init__(self, at_work: Session, clock: Clock, tell: Tell, look: Look | None) -> None:
        self.session, self.clock, self.tell, self.look = at_work, clock, tell, look
        self.not_passed: list[str] = []

    def run(self) -> None:
        """Settle every step; NbrunbookError for one that cannot be settled."""
        left: Sequence[Step] = self.session.plan.steps
        while left:
            still_left = [step for step in left if not self._settled(step)]
            if len(still_left) == len(left):
                self._wait(left)
            left = still_left

    def _settled(self, step: Step) -> bool:
        progress = self.session.progress
        state = progress.of(step.id)
        if state.status == "not-applicable":
            why = f"does not apply here{f': when={step.when}' if step.when else ''}"
            self._say(step, "not-applicable", why)
        elif step.is_group and state.settled:
            self._say(step, state.status, f"{state.status}, as its sub-steps are")
        elif step.is_group:
            return False
        elif self._waits_elsewhere(step):
            self._skip(step)
        elif self._blocked(step):
            return False
        else:
            self._tick(step)
        return True

    def _blocked(self, step: Step) -> Blocked | None:
        return blocked_by(self.session.progress, step, now=self.clock())

    def _waits_elsewhere(self, step: Step) -> bool:
        """Whether nothing is missing but what other runbooks say: there are none here."""
        progress = self.session.progress
        children = progress.plan.children.get(step.id, ())
        waiting = waits_for(progress, step)
        here = [each for each in waiting if each in progress.plan.by_id]
        ready = not gates_above(progress, step) and all(progress.of(child.id).settled for child in children)
        return bool(waiting) and not here and ready

    def _skip(self, step: Step) -> None:
        elsewhere = ", ".join(waits_for(self.session.progress, step))
        reason = f"rehearsal: it comes after {elsewhere}, which other runbooks settle"
        with failing(self.tell, step.id, step):
            self.session.append("skipped", step.id, data={"reason": reason})
        self._say(step, "skipped", f"skipped: {reason}")

    def _tick(self, step: Step) -> None:
        closed = self.session.progress.closed(step)
        kind = evidence.kind(step.evidence) if step.evidence else None
        file = EvidenceFile(name=GIVEN["file"], content=b"rehearsal\n") if kind == "file" else None
        given = GIVEN[kind] if kind and not file else ""
        with failing(self.tell, step.id, step):
            if step.automation:
                program_of(self.session.progress.plan, step.id, self.session.journal.blob)
            if step.needs_approval:
                self.session.append("approved", step.id, operator=SECOND_OPERATOR)
            came_out = self._look(step)
            if came_out and self.session.progress.of(step.id).settled:
                kind = None
            else:
                reason = "rehearsed" if step.automation else ""
                self.session.append("ticked", step.id, data={"evidence": given, "reason": reason}, file=file)
        outcome = "failed" if step.id in self.not_passed else "done"
        self._say(step, outcome, ", ".join([came_out or "done", *_how(step, kind, closed=closed, ran=bool(came_out))]))

    def _look(self, step: Step) -> str:
        """Have a check look, and return what came out; empty for a step that is not run here."""
        if step.kind != "check" or self.look is None:
            return ""
        try:
            end = self.look(self.session, step.id)
        except NbrunbookError as error:
            end, said = None, str(error)
        else:
            said = run_words.outcome(end) if end else "nobody knows what came out"
        if end is not None and end.kind in PASSED:
            return said
        self.not_passed.append(step.id)
        return f"{said}; done by hand here"

    def _say(self, step: Step, outcome: str, happened: str) -> None:
        title = self.session.progress.title(step)
        self.tell(RehearsalLine(what=step.id, title=title, owner=step.owner or "", outcome=outcome, happened=happened))

    def _wait(self, left: Sequence[Step]) -> None:
        """Move the clock to when the first wait ends; NbrunbookError where no time helps."""
        blocked = {step: self._blocked(step) for step in left if not step.is_group}
        ends = [each.until for each in blocked.values() if each and each.until]
        if ends:
            self.clock.move(min(ends))
            return
        why = [f"{step.id}: {each.why}" for step, each in blocked.items() if each]
        for step in blocked:
            self._say(step, "failed", "can never be settled")
        raise NbrunbookError(f"steps that can never be settled ({'; '.join(why[:3])})", "", "look at after= and .gate")


def _bound(step: Step, does: Automation) -> str:
    if does.batch is None:
        return f"{step.kind} {does.function}()"
    return f"batch {does.function} in {listed(does.batch.databases or (), MOST_NAMED)}"


def _how(step: Step, kind: evidence.EvidenceKind | None, *, closed: bool, ran: bool) -> Iterator[str]:
    if closed:
        yield "its section opened"
    if step.wait_seconds:
        yield f"after a wait of {span(step.wait_seconds)}"
    if step.needs_approval:
        yield "approved by a second operator"
    if kind:
        yield f"with a {kind}"
    if step.automation and not ran:
        yield f"{_bound(step, step.automation)} bound and not run"
    if step.is_irreversible:
        yield "confirmed that it cannot be undone"
