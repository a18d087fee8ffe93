"""A plan and its progress as plain text: the command line, and notebooks where no HTML is shown."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from nbrunbook.errors import one_line, visible
from nbrunbook.runbook.plan import Plan, Step
from nbrunbook.runbook.progress import Progress
from nbrunbook.runbook.words import badges, evidence_words, facts, home_about, section_about, step_view, waiting_words

ASCII_BOXES = {"open": "[ ]", "done": "[x]", "skipped": "[-]", "not-applicable": "[/]"}


def home_text(progress: Progress, home: str, *, now: datetime) -> str:
    """Return the same as plain text."""
    drawn = home_about(progress, home)
    for section_id in progress.homes[home]:
        title = "" if section_id == home else f"{progress.heading(section_id)}\n"
        drawn.append(f"{title}{section_text(progress, section_id, now=now)}")
    return visible("\n\n".join(drawn))


def section_text(progress: Progress, section_id: str, *, now: datetime) -> str:
    """Return a section as plain text: one line a step, what is said of it below."""
    lines = section_about(progress, section_id)
    for step in progress.plan.by_section.get(section_id, ()):
        lines += step_text(progress, step, now=now)
    return visible("\n".join(lines))


def step_text(progress: Progress, step: Step, *, now: datetime, ids: bool = False) -> list[str]:
    """Return one step's lines: its box and title, and what there is to say of it."""
    view = step_view(progress, step, now=now)
    indent = "  " * depth(progress.plan, step)
    box = "-" if step.is_group else ASCII_BOXES[view["status"]]
    name = f"  ({step.id})" if ids else ""
    said = [
        " · ".join(badges(progress, step)),
        view["due"] + (" OVERDUE" if view["overdue"] else ""),
        f"not yet: {waiting_words(view)}" if view["waiting"] else "",
        view["line"],
        view["reworded"],
        evidence_words(view),
        *view["notes"],
    ]
    lines = [f"{indent}{box} {progress.title(step)}{name}", *(f"{indent}    {each}" for each in said if each)]
    return [shortened(one_line(each)) for each in lines]


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
    *,
    key: str,
    journal: str,
    how_to_go_live: str,
    revision: str = "",
    origin: Sequence[tuple[str, str]] = (),
) -> str:
    """Return the header as plain text."""
    about = facts(progress, key=key, operator="", journal=journal, revision=revision, origin=origin)
    lines = [one_line(f"{name}: {value}") for name, value in about]
    return visible("\n".join([*lines, "", how_to_go_live]))
