"""Rehearsals: a template gone through from end to end, in a folder that is thrown away.

Everything is as it is for operators, through the same session code:
only the clock is moved forward where a step waits, and nobody else is there.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from nbrunbook.documents import files
from nbrunbook.errors import AuthorCellError, NbrunbookError, RecordError
from nbrunbook.journal.entries import row_of
from nbrunbook.journal.journal import Journal
from nbrunbook.project.git import Branch
from nbrunbook.project.names import check_name
from nbrunbook.project.operator import Operator, declared
from nbrunbook.project.settings import Project
from nbrunbook.record import verify
from nbrunbook.review import revisions
from nbrunbook.runbook import events, evidence, words
from nbrunbook.runbook.evidence import EvidenceFile
from nbrunbook.runbook.plan import Step
from nbrunbook.runbook.program import program_of
from nbrunbook.runbook.times import span
from nbrunbook.runbook.waiting import Blocked, blocked_by, gates_above, waits_for
from nbrunbook.template import files as template_files
from nbrunbook.template.named import read_named
from nbrunbook.template.planning import Planned
from nbrunbook.template.template import Template
from nbrunbook.texts import many
from nbrunbook.work.archive import WrittenRecord, archive
from nbrunbook.work.asked_for import applies_in
from nbrunbook.work.build import build
from nbrunbook.work.checkout import Checkout
from nbrunbook.work.commits import Held
from nbrunbook.work.opening import register
from nbrunbook.work.origin import facts_for
from nbrunbook.work.session import Session

OPERATOR = declared("rehearsal", "typed")
SECOND_OPERATOR = Operator(name="second operator", known="verified", known_by="jupyter")
"""Approves; verified, since some environments ask for that."""

GIVEN: Mapping[evidence.EvidenceKind, str] = {
    "text": "rehearsal",
    "link": "https://example.com/rehearsal",
    "file": "rehearsal.txt",
}
"""The evidence that is given; for a file its name."""


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


def templates_to_try(project: Project, branch: Branch) -> list[Path]:
    """Return the templates that a branch changed; standing parts are tried with the next release, or by themselves."""
    changed = revisions.changed_templates(project, branch)
    own = [path for path in changed if path.name != template_files.STANDING]
    following = template_files.as_typed(project.templates / template_files.NEXT)
    if len(own) < len(changed) and following not in own:
        own.append(following if template_files.is_template(following) else following.with_name(template_files.STANDING))
    return own


def where_to_try(project: Project, path: Path) -> str:
    """Return the first environment declared in which a template applies; `rehearsal` where none is declared."""
    names = read_named(project, path).environments
    applies = [name for name in project.environments if applies_in(names, name, project)]
    return next(iter([*applies, *project.environments]), "rehearsal")


def rehearse(planned: Planned, project: Project, tell: Tell) -> None:
    """Go through a template that no finding stops; `tell` gets each line when it has happened.

    Raises NbrunbookError for the first thing that does not work, after a line that says `failed`.
    Writes nothing but into a folder of its own, which is gone afterwards; what the
    author's cells write is theirs.
    """
    clock = Clock()
    with _thrown_away(project) as scratch, _open(scratch) as journal:
        at_work = _instantiated(planned, scratch, journal, clock, tell)
        _Settling(at_work, clock, tell).run()
        _finish(at_work, scratch, tell)


@contextmanager
def _thrown_away(project: Project) -> Iterator[Project]:
    """The project with other places for what is written."""
    with tempfile.TemporaryDirectory(prefix="nbrunbook-rehearsal-") as folder:
        root = Path(folder)
        yield replace(
            project,
            runbooks=root / "runbooks",
            records=root / "records",
            journal_setting=f"sqlite:///{root / 'journal.db'}",
        )


@contextmanager
def _open(scratch: Project) -> Iterator[Journal]:
    journal = Journal.open(scratch.journal, create=True)
    try:
        yield journal
    finally:
        journal.close()


@contextmanager
def _failing(tell: Tell, what: str, step: Step | None = None) -> Iterator[None]:
    """Tell that a thing does not work, where it does not."""
    try:
        yield
    except NbrunbookError:
        title, owner = (step.title, step.owner or "") if step else ("", "")
        tell(RehearsalLine(what=what, title=title, owner=owner, outcome="failed", happened="does not work"))
        raise


def _instantiated(planned: Planned, scratch: Project, journal: Journal, clock: Clock, tell: Tell) -> Session:
    template, made = planned.template, planned.plan
    key = f"{made.environment}/{check_name(made.release, 'release')}"
    cells = sum(piece.kind == "code" for piece in template.pieces)
    with _failing(tell, "instantiate"):
        here = Checkout(project=scratch)
        about = facts_for(template, made, here, Held(), key=key, created_by=OPERATOR.name, created_at=clock())
        built = build(template, made, planned.values, scratch, about, execute=cells > 0)
        files.write(scratch.runbook_path(key), built.content)
        register(journal, replace(built, code=planned.code), OPERATOR)
    tell(RehearsalLine(what="instantiate", outcome="done", happened=f"{key}, {words.steps_words(made)}"))
    with _failing(tell, "execute"):
        if built.failure is not None:
            raise _in_the_template(built.failure, template)
    if cells:
        tell(RehearsalLine(what="execute", outcome="done", happened=many(cells, "cell")))
    verified = scratch.settings(made.environment).verified_approvals
    return Session(journal, row_of(built.facts), OPERATOR, verified_approvals=verified, clock=clock)


def _in_the_template(failure: AuthorCellError, template: Template) -> NbrunbookError:
    """The failure with the author's file in it: the runbook is gone afterwards."""
    why = failure.found.partition(" failed: ")[2]
    return NbrunbookError(f"{template.path}: the author's cell with the id {failure.cell_id} failed: {why}")


class _Settling:
    """Settles one step after the other, as an operator would."""

    def __init__(self, at_work: Session, clock: Clock, tell: Tell) -> None:
        self.session, self.clock, self.tell = at_work, clock, tell

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
        with _failing(self.tell, step.id, step):
            self.session.append("skipped", step.id, data={"reason": reason})
        self._say(step, "skipped", f"skipped: {reason}")

    def _tick(self, step: Step) -> None:
        closed = self.session.progress.closed(step)
        kind = evidence.kind(step.evidence) if step.evidence else None
        file = EvidenceFile(name=GIVEN["file"], content=b"rehearsal\n") if kind == "file" else None
        given = GIVEN[kind] if kind and not file else ""
        with _failing(self.tell, step.id, step):
            if step.automation:
                program_of(self.session.progress.plan, step.id, self.session.journal.blob)
            if step.needs_approval:
                self.session.append("approved", step.id, operator=SECOND_OPERATOR)
            reason = "rehearsed" if step.automation else ""
            self.session.append("ticked", step.id, data={"evidence": given, "reason": reason}, file=file)
        self._say(step, "done", ", ".join(["done", *_how(step, kind, closed=closed)]))

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


def _how(step: Step, kind: evidence.EvidenceKind | None, *, closed: bool) -> Iterator[str]:
    if closed:
        yield "its section opened"
    if step.wait_seconds:
        yield f"after a wait of {span(step.wait_seconds)}"
    if step.needs_approval:
        yield "approved by a second operator"
    if kind:
        yield f"with a {kind}"
    if step.automation:
        yield f"{step.kind} {step.automation.function}() bound and not run"
    if step.is_irreversible:
        yield "confirmed that it cannot be undone"


def _finish(at_work: Session, scratch: Project, tell: Tell) -> None:
    with _failing(tell, "sign-off"):
        at_work.sign_off(scratch.runbook_path(at_work.key))
    tell(RehearsalLine(what="sign-off", outcome="done", happened=at_work.progress.summary()))
    with _failing(tell, "archive"):
        written = archive(at_work, scratch)
    size = evidence.shown_size(written.path.stat().st_size)
    tell(RehearsalLine(what="archive", outcome="done", happened=f"one file of {size}"))
    with _failing(tell, "verify"):
        fault = verify.verify(written.path, scratch).fault or _fault(at_work, written)
        if fault:
            raise RecordError(f"the record does not hold: {fault}")
    tell(RehearsalLine(what="verify", outcome="done", happened="the record holds"))


def _fault(at_work: Session, written: WrittenRecord) -> str | None:
    """How the record differs from the journal of the rehearsal, which no configuration names."""
    facts = verify.embedded(written.path.read_bytes())
    return verify.journal_fault(at_work.journal, at_work.runbook, facts, written.sha256)
