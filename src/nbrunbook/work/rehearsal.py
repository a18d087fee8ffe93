"""Rehearsals: a template gone through from end to end, in a folder that is thrown away.

Everything is as it is for operators, through the same session code:
only the clock is moved forward where a step waits, and nobody else is there.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from nbrunbook.documents import files
from nbrunbook.errors import AuthorCellError, NbrunbookError, RecordError
from nbrunbook.journal.entries import row_of
from nbrunbook.journal.journal import Journal
from nbrunbook.project.databases import chosen
from nbrunbook.project.git import Branch
from nbrunbook.project.names import check_name
from nbrunbook.project.operator import declared
from nbrunbook.project.settings import Project
from nbrunbook.record import verify
from nbrunbook.review import revisions
from nbrunbook.runbook import evidence, words
from nbrunbook.runbook.plan import Plan
from nbrunbook.template import files as template_files
from nbrunbook.template.named import read_named
from nbrunbook.template.planning import Planned
from nbrunbook.template.template import Template
from nbrunbook.texts import listed, many
from nbrunbook.work.archive import WrittenRecord, archive
from nbrunbook.work.asked_for import applies_in
from nbrunbook.work.build import build
from nbrunbook.work.checkout import Checkout
from nbrunbook.work.commits import Held
from nbrunbook.work.opening import register
from nbrunbook.work.origin import facts_for
from nbrunbook.work.session import Session
from nbrunbook.work.settling import Clock, Look, RehearsalLine, Settling, Tell, failing

OPERATOR = declared("rehearsal", "typed")


def templates_to_try(project: Project, branch: Branch) -> list[Path]:
    """Return the templates that a branch changed; standing parts are tried with the next release, or by themselves."""
    changed = revisions.changed_templates(project, branch)
    own = [path for path in changed if path.name != template_files.STANDING]
    standing = [path for path in changed if path not in own]
    following = [home / template_files.NEXT for home in project.template_homes]
    following = [template_files.as_typed(path) for path in following if template_files.is_template(path)]
    if standing and not set(following) & set(own):
        own.append([*following, *standing][0])
    return own


def where_to_try(project: Project, path: Path) -> str:
    """Return the first environment declared in which a template applies; `rehearsal` where none is declared."""
    names = read_named(project, path).environments
    applies = [name for name in project.environments if applies_in(names, name, project)]
    return next(iter([*applies, *project.environments]), "rehearsal")


def rehearse(planned: Planned, project: Project, tell: Tell, look: Look | None = None) -> None:
    """Go through a template that no finding stops; `tell` gets each line when it has happened.

    With `look` its checks look; one that does not pass is done by hand, so that the rest is gone through.
    Raises NbrunbookError for the first thing that does not work, after a line that says `failed`;
    for checks at the end.
    Writes nothing but into a folder of its own, which is gone afterwards; what the
    author's cells write is theirs.
    """
    clock = Clock()
    with _thrown_away(project) as scratch, _open(scratch) as journal:
        _look_for_databases(planned.plan, project, tell)
        settling = Settling(_instantiated(planned, scratch, journal, clock, tell), clock, tell, look)
        settling.run()
        _finish(settling.session, scratch, tell)
    if settling.not_passed:
        raise NbrunbookError(f"{many(len(settling.not_passed), 'check')} did not pass: {listed(settling.not_passed)}")


def _look_for_databases(plan: Plan, project: Project, tell: Tell) -> None:
    """A run would be refused where the configuration does not name them; none is opened."""
    for step in plan.steps:
        if step.automation and step.automation.batch and step.applies is not False:
            with failing(tell, step.id, step):
                chosen(project.databases, step.automation.batch.databases or ())


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


def _instantiated(planned: Planned, scratch: Project, journal: Journal, clock: Clock, tell: Tell) -> Session:
    template, made = planned.template, planned.plan
    key = f"{made.environment}/{check_name(made.release, 'release')}"
    cells = sum(piece.kind == "code" for piece in template.pieces)
    with failing(tell, "instantiate"):
        here = Checkout(project=scratch)
        about = facts_for(template, made, here, Held(), key=key, created_by=OPERATOR.name, created_at=clock())
        built = build(template, made, planned.values, scratch, about, execute=cells > 0)
        files.write(scratch.runbook_path(key), built.content)
        register(journal, replace(built, code=planned.code), OPERATOR)
    tell(RehearsalLine(what="instantiate", outcome="done", happened=f"{key}, {words.steps_words(made)}"))
    with failing(tell, "execute"):
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


def _finish(at_work: Session, scratch: Project, tell: Tell) -> None:
    with failing(tell, "sign-off"):
        at_work.sign_off(scratch.runbook_path(at_work.key))
    tell(RehearsalLine(what="sign-off", outcome="done", happened=at_work.progress.summary()))
    with failing(tell, "archive"):
        written = archive(at_work, scratch)
    size = evidence.shown_size(written.path.stat().st_size)
    tell(RehearsalLine(what="archive", outcome="done", happened=f"one file of {size}"))
    with failing(tell, "verify"):
        fault = verify.verify(written.path, scratch).fault or _fault(at_work, written)
        if fault:
            raise RecordError(f"the record does not hold: {fault}")
    tell(RehearsalLine(what="verify", outcome="done", happened="the record holds"))


def _fault(at_work: Session, written: WrittenRecord) -> str | None:
    """How the record differs from the journal of the rehearsal, which no configuration names."""
    facts = verify.embedded(written.path.read_bytes())
    return verify.journal_fault(at_work.journal, at_work.runbook, facts, written.sha256)
