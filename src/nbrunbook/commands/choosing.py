"""What `work` offers without a key: the runbooks that are open, late ones first, and the releases that have none."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import click

from nbrunbook.commands import instantiate
from nbrunbook.commands.pending import goes_on_with
from nbrunbook.commands.terminal import show, show_code, show_styled, styled, tell, width
from nbrunbook.errors import RefusedError
from nbrunbook.journal.journal import Journal
from nbrunbook.project.settings import Project
from nbrunbook.runbook import events, running
from nbrunbook.runbook.plain import TonedText
from nbrunbook.runbook.times import local
from nbrunbook.texts import many
from nbrunbook.work import deployments, overview
from nbrunbook.work.following import Following
from nbrunbook.work.ledger import find_pending
from nbrunbook.work.pending import NOT_MADE, Pending


@dataclass(frozen=True, kw_only=True)
class Choice:
    """A runbook to work on, or a release that has none yet."""

    key: str
    words: str
    late: int = 0
    """How many of its steps are overdue."""
    pending: Pending | None = None
    """The release without a runbook; None for a runbook that is open."""
    to_run: str = ""
    """The command that makes its runbook, or takes its file into the journal."""


def choices(project: Project, journal: Journal | None) -> list[Choice]:
    """Return what could be worked on: open runbooks, those with overdue steps first, the older ones before the others.

    The journal remembers those that cannot be read.
    """
    opened = sorted(_open(project, journal), key=lambda each: not each.late) if journal else []
    return [*opened, *_pending(project, journal)]


def _open(project: Project, journal: Journal) -> Iterator[Choice]:
    for row in journal.runbooks(project.name, open_only=True):
        with journal.passing_over(row.key):
            progress = Following(journal, row, project=project).progress
            late = len(overview.overdue(progress, now=events.now()))
            words = ", ".join([progress.summary(), *(each for _, each in running.in_short(progress))])
            yield Choice(key=row.key, words=words, late=late)


def _pending(project: Project, journal: Journal | None) -> Iterator[Choice]:
    environments = deployments.environments(project, journal)
    clock = local(events.now())
    for listed in find_pending(project, environments, journal=journal, now=clock.now).pending.values():
        for each in listed:
            if each.state in (*NOT_MADE, "abandoned"):
                to_run = goes_on_with(project, each)
                yield Choice(
                    key=f"{each.environment}/{each.release}", words=each.words(clock), pending=each, to_run=to_run
                )


def show_choices(found: Sequence[Choice]) -> None:
    """Print one line each, as a result; on a terminal a command to copy has a line of its own."""
    for each in found:
        words = [each.key, each.words, f"{each.late} overdue" if each.late else ""]
        if width() is None:
            show("  ".join(filter(None, [*words, each.to_run])))
            continue
        show("  ".join(filter(None, words)))
        if each.to_run:
            show_code(f"    {each.to_run}")


def choose(project: Project, found: Sequence[Choice]) -> str:
    """Ask which one is meant, on stderr, and return its key, or the file that makes it; one that is missing is made.

    RefusedError where it is missing, and nobody wants it to be made.
    """
    cells = [_cells(number, each) for number, each in enumerate(found, 1)]
    for line in overview.laid_out(cells, lambda text, tone: styled(text, tone, sys.stderr)):
        show_styled(line, sys.stderr)
    asked = "Which one? A number or a key"
    chosen: Choice | str = click.prompt(asked, default="1", err=True, value_proc=lambda said: _meant(said, found))
    if isinstance(chosen, str) or chosen.pending is None:
        return chosen if isinstance(chosen, str) else chosen.key
    return _made(project, chosen, chosen.pending)


def _cells(number: int, each: Choice) -> list[TonedText]:
    late = [TonedText(text=f"{each.late} overdue", tone="late")] if each.late else []
    words = TonedText(text=each.words, tone="faint" if each.pending else "")
    return [TonedText(text=f"{number:>3}"), TonedText(text=each.key), words, *late]


def _meant(said: str, found: Sequence[Choice]) -> Choice | str:
    """The one of a number or a key; another key as it is, since what is closed can be opened, too."""
    said = said.strip()
    if said.isdecimal() and 1 <= int(said) <= len(found):
        return found[int(said) - 1]
    if "/" not in said:
        raise click.BadParameter(f"{said!r} is no number of {many(len(found), 'line')}, and no key")
    return next((each for each in found if each.key == said), said)


def _made(project: Project, chosen: Choice, pending: Pending) -> str:
    path = project.runbook_path(chosen.key)
    if pending.state in NOT_MADE and path.exists():  # its journal is another one: see `goes_on_with`
        return str(path)
    tell(f"{chosen.key} has no runbook; to make it: {chosen.to_run}")
    if not click.confirm("Make it now?", default=True, err=True):
        raise RefusedError(f"cannot open {chosen.key}", "it has no runbook", f"'{chosen.to_run}' makes it")
    template = pending.template or pending.release
    return instantiate.make_one(project, template, pending.environment, again=pending.state == "abandoned")
