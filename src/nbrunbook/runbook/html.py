"""A plan and its progress as HTML: the widget, the static output and the record all draw a section here."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

from nbrunbook.documents.markdown.html import Html, Slots, draw, escape
from nbrunbook.errors import visible
from nbrunbook.runbook import events, evidence, run_html
from nbrunbook.runbook.closing import sign_off_text
from nbrunbook.runbook.progress import Progress
from nbrunbook.runbook.removed_words import removed_text
from nbrunbook.runbook.status import StepState
from nbrunbook.runbook.times import marked, split, utc
from nbrunbook.runbook.words import (
    evidence_words,
    facts,
    home_about,
    is_left_out,
    left_out,
    left_out_line,
    left_out_words,
    lock_words,
    section_about,
    step_view,
)

NOTHING = Html()
DOT = Html(" · ")
HIDDEN = Html(" hidden")
ITEM = Html('class="{}" data-step="{}" data-status="{}"')
ANCHOR = Html(' id="step-{}"')
BOX = Html('<span class="nbr-box">{}</span> ')
LEFT_OUT = Html('<details class="nbr-left-out"><summary>{}</summary><ul>{}</ul></details>')
BADGE = Html('<span class="nbr-badge nbr-badge-{}">{}</span>')
TITLE = Html(' title="{}"')
SPAN = Html('<span class="{}"{}>{}</span>')
ROW = Html('<span class="nbr-row"><br><small>{}</small></span>')
LINK = Html('<a href="{}" rel="noopener noreferrer">{}</a>')
NO_ROW = Html('<span class="nbr-row"></span>')
GLYPHS = {"open": "☐", "done": "☑", "skipped": "⊘", "not-applicable": "–"}


Files = Callable[[str], bytes | None]
"""From a file's sha256 to its content, or None where it is not known."""
Below = Callable[[str], Html]
"""From a step's id to what is shown below its texts; HTML that is ours."""


def section_html(
    progress: Progress,
    section_id: str,
    links: Callable[[str], str],
    *,
    now: datetime,
    files: Files = lambda _: None,
    more: Below = lambda _: NOTHING,
    on_record: bool = False,
) -> str:
    """Return a section with its boxes in place, as sanitised HTML without anything to click.

    `files` gives the content of evidence that is shown within the page, `more` what else stands below a step.
    Steps that do not apply are told in one line at the end; `on_record` they stand in
    their places, and links lead to each step, which is drawn once in a page.
    """
    plan, clock = progress.plan, marked(now)
    section = plan.section(section_id)

    def item(step_id: str) -> Html:
        return _item_html(progress, step_id, on_record=on_record)

    def box(step_id: str) -> Html:
        if plan.by_id[step_id].is_group:
            return NOTHING
        step = plan.by_id[step_id]
        return BOX.format(run_html.glyph(progress, step) if step.automation else GLYPHS[progress.of(step_id).status])

    def row(step_id: str) -> Html:
        step = plan.by_id[step_id]
        return _row_html(step_view(progress, step, clock, whole=on_record))

    def below(step_id: str) -> Html:
        return _file_html(progress.of(step_id), files) + more(step_id) + _added_html(step_id)

    def _added_html(step_id: str) -> Html:
        items = NOTHING.join(
            Html("<li {}>{}{}{}{}</li>").format(
                item(added), box(added), progress.title(plan.by_id[added]), row(added), below(added)
            )
            for added in progress.added_behind.get(step_id, ())
        )
        return Html('<ul class="nbr-added">{}</ul>').format(items) if items else NOTHING

    fill = plan.fill(links, {**plan.not_yet_known, **progress.evidence_by_name()})
    slots = Slots(item=item, box=box, row=row, below=below)
    drawn = draw(section.text, fill, slots)
    aside = NOTHING if on_record else _left_out_html(progress, section_id)
    return f"{_about_html(section_about(progress, section_id, clock))}{drawn}{aside}"


def _item_html(progress: Progress, step_id: str, *, on_record: bool) -> Html:
    """The attributes of a step's list item."""
    step = progress.plan.by_id[step_id]
    kind = "nbr-group" if step.is_group else "nbr-step"
    anchor = ANCHOR.format(step_id) if on_record else NOTHING
    hidden = HIDDEN if not on_record and is_left_out(progress, step) else NOTHING
    return ITEM.format(kind, step_id, progress.of(step_id).status) + anchor + hidden


def _left_out_html(progress: Progress, section_id: str) -> Html:
    """The steps that do not apply here, as one line to unfold."""
    steps = left_out(progress, section_id)
    items = NOTHING.join(Html("<li>{}</li>").format(left_out_line(progress, step)) for step in steps)
    return LEFT_OUT.format(left_out_words(steps), items) if items else NOTHING


def _about_html(lines: Iterable[str]) -> Html:
    return NOTHING.join(Html('<p class="nbr-about">{}</p>').format(_told(each)) for each in lines)


def home_html(
    progress: Progress,
    home: str,
    links: Callable[[str], str],
    *,
    now: datetime,
    files: Files = lambda _: None,
    more: Below = lambda _: NOTHING,
    on_record: bool = False,
) -> str:
    """Return all that is drawn in the cell of a section: itself, and what revisions have put behind it."""
    drawn: list[str] = [_about_html(home_about(progress, home))]
    for section_id in progress.homes[home]:
        content = section_html(progress, section_id, links, now=now, files=files, more=more, on_record=on_record)
        drawn.append(content if section_id == home else _put_in_html(progress, section_id, Html(content), on_record))
    return "".join(drawn)


def _put_in_html(progress: Progress, section_id: str, content: Html, on_record: bool) -> Html:
    """A section without a cell of its own, under its heading."""
    title = progress.heading(section_id)
    heading = Html("<h2>{}</h2>").format(title) if title else NOTHING
    anchor = Html(' id="section-{}"').format(section_id) if on_record else NOTHING
    drawn = Html('<div class="nbr-section" data-section="{}"{}>{}{}</div>')
    return drawn.format(section_id, anchor, heading, content)


def removed_html(progress: Progress, *, now: datetime) -> str:
    """Return the same as a section; empty where no step was ever taken away."""
    items = _list_html(removed_text(progress, marked(now), whole=True))
    return f"<h2>Removed in a revision</h2>{items}" if items else ""


def _list_html(lines: Iterable[str]) -> Html:
    """Nothing for no lines."""
    items = NOTHING.join(Html("<li>{}</li>").format(_told(each)) for each in lines)
    return Html("<ul>{}</ul>").format(items) if items else NOTHING


def _file_html(state: StepState, files: Files) -> Html:
    """A file that was given as evidence: an image as it is, a text to unfold, and each to take out."""
    event = state.file
    content = files(event.data["file"]) if event else None
    if event is None or content is None:
        return NOTHING
    name, data = event.data.get("name", ""), base64.b64encode(content).decode()
    image = evidence.image_type(content)
    if image:
        shown = Html('<p class="nbr-file"><img alt="Evidence: {}" src="data:{};base64,{}"></p>')
        return shown.format(name, image, data)
    link = Html('<a download="{name}" href="data:application/octet-stream;base64,{data}">Save {name}</a>')
    link = link.format(name=name, data=data)
    try:
        text = content.decode()
    except UnicodeDecodeError:
        return Html('<p class="nbr-file">{}</p>').format(link)
    shown = Html(
        '<div class="nbr-file">{}<details><summary>Show {}</summary><pre tabindex="0">{}</pre></details></div>'
    )
    return shown.format(link, name, text)


def _row_html(view: dict[str, Any]) -> Html:
    """The row begins with a line break, so that it reads well where there is no style sheet."""
    parts = [
        *(BADGE.format(kind, words) for kind, words in view["badges"]),
        _span("nbr-due nbr-overdue" if view["overdue"] else "nbr-due", _due_words(view)),
        _lock_html(view),
        _span("nbr-line", view["line"]),
        _span("nbr-reworded", view["reworded"]),
        _span("nbr-evidence", linked(evidence_words(view))),
        *(_span("nbr-note", note) for note in view["notes"]),
    ]
    shown = DOT.join(part for part in parts if part)
    return ROW.format(shown) if shown else NO_ROW


ADDRESS = re.compile(r"(?i)\bhttps?://[^\s<>\"]*[^\s<>\".,;:!?)\]]")
"""A web address among words; what ends a sentence behind it is no part of it."""


def linked(text: str) -> Html:
    """Return a text as HTML in which web addresses are links, shown in full."""
    parts, end = [NOTHING], 0
    for found in ADDRESS.finditer(text):
        if evidence.link_fault(found[0]) is None and visible(found[0]) == found[0]:
            parts += [Html(escape(text[end : found.start()])), LINK.format(found[0], found[0])]
            end = found.end()
    return NOTHING.join([*parts, Html(escape(text[end:]))])


def _lock_html(view: dict[str, Any]) -> Html:
    """Why a step cannot be done yet, in a few words; the sentence is in its tooltip. Nothing where a badge says it."""
    if not view["lock"]:
        return NOTHING
    sentence = NOTHING if view["left"] else TITLE.format(f"Not yet: {view['waiting']}")
    return SPAN.format("nbr-waiting", sentence, _told(lock_words(view)))


def _due_words(view: dict[str, Any]) -> str:
    return f"{view['due']}: overdue" if view["overdue"] else str(view["due"])


def _told(words: str) -> Html:
    """Words with their instants as elements, in UTC: the page outlives its reader's year and zone."""
    return NOTHING.join(part if isinstance(part, str) else _time_html(part) for part in split(words))


def _time_html(at: datetime) -> Html:
    return Html('<time datetime="{}">{}</time>').format(events.instant(at), utc(at)(at))


PRODUCTION = Html(' <strong class="nbr-mark">PRODUCTION</strong>')
SCROLLS = 600
"""Characters from which on a text scrolls in a box of its own, which the keyboard has to reach."""


def _span(name: str, text: str) -> Html:
    focus = Html(' tabindex="0"') if len(text) > SCROLLS else NOTHING
    return SPAN.format(name, focus, text if isinstance(text, Html) else _told(text)) if text else NOTHING


def header_html(
    progress: Progress,
    *,
    now: datetime,
    key: str,
    journal: str,
    how_to_go_live: str,
    production: bool,
    revision: str = "",
    origin: Sequence[tuple[str, str]] = (),
) -> str:
    """Return the header as it stands in a runbook that is not live; `production` marks it in red."""
    plan = progress.plan
    about = facts(progress, marked(now), key=key, operator="", journal=journal, revision=revision, origin=origin)
    drawn = Html('<div class="nbr-header{}"><h2>{} → {}{}</h2><table>{}</table><p>{}</p></div>').format(
        " nbr-production" if production else "",
        plan.release,
        plan.environment,
        PRODUCTION if production else NOTHING,
        NOTHING.join(Html("<tr><th>{}</th><td>{}</td></tr>").format(name, _told(value)) for name, value in about),
        how_to_go_live,
    )
    return str(drawn)


def sign_off_html(progress: Progress, *, now: datetime) -> str:
    """Return the sign-off cell as it stands in a runbook that is not live."""
    first, *rest = sign_off_text(progress, marked(now)).split("\n")
    items = _list_html(each.removeprefix("- ") for each in rest)
    return str(Html('<div class="nbr-sign-off"><h2>Sign-off</h2><p>{}</p>{}</div>').format(_told(first), items))
