"""nbrunbook status: show how far runbooks are."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import click

from nbrunbook.commands.options import json_option
from nbrunbook.commands.terminal import show, show_json, tell
from nbrunbook.journal.entries import RunbookRow
from nbrunbook.journal.journal import Journal
from nbrunbook.project import versions
from nbrunbook.project.operator import NOBODY
from nbrunbook.project.settings import Project, find_project
from nbrunbook.runbook import events, phrases
from nbrunbook.runbook.events import Event, now
from nbrunbook.runbook.plain import shortened, step_text
from nbrunbook.runbook.status import REDACTED
from nbrunbook.work import overview, revision
from nbrunbook.work.opening import known_runbook
from nbrunbook.work.overview import Line, Order, Tone
from nbrunbook.work.session import Session

ORDER: Order = versions.key
"""What a matrix's releases are sorted by."""

COLOURS: dict[Tone, dict[str, Any]] = {
    "good": {"fg": "green"},
    "late": {"fg": "red", "bold": True},
    "faint": {"dim": True},
}


@dataclass(frozen=True, kw_only=True)
class Filter:
    """Which runbooks were asked for; what is empty asks for nothing."""

    environment: str = ""
    release: str = ""
    open_only: bool = False
    overdue: bool = False
    owner: str = ""

    @property
    def only_open(self) -> bool:
        """Whether a closed runbook cannot be meant."""
        return self.open_only or self.overdue or bool(self.owner)


@click.command(name="status")
@click.argument("key", metavar="[KEY]", required=False)
@click.option("-e", "environment", metavar="ENV|GROUP", default="", help="Only what is there.")
@click.option("--release", metavar="NAME", default="", help="Only of one release.")
@click.option("--open", "open_only", is_flag=True, help="Only what is open.")
@click.option("--overdue", is_flag=True, help="Only where a step is overdue.")
@click.option("--owner", metavar="NAME", default="", help="Only where an open step is for an owner, or for a person.")
@json_option
@click.option("--check", is_flag=True, help="Exit with 1 while something required is open in what is shown.")
def command(key: str | None, as_json: bool, check: bool, **asked: Any) -> int:
    """Show how far a runbook is, step by step, or how far all of them are.

    Without KEY: releases by environments, and what is open. A KEY with a group in it, such as
    production/1.0, shows the runbooks of all its environments.

    \b
    Example: nbrunbook status -e production --open
    """
    project, wanted = find_project(), Filter(**asked)
    if key and wanted != Filter():
        raise click.UsageError("KEY, or which ones: not both")
    journal = Journal.open(project.journal)
    opened: Sequence[Session]
    if key or as_json:
        rows = _named(journal, project, key) if key else _asked(journal, project, wanted)
        opened = [each for each in _sessions(journal, project, rows) if _is_meant(each, wanted, project)]
        _show_json(opened, project) if as_json else _show_each(opened, project)
    else:
        opened = _show_many(journal, project, wanted)
    unfinished = any(each.progress.state == "open" and _keeps_open(each) for each in opened)
    return 1 if check and unfinished else 0


def _keeps_open(session: Session) -> bool:
    return bool(session.progress.required_open or session.progress.unconfirmed_required)


def _named(journal: Journal, project: Project, key: str) -> list[RunbookRow]:
    """The runbook of a key, or those of a release in all environments of a group."""
    group, _, release = key.partition("/")
    if group not in project.groups:
        return [known_runbook(journal, project, key)]
    rows = [journal.find(project.name, f"{each}/{release}") for each in project.members(group)]
    if not any(rows):
        known_runbook(journal, project, key)
    for each, row in zip(project.members(group), rows, strict=True):
        if row is None:
            tell(f"{each} has no runbook {release}")
    return [row for row in rows if row is not None]


def _asked(journal: Journal, project: Project, wanted: Filter) -> list[RunbookRow]:
    environments = project.members(wanted.environment) if wanted.environment else None
    releases = [wanted.release] if wanted.release else None
    return journal.runbooks(project.name, environments=environments, releases=releases, open_only=wanted.only_open)


def _sessions(journal: Journal, project: Project, rows: Sequence[RunbookRow]) -> list[Session]:
    return [Session(journal, row, NOBODY, project=project) for row in rows]


def _is_meant(session: Session, wanted: Filter, project: Project) -> bool:
    if wanted.overdue and not overview.overdue(session.progress, now=now()):
        return False
    names = {each.lower() for each in overview.owners(session.progress)}
    return not wanted.owner or bool(names & overview.acts_for(wanted.owner, project))


# Many


def _show_many(journal: Journal, project: Project, wanted: Filter) -> list[Session]:
    """Show the matrix, where there is one, and a table; return the runbooks that are open."""
    rows = _asked(journal, project, wanted)
    closed = {} if wanted.only_open else journal.closed(rows)
    opened = _sessions(journal, project, [row for row in rows if row.digest not in closed])
    opened = [each for each in opened if _is_meant(each, wanted, project)]
    known = {each.runbook.digest: _line(each, project) for each in opened}
    lines = [
        known.get(row.digest) or _closed(row, closed[row.digest]) for row in rows if row.digest in {**known, **closed}
    ]
    in_matrix = not wanted.only_open and len({row.environment for row in rows}) > 1
    if in_matrix:
        _show_matrix(lines, project)
    listed = [each for each in lines if each.state == "open"] if in_matrix else lines
    if in_matrix and listed:
        show()
    for each in _table(listed):
        click.echo(each)
    if not lines:
        tell(_none(wanted))
    return opened


def _none(wanted: Filter) -> str:
    """Say that nothing is as it was asked for."""
    if not wanted.only_open:
        return "no runbook"
    words = "no runbook is overdue" if wanted.overdue else "no runbook is open"
    return f"{words} with a step for {wanted.owner}" if wanted.owner else words


def _line(each: Session, project: Project) -> Line:
    return overview.line(each.runbook, each.progress, now=now(), revised=revision.waits(each, project))


def _closed(row: RunbookRow, event: Event) -> Line:
    return Line(key=row.key, release=row.release, environment=row.environment, closed=event)


def _table(lines: Sequence[Line]) -> list[str]:
    """On a terminal with bars and aligned; elsewhere in words, two spaces between them."""
    rows = overview.table(lines, bars=_on_terminal())
    if _on_terminal():
        return overview.laid_out(rows, _styled, width=_width()) if rows else []
    return [
        shortened("  ".join(each for each in overview.laid_out([[cell] for cell in row], _plain) if each))
        for row in rows
    ]


def _show_matrix(lines: Sequence[Line], project: Project) -> None:
    groups = overview.columns({each.environment for each in lines}, project)
    rows, left_out = overview.matrix(lines, groups, now=now(), order=ORDER)
    for number, block in enumerate(overview.blocks(rows, _width())):
        if number:
            show()
        for each in overview.laid_out(block, _styled):
            click.echo(each)
    if left_out:
        show(f"… and {left_out} earlier releases in which nothing is open")


def _on_terminal() -> bool:
    return sys.stdout.isatty()


def _width() -> int | None:
    return shutil.get_terminal_size().columns if _on_terminal() else None


def _styled(text: str, tone: Tone) -> str:
    bare = not text or not tone or not _on_terminal() or os.environ.get("NO_COLOR")
    return text if bare else click.style(text, **COLOURS[tone])


def _plain(text: str, _: Tone) -> str:
    return text


# One by one


def _show_json(opened: Collection[Session], project: Project) -> None:
    show_json({"runbooks": [as_facts(each, project) for each in opened]})


def as_facts(session: Session, project: Project) -> dict[str, Any]:
    """Return a runbook's progress as JSON."""
    progress = session.progress
    return {
        "runbook": session.key,
        "release": session.runbook.release,
        "environment": session.runbook.environment,
        "state": progress.state,
        "settled": progress.settled,
        "total": progress.total,
        "overdue": overview.overdue(progress, now=now()),
        "waiting": overview.waiting(progress, now=now()),
        "owners": overview.owners(progress),
        "revision_waits": revision.waits(session, project),
        "steps": [_step(session, step.id) for step in progress.plan.steps],
    }


def _step(session: Session, step_id: str) -> dict[str, Any]:
    state = session.progress.of(step_id)
    by = state.by
    return {
        "id": step_id,
        "title": session.progress.title(session.progress.plan.by_id[step_id]),
        "status": state.status,
        "by": by.operator if by else None,
        "known": by.known if by else None,
        "at": events.instant(by.at) if by else None,
        "for": by.data.get("for") if by else None,
        "reason": _reason(by) if by else None,
        "evidence": session.progress.given(session.progress.plan.by_id[step_id]),
        "settled_in": state.where or None,
        "reworded": state.reworded is not None,
        "taken_by": state.taken.operator if state.taken else None,
        "added_by": session.progress.added[step_id].event.operator if step_id in session.progress.added else None,
        "notes": [note.data.get("note", REDACTED) for note in state.notes],
    }


def _reason(by: Event) -> str | None:
    return REDACTED if by.redacted and by.kind == "skipped" else by.data.get("reason")


def _show_each(opened: Sequence[Session], project: Project) -> None:
    for number, each in enumerate(opened):
        if number:
            show()
        _show_steps(each, project)


def _show_steps(session: Session, project: Project) -> None:
    progress = session.progress
    show(f"{session.key}  {progress.summary()}  {phrases.state_words(progress)}")
    waits = revision.revision_waits_words(session, project)
    if waits:
        show(waits)
    for note in progress.notes[-1:]:
        show(shortened(f"handover: {note.data.get('note', REDACTED)} — {phrases.who(note)}"))
    for section in progress.plan.sections:
        steps = progress.plan.by_section.get(section.id, ())
        if section.title and steps:
            show(f"\n{section.title}")
        for each in phrases.section_about(progress, section.id) if steps else ():
            show(each)
        for step in steps:
            for text in step_text(progress, step, now=now(), ids=True):
                show(text)
    removed = phrases.removed_text(progress)
    for text in ["\nRemoved in a revision", *removed] if removed else ():
        show(shortened(text))
