"""nbrunbook pending: show which releases are not done where."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping
from typing import Any

import click

from nbrunbook.commands import completion
from nbrunbook.commands.about_journal import tell_unreadable
from nbrunbook.commands.options import EnvironmentOption, at_option, json_option
from nbrunbook.commands.program import as_called
from nbrunbook.commands.terminal import show, show_code, show_json, show_styled, styled, tell, width
from nbrunbook.documents import notebook
from nbrunbook.errors import one_line
from nbrunbook.journal.journal import Journal
from nbrunbook.project.settings import Project
from nbrunbook.runbook.events import now
from nbrunbook.runbook.plain import Tone, TonedText, shortened
from nbrunbook.runbook.times import Clock, local
from nbrunbook.work import deployments, overview
from nbrunbook.work.checkout import checkout
from nbrunbook.work.ledger import Ledger, find_pending
from nbrunbook.work.naming import project_here, unknown_to
from nbrunbook.work.pending import NOT_MADE, Pending, PendingState

TONES: Mapping[PendingState, Tone] = {
    "overdue": "late",
    "unreadable": "late",
    "check failed": "late",
    "check undecided": "late",
    "waiting": "faint",
    "waiting for approval": "faint",
}


@click.command(name="pending")
@click.option(
    "-e",
    "environment",
    cls=EnvironmentOption,
    metavar="ENV",
    shell_complete=completion.environments,
    help="An environment or a group; without it, all of them.",
)
@at_option
@json_option
@click.option("--check", is_flag=True, help="Exit with 1 while something could be done now.")
@click.option("--strict", is_flag=True, help="Exit with 1 while anything is pending, also what has to wait.")
def command(environment: str | None, revision: str | None, as_json: bool, check: bool, strict: bool) -> int:
    """Show which releases are not done in an environment, oldest first.

    A release is pending where no runbook of it is signed off, and none was skipped. Releases before `since` of an
    environment are not asked for, nor is a template where its metadata says that it does not apply.
    One that is signed off is listed, too, where a check of it fails since: --check passes over that, --strict not.
    A verified record counts where the journal knows nothing. The templates are those of the commit that --at means,
    else of the one that CI names, else those of the work tree: which is said.

    \b
    Example:
      nbrunbook pending -e production --check
    """
    notebook.skip_iri_checks()
    project = project_here(tell=tell)
    journal = Journal.if_any(project.journal)
    if journal is not None and (check or strict):
        journal.check_indexes()
    names = project.members(environment) if environment is not None else deployments.environments(project, journal)
    with checkout(project, revision) as there:
        tell(there.words)
        ledger = find_pending(project, names, journal=journal, now=now(), there=there)
    _tell(project, journal, ledger)
    left_out = tell_unreadable(journal)
    if as_json:
        facts = [_facts(project, name, listed) for name, listed in ledger.pending.items()]
        is_one = environment is not None and environment not in project.groups
        show_json(facts[0] if is_one else facts)
    else:
        _show(project, ledger, there.option)
    left = [each for listed in ledger.pending.values() for each in listed]
    left_out = left_out or any(each.state == "unreadable" for each in left)
    return 1 if left_out or (strict and left) or (check and any(each.fails for each in left)) else 0


def _tell(project: Project, journal: Journal | None, ledger: Ledger) -> None:
    """Say what was asked where there is no journal, and which records count."""
    if journal is None:
        tell(f"there is no journal at {Journal(project.journal).where}: only records say what was signed off")
    elif others := unknown_to(journal, project):
        tell(others)
    if ledger.by_record:
        records = "1 record counts" if len(ledger.by_record) == 1 else f"{len(ledger.by_record)} records count"
        tell(shortened(f"{records} where the journal knows nothing: {', '.join(ledger.by_record)}"))
    for each in ledger.passed_over:
        tell(each)


def _facts(project: Project, environment: str, listed: Iterable[Pending]) -> dict[str, Any]:
    each_with_link = [{**each.to_json(), "link": _link(project, each)} for each in listed]
    return {"environment": environment, "pending": each_with_link}


def _link(project: Project, each: Pending) -> str | None:
    """Where an open runbook is worked on; None where `open_url` does not say it."""
    if each.runbook is None or each.state == "abandoned":
        return None
    return project.link(each.runbook) or None


def goes_on_with(project: Project, each: Pending, option: str = "") -> str:
    """What to run, or which link to follow, to go on; `option` names the revision that was asked for."""
    if each.state in NOT_MADE:
        there = project.runbook_path(f"{each.environment}/{each.release}")
        if there.exists():  # a clone without the journal, or one that CI made detached
            return f"nbrunbook work {shlex.quote(project.relative(there))}"
    if each.state in (*NOT_MADE, "abandoned"):
        again = " --again" if each.state == "abandoned" else ""
        path = shlex.quote(each.template or each.release)
        return f"nbrunbook instantiate {path} -e {shlex.quote(each.environment)}{again}{option}"
    if each.failing:
        return f"nbrunbook check {shlex.join([each.runbook or '', *(found.step for found in each.failing)])}"
    verb = "sign-off" if each.state == "not signed off" else "work"
    return _link(project, each) or f"nbrunbook {verb} {shlex.quote(each.runbook or '')}"


def _cells(each: Pending, clock: Clock, *more: str) -> list[TonedText]:
    state = TonedText(text=each.words(clock), tone=TONES.get(each.state, ""))
    return [_bare(each.environment), _bare(each.release), state, *map(_bare, more)]


def _bare(text: str) -> TonedText:
    return TonedText(text=text)


def _show(project: Project, ledger: Ledger, option: str) -> None:
    clock = local(now())
    found = [each for listed in ledger.pending.values() for each in listed]
    todo = [as_called(goes_on_with(project, each, option)) for each in found]
    on_terminal = width() is not None
    cells = [_cells(each, clock, *(() if on_terminal else [to_run])) for each, to_run in zip(found, todo, strict=True)]
    lines = overview.laid_out(cells, styled) if cells else []
    for each, line, to_run in zip(found, lines, todo, strict=True):
        show_styled(line)
        if why := each.why(clock):
            show(f"    {shortened(one_line(why))}")
        if on_terminal:
            show_code(f"    {to_run}")
    for name, listed in ledger.pending.items():
        if not listed:
            show(f"{name}: nothing is pending")
    if not ledger.pending:
        tell("no environment is declared, and none is known")
