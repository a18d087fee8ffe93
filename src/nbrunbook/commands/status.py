"""nbrunbook status: show how far runbooks are."""

from __future__ import annotations

from typing import Any

import click

from nbrunbook import drawing, events, project, renewal
from nbrunbook.commands.opening import json_option, show, show_json
from nbrunbook.journal import Journal
from nbrunbook.operator import declared
from nbrunbook.project import Project
from nbrunbook.session import Session, now

NOBODY = declared("nobody", "typed")
"""Looking needs no operator."""


@click.command(name="status")
@click.argument("key", metavar="[KEY]", required=False)
@json_option
@click.option("--check", is_flag=True, help="Exit with 1 while something required is open.")
def command(key: str | None, as_json: bool, check: bool) -> int:
    """Show how far a runbook is, step by step, or how far all of them are.

    \b
    Example: nbrunbook status staging/1.0 --check
    """
    found = project.find()
    journal = Journal.open(found.journal)
    rows = [journal.runbook(found.name, key)] if key else journal.runbooks(found.name)
    sessions = [Session(journal, row, NOBODY) for row in rows]
    if as_json:
        show_json({"runbooks": [as_facts(each, found) for each in sessions]})
    elif key:
        _show_steps(sessions[0], found)
    else:
        for each in sessions:
            show(f"{each.key}  {each.progress.summary()}  {drawing.state_words(each.progress)}")
    unfinished = any(each.progress.state == "open" and _keeps_open(each) for each in sessions)
    return 1 if check and unfinished else 0


def _keeps_open(session: Session) -> bool:
    return bool(session.progress.required_open or session.progress.unconfirmed_required)


def as_facts(session: Session, found: Project) -> dict[str, Any]:
    """Return a runbook's progress as JSON."""
    done = session.progress
    return {
        "runbook": session.key,
        "release": done.plan.release,
        "environment": done.plan.environment,
        "state": done.state,
        "settled": done.settled,
        "total": done.total,
        "revision_waits": renewal.waits(session, found),
        "steps": [_step(session, step.id) for step in done.plan.steps],
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
        "reason": by.data.get("reason") if by else None,
        "evidence": state.given,
        "reworded": state.reworded is not None,
        "taken_by": state.taken.operator if state.taken else None,
        "added_by": session.progress.added[step_id].event.operator if step_id in session.progress.added else None,
        "notes": [note.data.get("note", "") for note in state.notes],
    }


def _show_steps(session: Session, found: Project) -> None:
    done = session.progress
    show(f"{session.key}  {done.summary()}  {drawing.state_words(done)}")
    waits = renewal.words(session, found)
    if waits:
        show(waits)
    for note in done.notes[-1:]:
        show(drawing.shortened(f"handover: {note.data.get('note', '(redacted)')} — {drawing.who(note)}"))
    for section in done.plan.sections:
        steps = done.plan.by_section.get(section.id, ())
        if section.title and steps:
            show(f"\n{section.title}")
        for each in drawing.section_about(done, section.id) if steps else ():
            show(each)
        for step in steps:
            for text in drawing.step_text(done, step, now=now(), ids=True):
                show(text)
    removed = drawing.removed_text(done)
    for text in ["\nRemoved in a revision", *removed] if removed else ():
        show(drawing.shortened(text))
