"""A plan and its progress as HTML: the widget, the static output and the record all draw a section here."""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import datetime
from typing import Any

from nbrunbook.documents.markdown.html import Slots, draw, escape
from nbrunbook.errors import visible
from nbrunbook.runbook import evidence
from nbrunbook.runbook.phrases import (
    badges,
    evidence_words,
    facts,
    home_about,
    removed_text,
    section_about,
    sign_off_text,
    step_view,
    waiting_words,
)
from nbrunbook.runbook.progress import Progress
from nbrunbook.runbook.status import StepState

GLYPHS = {"open": "☐", "done": "☑", "skipped": "⊘", "not-applicable": "–"}


Files = Callable[[str], bytes | None]
"""From a file's sha256 to its content, or None where it is not known."""


def section_html(
    progress: Progress, section_id: str, links: Callable[[str], str], *, now: datetime, files: Files = lambda _: None
) -> str:
    """Return a section with its boxes in place, as sanitised HTML without anything to click.

    `files` gives the content of evidence that is shown within the page.
    """
    plan = progress.plan
    section = plan.section(section_id)

    def item(step_id: str) -> str:
        step = plan.by_id[step_id]
        kind = "nbr-group" if step.is_group else "nbr-step"
        status = progress.of(step_id).status
        return f'class="{kind}" data-step="{escape(step_id)}" data-status="{status}"'

    def box(step_id: str) -> str:
        if plan.by_id[step_id].is_group:
            return ""
        return f'<span class="nbr-box">{GLYPHS[progress.of(step_id).status]}</span> '

    def row(step_id: str) -> str:
        step = plan.by_id[step_id]
        return _row_html(badges(progress, step), step_view(progress, step, now=now))

    def below(step_id: str) -> str:
        return _file_html(progress.of(step_id), files) + _added_html(step_id)

    def _added_html(step_id: str) -> str:
        items = "".join(
            f"<li {item(added)}>{box(added)}{escape(progress.title(plan.by_id[added]))}{row(added)}{below(added)}</li>"
            for added in progress.added_behind.get(step_id, ())
        )
        return f'<ul class="nbr-added">{items}</ul>' if items else ""

    fill = plan.fill(links, {**plan.not_yet_known, **progress.evidence_by_name()})
    slots = Slots(item=item, box=box, row=row, below=below)
    drawn = draw(section.text, fill, slots)
    return "".join(f'<p class="nbr-about">{escape(each)}</p>' for each in section_about(progress, section_id)) + drawn


def home_html(
    progress: Progress, home: str, links: Callable[[str], str], *, now: datetime, files: Files = lambda _: None
) -> str:
    """Return all that is drawn in the cell of a section: itself, and what revisions have put behind it."""
    drawn = [f'<p class="nbr-about">{escape(each)}</p>' for each in home_about(progress, home)]
    for section_id in progress.homes[home]:
        content = section_html(progress, section_id, links, now=now, files=files)
        drawn.append(content if section_id == home else _put_in_html(progress, section_id, content))
    return "".join(drawn)


def _put_in_html(progress: Progress, section_id: str, content: str) -> str:
    """A section without a cell of its own, under its heading."""
    title = progress.plan.section(section_id).title
    heading = f"<h2>{escape(title)}</h2>" if title else ""
    return f'<div class="nbr-section" data-section="{escape(section_id)}">{heading}{content}</div>'


def removed_html(progress: Progress) -> str:
    """Return the same as a section; empty where no step was ever taken away."""
    items = "".join(f"<li>{escape(visible(each))}</li>" for each in removed_text(progress))
    return f"<h2>Removed in a revision</h2><ul>{items}</ul>" if items else ""


def _file_html(state: StepState, files: Files) -> str:
    """A file that was given as evidence: an image as it is, a text to unfold, and each to take out."""
    event = state.file
    content = files(event.data["file"]) if event else None
    if event is None or content is None:
        return ""
    name, data = event.data.get("name", ""), base64.b64encode(content).decode()
    image = evidence.image_type(content)
    if image:
        return f'<p class="nbr-file"><img alt="Evidence: {escape(name)}" src="data:{image};base64,{data}"></p>'
    link = f'<a download="{escape(name)}" href="data:application/octet-stream;base64,{data}">Save {escape(name)}</a>'
    try:
        shown = f'<pre tabindex="0">{escape(content.decode())}</pre>'
    except UnicodeDecodeError:
        return f'<p class="nbr-file">{link}</p>'
    return f'<div class="nbr-file">{link}<details><summary>Show {escape(name)}</summary>{shown}</details></div>'


def _row_html(marks: list[str], view: dict[str, Any]) -> str:
    """The row begins with a line break, so that it reads well where there is no style sheet."""
    parts = [
        *(f'<span class="nbr-badge">{escape(badge)}</span>' for badge in marks),
        _span("nbr-due nbr-overdue" if view["overdue"] else "nbr-due", _due_words(view)),
        _span("nbr-waiting", view["waiting"] and f"Not yet: {waiting_words(view)}"),
        _span("nbr-line", view["line"]),
        _span("nbr-reworded", view["reworded"]),
        _span("nbr-evidence", evidence_words(view)),
        *(_span("nbr-note", note) for note in view["notes"]),
    ]
    shown = " · ".join(part for part in parts if part)
    return f'<span class="nbr-row"><br><small>{shown}</small></span>' if shown else '<span class="nbr-row"></span>'


def _due_words(view: dict[str, Any]) -> str:
    return f"{view['due']}: overdue" if view["overdue"] else str(view["due"])


SCROLLS = 600
"""Characters from which on a text scrolls in a box of its own, which the keyboard has to reach."""


def _span(name: str, text: str) -> str:
    focus = ' tabindex="0"' if len(text) > SCROLLS else ""
    return f'<span class="{name}"{focus}>{escape(text)}</span>' if text else ""


def header_html(
    progress: Progress,
    *,
    key: str,
    journal: str,
    how_to_go_live: str,
    production: bool,
    revision: str = "",
    deployed: str = "",
) -> str:
    """Return the header as it stands in a runbook that is not live; `production` marks it in red."""
    plan = progress.plan
    mark = "PRODUCTION" if production else plan.environment
    rows = "".join(
        f"<tr><th>{escape(name)}</th><td>{escape(value)}</td></tr>"
        for name, value in facts(progress, key=key, operator="", journal=journal, revision=revision, deployed=deployed)
    )
    return (
        f'<div class="nbr-header{" nbr-production" if production else ""}">'
        f"<h2>{escape(plan.release)} → {escape(plan.environment)} "
        f'<strong class="nbr-mark">{escape(mark)}</strong></h2>'
        f"<table>{rows}</table><p>{escape(how_to_go_live)}</p></div>"
    )


def sign_off_html(progress: Progress) -> str:
    """Return the sign-off cell as it stands in a runbook that is not live."""
    first, *rest = sign_off_text(progress).split("\n")
    items = "".join(f"<li>{escape(each.removeprefix('- '))}</li>" for each in rest)
    return (
        f'<div class="nbr-sign-off"><h2>Sign-off</h2><p>{escape(first)}</p>{f"<ul>{items}</ul>" if items else ""}</div>'
    )
