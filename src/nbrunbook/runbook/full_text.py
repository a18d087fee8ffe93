"""A section in full, as plain text: what is written in it, with the steps in place and what is said of them."""

from __future__ import annotations

import html
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from nbrunbook.documents import source
from nbrunbook.documents.markdown.html import Slots, draw
from nbrunbook.documents.markdown.reading import read_markdown
from nbrunbook.documents.markdown.text import BESIDE, BLANK, SAID, STEP, plain_text
from nbrunbook.documents.tasklist import MARKERS
from nbrunbook.errors import visible
from nbrunbook.runbook.plain import ASCII_BOXES, depth, step_text
from nbrunbook.runbook.plan import Plan
from nbrunbook.runbook.progress import Progress
from nbrunbook.runbook.run_words import output_lines
from nbrunbook.runbook.sections import Section
from nbrunbook.runbook.times import Clock
from nbrunbook.runbook.words import home_about, section_about


def home_lines(progress: Progress, home: str, links: Callable[[str], str], clock: Clock) -> list[str]:
    """Return all that is drawn in the cell of a section: itself, and what revisions have put behind it, as lines."""
    lines = home_about(progress, home)
    for section_id in progress.homes[home]:
        title = progress.plan.section(section_id).title
        is_new = title and progress.was_called(section_id) != title
        lines += ["", progress.heading(section_id), ""] if is_new else []
        lines += section_lines(progress, section_id, links, clock)
    return lines


def section_lines(progress: Progress, section_id: str, links: Callable[[str], str], clock: Clock) -> list[str]:
    """Return a section without its title; of each step its title, id, state, text and code, in its place."""
    plan = progress.plan

    def box(step_id: str) -> str:
        step = plan.by_id[step_id]
        return f"{'-' if step.is_group else ASCII_BOXES[progress.of(step_id).status]} "

    def said(step_id: str) -> str:
        _, *lines = step_text(progress, plan.by_id[step_id], clock)
        written = [f"│ {line}" for line in output_lines(progress.of(step_id))]
        return f"{BLANK}{BLANK}({html.escape(step_id)}){_own(SAID, [*(line.strip() for line in lines), *written])}"

    def beside(step_id: str) -> str:
        return _own(BESIDE, _added(progress, step_id, clock))

    slots = Slots(item=lambda step_id: f'{STEP}="{html.escape(step_id)}"', box=box, row=said, below=beside)
    fill = plan.fill(links, {**plan.not_yet_known, **progress.evidence_by_name()})
    return [*section_about(progress, section_id, clock), *plain_text(draw(plan.section(section_id).text, fill, slots))]


def markdown(progress: Progress, section: Section) -> str:
    """Return a section's Markdown, its steps' ids pinned in it, with values put in where they can be."""
    plan = progress.plan
    fill = plan.fill(replace(plan, images={}).link_from(""), {**plan.not_yet_known, **progress.evidence_by_name()})
    try:
        return source.fill_source(section.text, fill)
    except ValueError:
        return section.text


def bodies(plan: Plan, text: str) -> dict[str, str]:
    """Return by its id what is written under the title of each step of a section, in Markdown."""
    document = read_markdown(text, plan.references)
    lines = document.text.split("\n")
    return {item.id: _unindented(item.body, lines[item.line]) for item in document.items if item.id}


def _unindented(body: str, first: str) -> str:
    """What is indented under an item, from the column on in which its text begins."""
    marker = MARKERS.match(first)
    width = len(marker[0]) if marker else 0
    lines = [line[min(width, len(line) - len(line.lstrip(" "))) :] for line in body.split("\n")]
    return "\n".join(lines).strip("\n")


def _added(progress: Progress, step_id: str, clock: Clock) -> Iterator[str]:
    """The steps that operators have put behind one, from the column on in which that one stands."""
    for added in progress.added_behind.get(step_id, ()):
        step = progress.plan.by_id[added]
        indent = "  " * depth(progress.plan, step)
        yield from (line.removeprefix(indent) for line in step_text(progress, step, clock, ids=True))
        yield from _added(progress, added, clock)


def _own(element: str, lines: Iterable[str]) -> str:
    return f"<{element}>{html.escape(visible(chr(10).join(lines)))}</{element}>"
