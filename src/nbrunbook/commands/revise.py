"""nbrunbook revise: bring a runbook up to date with its template."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace

import click

from nbrunbook.commands.diff import show_text
from nbrunbook.commands.here import operator_of
from nbrunbook.commands.options import json_option, key_argument
from nbrunbook.commands.terminal import show, show_json, tell
from nbrunbook.documents import notebook
from nbrunbook.errors import RefusedError
from nbrunbook.project.settings import find_project
from nbrunbook.review import changes, snapshot
from nbrunbook.review.changes import Review
from nbrunbook.review.compare import compare
from nbrunbook.runbook.plan import Plan, Step
from nbrunbook.runbook.progress import Version
from nbrunbook.runbook.status import LIFE
from nbrunbook.work import revision
from nbrunbook.work.opening import open_session
from nbrunbook.work.revision import Renewal
from nbrunbook.work.session import Session


@click.command(name="revise")
@key_argument
@click.option("-p", "given", nargs=2, multiple=True, metavar="NAME VALUE", help="A value for a new parameter.")
@click.option("--yes", is_flag=True, help="Answer the question whether to do it.")
@click.option("--dry-run", is_flag=True, help="Only show what would change.")
@json_option
def command(key: str, given: tuple[tuple[str, str], ...], yes: bool, dry_run: bool, as_json: bool) -> None:
    """Bring an open runbook up to date with its template, which changed since.

    What is settled keeps its state. A settled step that reads otherwise now is marked
    *reworded since done*, until somebody confirms it: tick it again, or skip it again.
    New steps appear in open sessions; removed ones stay in the journal.

    \b
    Example: nbrunbook revise staging/1.0 --dry-run
    """
    notebook.skip_iri_checks()
    project = find_project()
    session = open_session(project, key, operator_of(project))
    shown = session.progress.versions[-1].plan
    _refuse_closed(session)
    new = revision.renew(session, project, dict(given))
    if replace(new.plan, base=shown.base).digest == shown.digest:  # files that only moved bring nothing
        _tell_unchanged(session, as_json=as_json)
        return
    differences = _review(session, shown, new)
    if not as_json:
        show_text([differences])
        _show_settled(session, new.plan)
    if not dry_run:
        _ask(session, yes=yes)
        summary = changes.summary([differences])
        session.revise(new.plan, shown=shown, template=new.template, summary=summary, parameters=new.parameters)
    _report(session, new, differences, dry_run=dry_run, as_json=as_json)


def _refuse_closed(session: Session) -> None:
    if (session.progress.state, "revised") not in LIFE:
        state = session.progress.state.replace("_", " ")
        raise RefusedError(f"cannot revise {session.key}", f"the runbook is {state}", "reopen it first")


def _review(session: Session, shown: Plan, new: Renewal) -> Review:
    old = snapshot.of_plan(shown, session.key)
    return compare(old, snapshot.of_plan(new.plan, _name(new)))


def _name(new: Renewal) -> str:
    paths = [part["path"] for part in new.template["parts"]]
    return paths[0] if len(paths) == 1 else str(new.template["name"])


def _show_settled(session: Session, made: Plan) -> None:
    """Say what becomes of the settled steps that the revision touches."""
    progress, new = session.progress, Version(plan=made)
    # What was settled in another runbook keeps that one's wording: it is confirmed there.
    own = [step for step in progress.counted if progress.of(step.id).settled and not progress.of(step.id).where]
    settled = [step for step in own if step.id not in progress.added]
    removed = [step for step in settled if step.id not in made.by_id]
    # Those that are marked already stay so, unless the template has gone back to what was done.
    before = progress.versions[-1].wordings
    reworded = [step for step in settled if new.wordings.get(step.id, before[step.id]) != before[step.id]]
    for words, steps in (("to be confirmed", reworded), ("only in the journal from now on", removed)):
        if steps:
            show(f"\nsettled, and {words}: {_titles(steps)}")


def _titles(steps: Sequence[Step]) -> str:
    return ", ".join(f"{step.title[:60]} ({step.id})" for step in steps)


def _ask(session: Session, *, yes: bool) -> None:
    if yes:
        return
    if not sys.stdin.isatty():
        why = "it asks before it changes the steps"
        raise RefusedError(f"cannot revise {session.key}", why, "add --yes, or --dry-run to only look")
    if not click.confirm(f"Bring {session.key} up to date with this?", err=True):
        raise RefusedError(f"cannot revise {session.key}", "the question was answered with no")


def _tell_unchanged(session: Session, *, as_json: bool) -> None:
    if as_json:
        show_json({"runbook": session.key, "revised": False, "plan": session.progress.versions[-1].plan.digest})
    else:
        show(f"{session.key}: nothing to revise, its steps are as they are in the template")


def _report(session: Session, new: Renewal, differences: Review, *, dry_run: bool, as_json: bool) -> None:
    if as_json:
        about = {"runbook": session.key, "revised": not dry_run, "plan": new.plan.digest}
        show_json({**about, "parameters": dict(new.parameters), "review": differences.to_json()})
    elif dry_run:
        tell("nothing was recorded")
    else:
        show(f"\n{session.key}: revised, {session.progress.summary()}")
