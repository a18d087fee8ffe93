"""nbrunbook rehearse: go through a template on trial, for CI."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import click

from nbrunbook import extras
from nbrunbook.commands import completion
from nbrunbook.commands.options import EnvironmentOption, json_option, release_option
from nbrunbook.commands.terminal import show, show_json, tell, tell_error
from nbrunbook.documents import notebook
from nbrunbook.errors import NbrunbookError, one_line
from nbrunbook.project.settings import Project, find_project
from nbrunbook.review import revisions
from nbrunbook.runbook.events import Event
from nbrunbook.template.named import read_named
from nbrunbook.template.planning import Planned, Wanted, plan_runbook
from nbrunbook.work import rehearsal
from nbrunbook.work.session import Session
from nbrunbook.work.settling import RehearsalLine

WIDEST = 48
"""Characters of a column; the last one may be as wide as it is."""


@click.command(name="rehearse")
@click.argument("path", metavar="[TEMPLATE]", required=False, type=click.Path(path_type=Path))
@click.option("--changed", is_flag=True, help="All templates that changed since the branch that the work goes to.")
@click.option(
    "-e",
    "environment",
    cls=EnvironmentOption,
    metavar="ENV",
    shell_complete=completion.environments,
    help="Where to, also a group; without it, the first declared in which it applies.",
)
@click.option("-p", "given", nargs=2, multiple=True, metavar="NAME VALUE", help="A parameter's value.")
@click.option("--checks", is_flag=True, help="Have checks look, and show on stderr what they write.")
@release_option
@json_option
def command(
    path: Path | None,
    changed: bool,
    environment: str | None,
    given: tuple[tuple[str, str], ...],
    checks: bool,
    release: str | None,
    as_json: bool,
) -> int:
    """Go through a template on trial, for CI: from instantiate to a verified record.

    The author's cells are executed in the project's folder. The journal, the runbook and the
    record are thrown away, and the project's own are not touched. Each step is settled as operators
    would: approved by a second one, with evidence of the kind that it asks for, waits over,
    sections opened. What waits for other runbooks is skipped. What a machine does is loaded and not
    run; with --checks its checks look, and one that does not pass is told and done by hand.

    One table says what happened: a step's id (or instantiate, execute, sign-off, archive,
    verify), its title, its owner, and what came of it.
    The exit status is 1 where anything does not work; the table ends there.
    It needs nbrunbook[ci].

    \b
    Example:
      nbrunbook rehearse templates/1.0.ipynb -e staging
    """
    extras.require("ci", "a rehearsal makes a runbook and its record")
    notebook.skip_iri_checks()
    if (path is None) is not changed:
        raise click.UsageError("Name one TEMPLATE, or --changed for all that changed.")
    project = find_project()
    members = project.members(environment) if environment else ()
    faults = 0
    paths = [path] if path else rehearsal.templates_to_try(project, revisions.branch_of(project))
    for each, name in [(each, name) for each in paths for name in members or (None,)]:
        if changed and not as_json:
            show(one_line(f"{each}:"))
        try:
            where = name or rehearsal.where_to_try(project, each)
            wanted = Wanted(environment=where, given=dict(given), release=release)
            planned = plan_runbook(project, read_named(project, each), wanted)
            _rehearse(project, planned, checks=checks, as_json=as_json)
        except NbrunbookError as error:
            if path:
                raise
            tell_error(error)
            faults += 1
    return 1 if faults else 0


def _rehearse(project: Project, planned: Planned, *, checks: bool, as_json: bool) -> None:
    lines: list[RehearsalLine] = []
    fault: NbrunbookError | None = None
    try:
        rehearsal.rehearse(planned, project, lines.append, partial(_look, project) if checks else None)
    except NbrunbookError as error:
        fault = error
    about = {"release": planned.plan.release, "environment": planned.plan.environment}
    if as_json:
        show_json({**about, **_as_facts(lines, fault)})
    else:
        _show(lines)
    if fault is not None:
        raise fault


def _look(project: Project, session: Session, step_id: str) -> Event | None:
    # Loaded when a check looks: the rest needs none of it.
    from nbrunbook.automation import rehearsing
    from nbrunbook.commands.running import Shown

    tell(f"{step_id}:")
    output = Shown(err=True)
    end = rehearsing.look(session, project, step_id, output)
    output.end()
    return end


def _as_facts(lines: Sequence[RehearsalLine], fault: NbrunbookError | None) -> dict[str, Any]:
    return {"works": fault is None, "fault": str(fault) if fault else None, "lines": [asdict(line) for line in lines]}


def _show(lines: Sequence[RehearsalLine]) -> None:
    rows = [tuple(map(_cut, (line.what, line.title, line.owner))) for line in lines]
    widths = [max((len(cell) for cell in column), default=0) for column in zip(*rows, strict=True)]
    for line, row in zip(lines, rows, strict=True):
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=True)]
        show("  ".join([*cells, line.happened]))


def _cut(text: str) -> str:
    return text if len(text) <= WIDEST else f"{text[: WIDEST - 1]}…"
