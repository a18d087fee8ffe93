"""nbrunbook status: show how far runbooks are."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from functools import partial
from typing import Any

import click

from nbrunbook.commands import completion
from nbrunbook.commands.about_journal import tell_unreadable
from nbrunbook.commands.options import environment_option, json_option, of_release_option
from nbrunbook.commands.terminal import show, show_code, show_json, show_line, show_styled, styled, tell, width
from nbrunbook.journal.entries import RunbookRow
from nbrunbook.journal.journal import Journal
from nbrunbook.project import versions
from nbrunbook.project.settings import Project
from nbrunbook.runbook import board_text, removed_words, words
from nbrunbook.runbook.events import Event, now
from nbrunbook.runbook.offers import next_step
from nbrunbook.runbook.plain import Tone, TonedText, shortened, toned_steps
from nbrunbook.runbook.plan import Step
from nbrunbook.runbook.remedies import of_unknown
from nbrunbook.runbook.running import by_state
from nbrunbook.runbook.times import Clock, local
from nbrunbook.texts import many
from nbrunbook.work import boards, deployments, overview, selection, waiting_revision
from nbrunbook.work.facts import runbook_facts
from nbrunbook.work.following import Following
from nbrunbook.work.lost_journals import existing_journal, place
from nbrunbook.work.naming import project_here, unknown_to
from nbrunbook.work.overview import Order, RunbookLine
from nbrunbook.work.selection import Filter

ORDER: Order = versions.key
"""What a matrix's releases are sorted by."""
BELOW, BOARD_LINES = "    │ ", 14
"""What a board stands behind, and how high it is: `nbrunbook batch status` shows all of it."""
FENCE = re.compile("`+")


@click.command(name="status")
@click.argument("key", metavar="[KEY]", required=False, shell_complete=completion.any_keys)
@environment_option("Only what is there.")
@of_release_option
@click.option("--open", "open_only", is_flag=True, help="Only what is open.")
@click.option("--overdue", is_flag=True, help="Only where a step is overdue.")
@click.option("--owner", metavar="NAME", default="", help="Only where an open step is for an owner, or for a person.")
@click.option("--full", is_flag=True, help="Show with each step what is to be done: texts, links, code to copy.")
@json_option
@click.option("--check", is_flag=True, help="Exit with 1 while something required is open in what is shown.")
def command(key: str | None, full: bool, as_json: bool, check: bool, **asked: Any) -> int:
    """Show how far a runbook is, step by step, or how far all of them are.

    Without KEY: releases by environments, and what is open. A KEY with a group in it, such as
    production/1.0, shows the runbooks of all its environments.

    With --full it can be worked through in a terminal: the texts of sections and steps in place, links with
    their targets, and code from the first column on, to the letter.

    \b
    Example:
      nbrunbook status -e production --open
    """
    project, wanted = project_here(tell=tell), Filter(**asked)
    if key and wanted != Filter():
        raise click.UsageError("KEY, or which ones: not both")
    if full and not key:
        raise click.UsageError("--full shows one runbook: give its KEY")
    journal = existing_journal(project)
    if check:
        journal.check_indexes()
    if key or as_json:
        rows = _of_key(journal, project, key) if key else selection.rows(journal, project, wanted)
        found = selection.meant(journal, project, rows, wanted)
        if as_json:
            show_json({"runbooks": [runbook_facts(each, project, full=full) for each in found]})
        else:
            _show_each(found, project, full=full)
    else:
        found = _show_many(journal, project, wanted)
    left_out = tell_unreadable(journal)
    tell(f"journal: {place(project, journal)}")
    unfinished = any(selection.is_unfinished(each.progress) for each in found)
    return 1 if check and unfinished else left_out


def _of_key(journal: Journal, project: Project, key: str) -> list[RunbookRow]:
    found = selection.of_key(journal, project, key)
    for environment, row in found.items():
        if row is None:
            tell(f"{environment} has no runbook {key.partition('/')[2]}")
    return [row for row in found.values() if row is not None]


# Many


def _show_many(journal: Journal, project: Project, wanted: Filter) -> list[Following]:
    """Show the matrix, where there is one, and a table; return the runbooks that are open."""
    rows = selection.rows(journal, project, wanted)
    closed = {} if wanted.only_open else journal.closed(rows)
    opened = selection.meant(journal, project, [row for row in rows if row.digest not in closed], wanted)
    failing = deployments.failing(journal, rows, closed)
    known = {each.runbook.digest: _line(each, project) for each in opened}
    lines = [
        known.get(row.digest) or _closed(row, closed[row.digest], failing.get(row.digest, ()))
        for row in rows
        if row.digest in {**known, **closed}
    ]
    in_matrix = not wanted.only_open and len({row.environment for row in rows}) > 1
    if in_matrix:
        _show_matrix(lines, project)
    listed = [each for each in lines if each.state == "open"] if in_matrix else lines
    if in_matrix and listed:
        show()
    for each in _table(listed):
        show_styled(each)
    if not lines:
        tell(unknown_to(journal, project) or _none(wanted))
    return opened


def _none(wanted: Filter) -> str:
    """Say that nothing is as it was asked for."""
    if not wanted.only_open:
        return "no runbook"
    none = "no runbook is overdue" if wanted.overdue else "no runbook is open"
    return f"{none} with a step for {wanted.owner}" if wanted.owner else none


def _line(each: Following, project: Project) -> RunbookLine:
    return overview.line(each.runbook, each.progress, now=now(), revised=waiting_revision.waits(each, project))


def _closed(row: RunbookRow, event: Event, failing: tuple[Event, ...]) -> RunbookLine:
    return RunbookLine(key=row.key, release=row.release, environment=row.environment, closed=event, failing=failing)


def _table(lines: Sequence[RunbookLine]) -> list[str]:
    """On a terminal with bars and aligned; elsewhere in words, two spaces between them."""
    wide = width()
    rows = overview.table(lines, bars=wide is not None, clock=local(now()))
    if wide is not None:
        return overview.laid_out(rows, styled, width=wide) if rows else []
    return [
        shortened("  ".join(each for each in overview.laid_out([[cell] for cell in row], _plain) if each))
        for row in rows
    ]


def _show_matrix(lines: Sequence[RunbookLine], project: Project) -> None:
    groups = overview.columns({each.environment for each in lines}, project)
    rows, left_out = overview.matrix(lines, groups, clock=local(now()), order=ORDER)
    for number, block in enumerate(overview.blocks(rows, width())):
        if number:
            show()
        for each in overview.laid_out(block, styled):
            show_styled(each)
    if left_out:
        show(f"… and {many(left_out, 'earlier release')} in which nothing is open")


def _plain(text: str, _: Tone) -> str:
    return text


# One by one


def _show_each(opened: Sequence[Following], project: Project, *, full: bool) -> None:
    for number, each in enumerate(opened):
        if number:
            show()
        _show_head(each, project)
        if full:
            _show_full(each, project)
        else:
            _show_steps(each)
        _show_unknown(each)
        removed = removed_words.removed_text(each.progress, local(now()))
        if removed:
            show("\nRemoved in a revision")
        for text in removed:
            show_line(shortened(text))


def _show_unknown(following: Following) -> None:
    unknown = by_state(following.progress).get("unknown", ())
    if unknown:
        show("\nNobody knows what became of", "late")
    for step in unknown:
        show_line(f"{step.id}: {of_unknown(following.key, step)}")


def _show_head(following: Following, project: Project) -> None:
    progress = following.progress
    tone: Tone = "good" if progress.state == "signed_off" else "strong"
    show(f"{following.key}  {progress.summary()}  {words.state_words(progress, local(now()))}", tone)
    waits = waiting_revision.revision_waits_words(following, project)
    if waits:
        show(waits)
    if not_committed := words.uncommitted(following.template):
        show_line(shortened(f"not committed: {not_committed}"))
    for note in progress.notes[-1:]:
        show_line(shortened(f"handover: {words.note_words(note, local(now()))}"))


def _show_full(following: Following, project: Project) -> None:
    # Loaded here: what draws Markdown takes longer to load than `status` to answer.
    from nbrunbook.work.full_text import full_text

    found = full_text(following, project, local(now()))
    fence = ""
    for line in ["", *found.lines]:
        if fence or line.startswith("```"):
            show_code(line)
            fence = "" if line == fence else fence or FENCE.match(line)[0]  # type: ignore[index]  # it begins with one
        else:
            show(line)
    if found.missing:
        tell(f"its author's texts between the sections are not shown: {found.missing}")
    if found.left_out:
        tell(
            f"{many(found.left_out, 'cell')} of code left out: 'nbrunbook work {shlex.quote(following.key)}' shows them"
        )


def _show_steps(following: Following) -> None:
    progress, clock = following.progress, local(now())
    step_to_do, waits = next_step(progress, clock)
    next_id = step_to_do.id if step_to_do and not waits else ""
    for section in progress.plan.sections:
        steps = progress.plan.by_section.get(section.id, ())
        if section.title and steps:
            show(f"\n{progress.heading(section.id)}", "strong")
        for about in words.section_about(progress, section.id, clock) if steps else ():
            show(about)
        more = partial(_board, following, clock)
        for each in toned_steps(progress, section.id, clock, ids=True, next_id=next_id, more=more):
            show(each.text, each.tone)


def _board(following: Following, clock: Clock, step: Step) -> list[TonedText]:
    """Where a batch stands that is not done, once somebody has begun it."""
    state = following.progress.of(step.id)
    if step.kind != "batch" or state.settled or (state.run is None and state.last is None):
        return []
    statuses, wide = boards.statuses(following, step), width()
    lines = board_text.drawn(statuses, clock, width=wide and wide - len(BELOW), most=BOARD_LINES)
    return [TonedText(text=f"{BELOW}{each.text}", tone=each.tone) for each in lines]
