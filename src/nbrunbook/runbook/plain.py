"""A plan and its progress as plain text: the command line, and notebooks where no HTML is shown."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from nbrunbook.errors import one_line, visible
from nbrunbook.runbook.plan import Plan, Step
from nbrunbook.runbook.progress import Progress
from nbrunbook.runbook.times import Clock
from nbrunbook.runbook.words import (
    evidence_words,
    facts,
    home_about,
    is_left_out,
    left_out,
    left_out_words,
    section_about,
    step_view,
    waiting_words,
)

ASCII_BOXES = {"open": "[ ]", "done": "[x]", "skipped": "[-]", "not-applicable": "[/]"}
Tone = Literal["", "good", "late", "faint", "strong"]
"""How a text is meant: settled, overdue, of no concern now, what it is about."""


@dataclass(frozen=True, kw_only=True)
class TonedText:
    """A piece of text, and how it is meant; a tone says nothing that the words do not."""

    text: str
    tone: Tone = ""


def home_text(progress: Progress, home: str, clock: Clock) -> str:
    """Return the same as plain text."""
    drawn = home_about(progress, home)
    for section_id in progress.homes[home]:
        title = "" if section_id == home else f"{progress.heading(section_id)}\n"
        drawn.append(f"{title}{section_text(progress, section_id, clock)}")
    return visible("\n\n".join(drawn))


def section_text(progress: Progress, section_id: str, clock: Clock) -> str:
    """Return a section as plain text: one line a step, what is said of it below."""
    lines = section_about(progress, section_id, clock)
    lines += [each.text for each in toned_steps(progress, section_id, clock)]
    return visible("\n".join(lines))


def toned_steps(
    progress: Progress,
    section_id: str,
    clock: Clock,
    *,
    ids: bool = False,
    next_id: str = "",
    more: Callable[[Step], Iterable[TonedText]] = lambda _: (),
) -> list[TonedText]:
    """Return the lines of a section's steps; those that do not apply here are one line at the end.

    `more` says what stands below a step besides.
    """
    lines: list[TonedText] = []
    for step in progress.plan.by_section.get(section_id, ()):
        if not is_left_out(progress, step):
            lines += [*toned_step(progress, step, clock, ids=ids, is_next=step.id == next_id), *more(step)]
    aside = left_out_words(left_out(progress, section_id))
    return [*lines, TonedText(text=f"{ASCII_BOXES['not-applicable']} {aside}", tone="faint")] if aside else lines


def step_text(progress: Progress, step: Step, clock: Clock, *, ids: bool = False) -> list[str]:
    """Return one step's lines: its box and title, and what there is to say of it."""
    return [each.text for each in toned_step(progress, step, clock, ids=ids)]


def toned_step(
    progress: Progress, step: Step, clock: Clock, *, ids: bool = False, is_next: bool = False
) -> list[TonedText]:
    """Return a step's lines with their tones; `is_next` marks what is to be done next."""
    view = step_view(progress, step, clock)
    indent = "  " * depth(progress.plan, step)
    box = "-" if step.is_group else ASCII_BOXES[view["status"]]
    name = f"  ({step.id})" if ids else ""
    mark = "  ← next" if is_next else ""
    settled: Tone = {"done": "good", "open": ""}.get(view["status"], "faint")  # type: ignore[assignment]
    late: Tone = "late" if view["overdue"] else ""
    waits: Tone = "faint" if view["waiting"] else ""
    said: list[tuple[str, Tone]] = [
        (" · ".join(words for _, words in view["badges"]), settled and "faint"),
        (view["due"] + (" OVERDUE" if view["overdue"] else ""), late),
        (f"not yet: {waiting_words(view)}" if view["waiting"] else "", waits),
        (view["line"], settled and "faint"),
        (view["reworded"], ""),
        (evidence_words(view), settled and "faint"),
        *((f"│ {line}", "faint") for line in view.get("run", {}).get("lines", ())),
        *((note, "") for note in view["notes"]),
    ]
    title: Tone = settled or late or waits or ("strong" if is_next else "")
    lines = [
        (f"{indent}{box} {shortened(one_line(progress.title(step)))}{name}{mark}", title),
        *((f"{indent}    {shortened(one_line(text))}", tone) for text, tone in said if text),
    ]
    return [TonedText(text=text, tone=tone) for text, tone in lines]


LONGEST_LINE = 1_000
"""Characters of one line of text; the record and the widget show the rest."""


def shortened(text: str) -> str:
    """Return text that is cut where it would flood a terminal, and says so."""
    return text if len(text) <= LONGEST_LINE else f"{text[:LONGEST_LINE]}… ({len(text):,} characters)"


def depth(plan: Plan, step: Step) -> int:
    """Return how many steps a step stands below."""
    count = 0
    while step.parent:
        step, count = plan.by_id[step.parent], count + 1
    return count


def header_text(
    progress: Progress,
    clock: Clock,
    *,
    key: str,
    journal: str,
    how_to_go_live: str,
    revision: str = "",
    origin: Sequence[tuple[str, str]] = (),
) -> str:
    """Return the header as plain text."""
    about = facts(progress, clock, key=key, operator="", journal=journal, revision=revision, origin=origin)
    lines = [one_line(f"{name}: {value}") for name, value in about]
    return visible("\n".join([*lines, "", how_to_go_live]))
