"""Overviews: many runbooks at one glance. Pure rules of what is drawn; nothing here reads.

A table has one line a runbook, a matrix one row a release and one column an environment.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import accumulate
from typing import Any

from nbrunbook.errors import one_line, visible
from nbrunbook.journal.entries import RunbookRow
from nbrunbook.project.settings import Project
from nbrunbook.runbook import looks, running
from nbrunbook.runbook.events import Event
from nbrunbook.runbook.plain import Tone, TonedText
from nbrunbook.runbook.progress import Progress
from nbrunbook.runbook.status import LIFE, State
from nbrunbook.runbook.times import Clock
from nbrunbook.runbook.waiting import blocked_by, is_overdue
from nbrunbook.runbook.words import state_words
from nbrunbook.texts import columns_of
from nbrunbook.work.asked_for import runbook_number

NOTHING = "–"
BAR = 10
"""Characters of a progress bar."""
LONGEST_KEY = 60
ROWS = 20
"""Releases in a matrix; earlier ones are left out where nothing is open in them."""

Order = Callable[[str], Any]
"""From a release's name to what it is sorted by."""


@dataclass(frozen=True, kw_only=True)
class RunbookLine:
    """Where one runbook stands."""

    key: str
    release: str
    environment: str
    progress: Progress | None = None
    """Its progress; None for a closed one, whose events nobody had to read."""
    closed: Event | None = None
    """The event that closed it; None for an open one."""
    overdue: int = 0
    """How many of its steps are."""
    revised: bool = False
    """Whether its template changed since, so that a revision waits."""
    failing: tuple[Event, ...] = ()
    """What says of checks that they fail since the sign-off."""

    @property
    def state(self) -> State:
        """Its state, by its progress or by the event that closed it."""
        if self.progress is not None:
            return self.progress.state
        return LIFE.get(("open", self.closed.kind), "open") if self.closed else "open"


def line(row: RunbookRow, progress: Progress, *, now: datetime, revised: bool = False) -> RunbookLine:
    """Return the line of a runbook whose progress is known; `revised` where a revision waits."""
    late = len(overdue(progress, now=now))
    return RunbookLine(
        key=row.key, release=row.release, environment=row.environment, progress=progress, overdue=late, revised=revised
    )


def overdue(progress: Progress, *, now: datetime) -> list[str]:
    """Return the ids of the open steps that should have been settled by now; none where it is closed."""
    if progress.state != "open":
        return []
    return [step.id for step in progress.open_steps if is_overdue(progress, step, now=now)]


def waiting(progress: Progress, *, now: datetime) -> list[str]:
    """Return the ids of the open steps whose turn has not come; none where it is closed."""
    if progress.state != "open":
        return []
    return [step.id for step in progress.open_steps if blocked_by(progress, step, now=now)]


def owners(progress: Progress) -> list[str]:
    """Return the owners of the open steps, each once; none where it is closed."""
    return sorted({step.owner for step in progress.open_steps if step.owner}) if progress.state == "open" else []


def acts_for(person: str, project: Project) -> set[str]:
    """Return the owners that a person, or an owner by name, answers for, in small letters."""
    name = project.operators.get(person, person).lower()
    roles = {
        owner.lower()
        for owner, people in project.owners.items()
        if name in {project.operators.get(each, each).lower() for each in people}
    }
    return {name, person.lower(), *roles}


# A table


def bar(settled: int, total: int) -> str:
    """Return a progress bar and the count: ██████░░░░ 6/9. It is full only where all is settled."""
    filled = BAR if settled >= total else min(BAR - 1, settled * BAR // total)
    return f"{'█' * filled}{'░' * (BAR - filled)} {settled}/{total}"


def table(lines: Sequence[RunbookLine], *, bars: bool, clock: Clock) -> list[list[TonedText]]:
    """Return a row for each runbook: its key, how far it is, its state; in words where `bars` are not wanted."""
    return [[TonedText(text=_short(each.key)), *_about(each, bars=bars, clock=clock)] for each in lines]


def _about(each: RunbookLine, *, bars: bool, clock: Clock) -> Iterator[TonedText]:
    progress, late = each.progress, TonedText(text=f"{each.overdue} overdue", tone="late") if each.overdue else None
    fails = "; ".join(looks.all_words(each.failing, clock))
    tone: Tone = "good" if each.state == "signed_off" else ""
    if progress is None:
        yield TonedText(text="")
        yield TonedText(text=_closed_words(each, clock), tone=tone)
        if fails:
            yield TonedText(text=fails, tone="late")
        return
    counted = bar(progress.settled, progress.total) if bars else progress.summary()
    yield TonedText(text=counted, tone=tone)
    yield TonedText(text=one_line(state_words(progress, clock)), tone=tone)
    if late:
        yield late
    for state, words in running.in_short(progress):
        yield TonedText(text=words, tone="" if state == "running" else "late")
    if each.revised:
        yield TonedText(text="a revision waits")


def _closed_words(each: RunbookLine, clock: Clock) -> str:
    verb, event = each.state.replace("_", " "), each.closed
    return f"{verb} by {event.operator} ({event.known}), {clock(event.at)}" if event else verb


# A matrix


def columns(environments: Iterable[str], project: Project) -> list[tuple[str, tuple[str, ...]]]:
    """Return the environments by their groups, those that are declared first, in the order declared.

    An environment without a group stands in one of no name.
    """
    there = set(environments)
    ordered = [name for name in project.environments if name in there]
    ordered += sorted(there - set(ordered))
    grouped: dict[str, list[str]] = {}
    for name in ordered:
        grouped.setdefault(project.settings(name).group or f"\0{name}", []).append(name)
    return [("" if group.startswith("\0") else group, tuple(names)) for group, names in grouped.items()]


def matrix(
    lines: Sequence[RunbookLine],
    groups: Sequence[tuple[str, tuple[str, ...]]],
    *,
    clock: Clock,
    order: Order | None = None,
) -> tuple[list[list[TonedText]], int]:
    """Return the rows, heads first, and how many earlier releases were left out.

    `lines` stand in the order in which the runbooks were made. `order` sorts the releases;
    without one they stand in the order in which they were first seen.
    """
    releases = list(dict.fromkeys(each.release for each in lines))
    if order is not None:
        releases.sort(key=order)
    deciding = _deciding(lines)
    opened = {each.release for each in deciding.values() if each.state == "open"}
    shown = [each for number, each in enumerate(releases) if each in opened or number >= len(releases) - ROWS]
    names = [name for _, members in groups for name in members]
    rows = [
        [TonedText(text=_short(release)), *(_cell(deciding.get((name, release)), clock) for name in names)]
        for release in shown
    ]
    return [*_heads(groups), *rows], len(releases) - len(shown)


def _deciding(lines: Iterable[RunbookLine]) -> Mapping[tuple[str, str], RunbookLine]:
    """For each deployment the runbook that decides (see `asked_for.deciding_runbook`), else its latest one."""
    found: dict[tuple[str, str], RunbookLine] = {}
    for each in sorted(lines, key=lambda line: (line.state != "abandoned", runbook_number(line.key))):
        found[each.environment, each.release] = each
    return found


def _heads(groups: Sequence[tuple[str, tuple[str, ...]]]) -> Iterator[list[TonedText]]:
    if any(group for group, _ in groups):
        above = [group if number == 0 else "" for group, names in groups for number, _ in enumerate(names)]
        yield [TonedText(text=text, tone="faint") for text in ("", *above)]
    yield [TonedText(text=_short(text)) for text in ("", *(name for _, names in groups for name in names))]


def _cell(each: RunbookLine | None, clock: Clock) -> TonedText:
    if each is None:
        return TonedText(text=NOTHING, tone="faint")
    if each.progress is not None and each.state == "open":
        counted = f"{each.progress.settled}/{each.progress.total}"
        return _open_cell(each, each.progress, counted)
    event = each.closed
    if each.failing and event is not None:
        return TonedText(text=f"✓ {clock.date(event.at)}, check {looks.worst(each.failing)}!", tone="late")
    if each.state == "signed_off" and event is not None:
        return TonedText(text=f"✓ {clock.date(event.at)}", tone="good")
    return TonedText(text=each.state.replace("_", " "), tone="faint")


def _open_cell(each: RunbookLine, progress: Progress, counted: str) -> TonedText:
    states = ["overdue"] if each.overdue else list(running.by_state(progress))
    if not states:
        return TonedText(text=counted)
    is_well = states[0] == "running"
    return TonedText(text=f"{counted} {states[0]}{'' if is_well else '!'}", tone="" if is_well else "late")


# How it is laid out


def laid_out(
    rows: Sequence[Sequence[TonedText]], style: Callable[[str, Tone], str], *, width: int | None = None
) -> list[str]:
    """Return rows as lines of text with their columns aligned, on request cut to a width.

    What a runbook says is made visible first, so that it cannot steer a terminal.
    """
    texts = [[one_line(visible(cell.text)) for cell in row] for row in rows]
    wide = [
        max((columns_of(row[at]) for row in texts if at < len(row)), default=0) for at in range(max(map(len, texts)))
    ]
    found = []
    for row, text in zip(rows, texts, strict=True):
        fitted = (
            text if width is None else [_cut(each, width - sum(wide[:at]) - 2 * at) for at, each in enumerate(text)]
        )
        length = max((at + 1 for at, each in enumerate(fitted) if each), default=0)
        gaps = [" " * (wide[at] - columns_of(fitted[at]) + 2) for at in range(length - 1)]
        styled = [style(each, cell.tone) for each, cell in zip(fitted[:length], row, strict=False)]
        found.append("".join(f"{each}{gap}" for each, gap in zip(styled, [*gaps, ""], strict=False)))
    return found


def blocks(rows: Sequence[Sequence[TonedText]], width: int | None) -> list[list[list[TonedText]]]:
    """Return a matrix as one or more, each narrow enough for a width, each with the releases in front."""
    wide = [max(columns_of(visible(row[at].text)) for row in rows) + 2 for at in range(len(rows[0]))]
    found: list[list[int]] = [[0]]
    for at in range(1, len(wide)):
        used = sum(wide[each] for each in found[-1]) + wide[at] - 2
        if width is not None and used > width and len(found[-1]) > 1:
            found.append([0])
        found[-1].append(at)
    return [[[row[at] for at in chosen] for row in rows] for chosen in found]


def _short(text: str) -> str:
    return _cut(one_line(visible(text)), LONGEST_KEY)


def _cut(text: str, width: int) -> str:
    if columns_of(text) <= width:
        return text
    kept = [at for at, used in enumerate(accumulate(map(columns_of, text)), 1) if used < width]
    return f"{text[: max(kept, default=0)]}…" if width > 0 else ""
