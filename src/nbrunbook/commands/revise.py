"""nbrunbook revise: bring a runbook up to date with its template."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import click

from nbrunbook.commands.diff import show_text
from nbrunbook.commands.here import operator_of
from nbrunbook.commands.options import dirty_option, json_option, key_argument
from nbrunbook.commands.terminal import show, show_json, tell
from nbrunbook.documents import notebook
from nbrunbook.errors import RefusedError
from nbrunbook.review.changes import Review
from nbrunbook.runbook.plan import Step
from nbrunbook.texts import short
from nbrunbook.work import revision
from nbrunbook.work.commits import refuse_uncommitted
from nbrunbook.work.naming import project_here
from nbrunbook.work.opening import open_session
from nbrunbook.work.revision import Renewal, Touched
from nbrunbook.work.session import Session


@click.command(name="revise")
@key_argument
@click.option("-p", "given", nargs=2, multiple=True, metavar="NAME VALUE", help="A value for a new parameter.")
@click.option("--yes", is_flag=True, help="Answer the question whether to do it.")
@dirty_option
@click.option("--dry-run", is_flag=True, help="Only show what would change.")
@json_option
def command(key: str, given: tuple[tuple[str, str], ...], yes: bool, dirty: bool, dry_run: bool, as_json: bool) -> None:
    """Bring an open runbook up to date with its template, which changed since.

    What is settled keeps its state. A settled step that reads otherwise now is marked
    *reworded since done*, until somebody confirms it: tick it again, or skip it again.
    New steps appear in open sessions; removed ones stay in the journal.
    Notebooks need nbrunbook[ci]; Markdown templates do not.

    \b
    Example:
      nbrunbook revise staging/1.0 --dry-run
    """
    notebook.skip_iri_checks()
    project = project_here(tell=tell)
    session = open_session(project, key, operator_of(project))
    revision.refuse_closed(session)
    new = revision.renew(session, project, dict(given))
    if not revision.is_new(new.plan, new.shown):
        _tell_unchanged(session, as_json=as_json)
        return
    if new.held.said:
        tell(f"{session.key}: {new.held.said}")
    differences = revision.review(session.key, new)
    if not as_json:
        show_text([differences])
        _show_touched(revision.touched(session.progress, new.plan))
    if not dry_run:
        if not dirty:
            refuse_uncommitted(project, session.runbook.environment, new.held)
        _ask(session, yes=yes)
        revision.revise(session, new, differences)
    _report(session, new, differences, dry_run=dry_run, as_json=as_json)


def _show_touched(found: Touched) -> None:
    """Say what becomes of the settled steps that the revision touches."""
    for words, steps in (("to be confirmed", found.reworded), ("only in the journal from now on", found.removed)):
        if steps:
            show(f"\nsettled, and {words}: {_titles(steps)}")


def _titles(steps: Sequence[Step]) -> str:
    return ", ".join(f"{short(step.title)} ({step.id})" for step in steps)


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
