"""Drawing: a plan and its progress as HTML and as plain text.

The widget, the static output in a runbook and the record all draw a section here,
so that they show the same boxes in the same places with the same words.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

from nbrunbook import events, evidence, progress, rules
from nbrunbook.documents.markdown.html import Slots, draw, escape
from nbrunbook.errors import one_line, visible
from nbrunbook.events import Event
from nbrunbook.plan import Plan, Step
from nbrunbook.progress import Progress, StepState
from nbrunbook.project.settings import is_production
from nbrunbook.rules import clock

GLYPHS = {"open": "☐", "done": "☑", "skipped": "⊘", "not-applicable": "–"}
ASCII_BOXES = {"open": "[ ]", "done": "[x]", "skipped": "[-]", "not-applicable": "[/]"}


def who(event: Event) -> str:
    """Return an event's operator and how the operator is known, and for whom it was recorded."""
    on_behalf = event.data.get("for")
    name = f"{on_behalf}, recorded by {event.operator}" if on_behalf else event.operator
    return f"{name} ({event.known})"


def line(state: StepState) -> str:
    """Return what the journal says of a step, in words; empty where it says nothing."""
    if state.by is None:
        return " · ".join(_open_lines(state))
    verb = "done" if state.by.kind == "ticked" else "skipped"
    where = f" in {state.where}" if state.where else ""
    words = f"{verb} by {who(state.by)}, {clock(state.by.at)}{where}{_reason(state.by)}"
    return " · ".join([words, *_settled_lines(state)])


def _settled_lines(state: StepState) -> Iterator[str]:
    if state.approved is not None:
        yield f"approved by {who(state.approved)}"
    if state.confirmed is not None and state.reworded is None:
        confirmed = state.confirmed
        yield f"confirmed as reworded by {who(confirmed)}, {clock(confirmed.at)}{_reason(confirmed)}"
    if state.status == "not-applicable":
        yield "a revision has left it out since"


def reworded_words(done: Progress, step: Step) -> str:
    """Return since when a settled step reads otherwise, and what it said; empty where it reads as it did."""
    state = done.of(step.id)
    if state.reworded is None or state.by is None:
        return ""
    before = done.worded_at(state.confirmed or state.by).by_id.get(step.id)
    said = f"it said “{before.title}”" if before and before.title != step.title else "its text is another one"
    verb = "done" if state.status == "done" else "skipped"
    return f"Reworded since {verb}, {clock(state.reworded.at)} by {who(state.reworded)}: {said}"


def _open_lines(state: StepState) -> Iterator[str]:
    if state.reopened is not None:
        yield f"{state.reopened.kind} by {who(state.reopened)}, {clock(state.reopened.at)}{_reason(state.reopened)}"
    if state.approved is not None:
        yield f"approved by {who(state.approved)}, {clock(state.approved.at)}"
    if state.taken is not None:
        yield f"{who(state.taken)} is on it since {clock(state.taken.at)}"


def _reason(event: Event) -> str:
    if event.redacted:
        return " — (what was said here was redacted)"
    reason = event.data.get("reason") or event.data.get("note")
    return f" — {reason}" if reason else ""


def step_view(done: Progress, step: Step, *, now: datetime) -> dict[str, Any]:
    """Return what is shown of one step, as JSON: the widget's state and the static row alike."""
    state = done.of(step.id)
    open_ = state.status == "open" and not step.is_group
    blocked = rules.blocked_by(done, step, now=now) if open_ else None
    if open_ and blocked is None and "approval" in step.flags and state.approved is None:
        blocked = rules.Blocked(why="a second operator has to approve it first")
    due = rules.due_at(done, step) if open_ else None
    file = state.file
    return {
        "status": state.status,
        "line": line(state),
        "reworded": reworded_words(done, step),
        "waiting": blocked.why if blocked else "",
        "waiting_until": events.instant(blocked.until) if blocked and blocked.until else "",
        "left": blocked.left if blocked else "",
        "due": f"due {clock(due)}" if due else "",
        "due_at": events.instant(due) if due else "",
        "overdue": open_ and rules.is_overdue(done, step, now=now),
        "evidence": state.evidence or (done.given(step) if file is None else "") or "",
        "file": _file_words(file) if file else "",
        "notes": [_note(note) for note in state.notes],
    }


def _file_words(event: Event) -> str:
    size = event.data.get("size", "")
    return f"{event.data.get('name', '')} ({evidence.shown_size(int(size)) if size.isdigit() else size})"


def _note(event: Event) -> str:
    if event.redacted:
        return f"{progress.REDACTED}, {who(event)}, {clock(event.at)}"
    return f"{event.data.get('note', '')} — {who(event)}, {clock(event.at)}"


def badges(done: Progress, step: Step) -> list[str]:
    """Return what an operator should know of a step before doing it."""
    words = {
        "approval": "needs an approval",
        "optional": "optional",
        "irreversible": "cannot be undone",
        "once": "once for the whole group",
        "gate": "gate: nothing below until this is settled",
    }
    found = [f"added by {who(done.added[step.id].event)}"] if step.id in done.added else []
    found += ["new in a revision"] if done.came_later(step) else []
    found += [step.owner] if step.owner else []
    found += [words[flag] for flag in step.flags if flag in words]
    found += [f"asks for: {step.evidence}"] if step.evidence else []
    found += [f"only when {step.when}"] if step.applies is False and step.when else []
    return found


Files = Callable[[str], bytes | None]
"""From a file's sha256 to its content, or None where it is not known."""


def section_html(
    done: Progress, section_id: str, links: Callable[[str], str], *, now: datetime, files: Files = lambda _: None
) -> str:
    """Return a section with its boxes in place, as sanitised HTML without anything to click.

    `files` gives the content of evidence that is shown within the page.
    """
    plan = done.plan
    section = plan.section(section_id)

    def item(step_id: str) -> str:
        step = plan.by_id[step_id]
        kind = "nbr-group" if step.is_group else "nbr-step"
        status = done.of(step_id).status
        return f'class="{kind}" data-step="{escape(step_id)}" data-status="{status}"'

    def box(step_id: str) -> str:
        if plan.by_id[step_id].is_group:
            return ""
        return f'<span class="nbr-box">{GLYPHS[done.of(step_id).status]}</span> '

    def row(step_id: str) -> str:
        step = plan.by_id[step_id]
        return _row_html(badges(done, step), step_view(done, step, now=now))

    def below(step_id: str) -> str:
        return _file_html(done.of(step_id), files) + _added_html(step_id)

    def _added_html(step_id: str) -> str:
        items = "".join(
            f"<li {item(added)}>{box(added)}{escape(done.title(plan.by_id[added]))}{row(added)}{below(added)}</li>"
            for added in done.added_behind.get(step_id, ())
        )
        return f'<ul class="nbr-added">{items}</ul>' if items else ""

    fill = plan.fill(links, {**_not_yet_known(plan), **done.evidence_by_name()})
    slots = Slots(item=item, box=box, row=row, below=below)
    drawn = draw(section.text, fill, slots)
    return "".join(f'<p class="nbr-about">{escape(each)}</p>' for each in section_about(done, section_id)) + drawn


REMOVED = "This section was removed in a revision; what was done in it stays in the journal."


def home_about(done: Progress, home: str) -> list[str]:
    """Return that a cell's own section is no more; nothing where it is there, or where there never was a cell."""
    return [REMOVED] if home and home not in done.homes[home] else []


def home_html(
    done: Progress, home: str, links: Callable[[str], str], *, now: datetime, files: Files = lambda _: None
) -> str:
    """Return all that is drawn in the cell of a section: itself, and what revisions have put behind it."""
    drawn = [f'<p class="nbr-about">{escape(each)}</p>' for each in home_about(done, home)]
    for section_id in done.homes[home]:
        content = section_html(done, section_id, links, now=now, files=files)
        drawn.append(content if section_id == home else _put_in_html(done, section_id, content))
    return "".join(drawn)


def _put_in_html(done: Progress, section_id: str, content: str) -> str:
    """A section without a cell of its own, under its heading."""
    title = done.plan.section(section_id).title
    heading = f"<h2>{escape(title)}</h2>" if title else ""
    return f'<div class="nbr-section" data-section="{escape(section_id)}">{heading}{content}</div>'


def home_text(done: Progress, home: str, *, now: datetime) -> str:
    """Return the same as plain text."""
    drawn = home_about(done, home)
    for section_id in done.homes[home]:
        title = "" if section_id == home else f"{done.plan.section(section_id).title}\n"
        drawn.append(f"{title}{section_text(done, section_id, now=now)}")
    return visible("\n\n".join(drawn))


def removed_text(done: Progress) -> list[str]:
    """Return, one a line, the steps that revisions took away and what had become of them."""
    return [f"{step.title}  ({step.id}): {_what_became(done, step)}" for step in done.removed]


def _what_became(done: Progress, step: Step) -> str:
    state = done.steps.get(step.id, progress.OPEN)
    said = [line(state), _evidence_words({"evidence": state.given or "", "file": ""}), *map(_note, state.notes)]
    return " · ".join(filter(None, said)) or "never settled"


def removed_html(done: Progress) -> str:
    """Return the same as a section; empty where no step was ever taken away."""
    items = "".join(f"<li>{escape(visible(each))}</li>" for each in removed_text(done))
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


def section_about(done: Progress, section_id: str) -> list[str]:
    """Return what holds for a whole section, in words."""
    section = done.plan.section(section_id)
    found = []
    if done.was_called(section_id) not in ("", section.title):
        found.append(f"Since a revision this section is called “{section.title}”.")
    if "gate" in section.flags:
        found.append("Gate: nothing from here on until all that is required above is settled.")
    if section.closed_by is not None and section.closed_by not in done.opened_sections:
        found.append("If needed: closed, and not counted, until an operator opens it.")
    return found


def _not_yet_known(plan: Plan) -> dict[str, str]:
    return {step.as_: f"(from {step.title})" for step in plan.steps if step.as_}


def _row_html(marks: list[str], view: dict[str, Any]) -> str:
    """The row begins with a line break, so that it reads well where there is no style sheet."""
    parts = [
        *(f'<span class="nbr-badge">{escape(badge)}</span>' for badge in marks),
        _span("nbr-due nbr-overdue" if view["overdue"] else "nbr-due", _due_words(view)),
        _span("nbr-waiting", view["waiting"] and f"Not yet: {_waiting_words(view)}"),
        _span("nbr-line", view["line"]),
        _span("nbr-reworded", view["reworded"]),
        _span("nbr-evidence", _evidence_words(view)),
        *(_span("nbr-note", note) for note in view["notes"]),
    ]
    shown = " · ".join(part for part in parts if part)
    return f'<span class="nbr-row"><br><small>{shown}</small></span>' if shown else '<span class="nbr-row"></span>'


def _due_words(view: dict[str, Any]) -> str:
    return f"{view['due']}: overdue" if view["overdue"] else str(view["due"])


def _waiting_words(view: dict[str, Any]) -> str:
    return f"{view['waiting']} (another {view['left']})" if view["left"] else str(view["waiting"])


def _evidence_words(view: dict[str, Any]) -> str:
    given = " · ".join(each for each in (view["evidence"], view["file"]) if each)
    return f"Evidence: {given}" if given else ""


SCROLLS = 600
"""Characters from which on a text scrolls in a box of its own, which the keyboard has to reach."""


def _span(name: str, text: str) -> str:
    focus = ' tabindex="0"' if len(text) > SCROLLS else ""
    return f'<span class="{name}"{focus}>{escape(text)}</span>' if text else ""


def section_text(done: Progress, section_id: str, *, now: datetime) -> str:
    """Return a section as plain text: one line a step, what is said of it below."""
    lines = section_about(done, section_id)
    for step in done.plan.by_section.get(section_id, ()):
        lines += step_text(done, step, now=now)
    return visible("\n".join(lines))


def step_text(done: Progress, step: Step, *, now: datetime, ids: bool = False) -> list[str]:
    """Return one step's lines: its box and title, and what there is to say of it."""
    view = step_view(done, step, now=now)
    indent = "  " * depth(done.plan, step)
    box = "-" if step.is_group else ASCII_BOXES[view["status"]]
    name = f"  ({step.id})" if ids else ""
    said = [
        " · ".join(badges(done, step)),
        view["due"] + (" OVERDUE" if view["overdue"] else ""),
        f"not yet: {_waiting_words(view)}" if view["waiting"] else "",
        view["line"],
        view["reworded"],
        _evidence_words(view),
        *view["notes"],
    ]
    lines = [f"{indent}{box} {done.title(step)}{name}", *(f"{indent}    {one_line(each)}" for each in said if each)]
    return [shortened(each) for each in lines]


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


def facts(
    done: Progress, *, key: str, operator: str, journal: str, revision: str = "", deployed: str = ""
) -> list[tuple[str, str]]:
    """Return the header's lines: what is where, how far, who, and where it is journalled.

    `revision` says that one waits, `deployed` who deployed what.
    """
    found = [
        ("Release", done.plan.release),
        ("Environment", done.plan.environment),
        ("Runbook", key),
        ("Progress", done.summary()),
        ("State", state_words(done)),
    ]
    found += [("Template", revision)] if revision else []
    if done.notes:
        found.append(("Handover", handover(done)))
    if deployed:
        found.append(("Deployed", deployed))
    return [*found, *([("Operator", operator)] if operator else []), ("Journal", journal)]


def deployed(deployment: Mapping[str, str]) -> str:
    """Return who deployed what by which pipeline; empty where nothing is known."""
    who, commit, pipeline = (deployment.get(name, "") for name in ("deployed_by", "commit", "pipeline"))
    parts = (f"by {who}" if who else "", f"commit {commit[:12]}" if commit else "", pipeline)
    return ", ".join(part for part in parts if part)


def handover(done: Progress) -> str:
    """Return the last note on the runbook itself; empty where there is none."""
    return _note(done.notes[-1]) if done.notes else ""


LONGEST_REASON = 200
"""Characters of the reason in a runbook's state; the journal shows the rest."""


def state_words(done: Progress) -> str:
    """Return the runbook's state, with who brought it there, when, and why it was given up."""
    if done.signed_off:
        return f"signed off by {who(done.signed_off)}, {clock(done.signed_off.at)}"
    if done.ended:
        return (
            f"{done.state} by {who(done.ended)}, {clock(done.ended.at)}{one_line(_reason(done.ended))[:LONGEST_REASON]}"
        )
    return done.state.replace("_", " ")


def header_html(
    done: Progress, *, key: str, journal: str, how_to_go_live: str, revision: str = "", deployed: str = ""
) -> str:
    """Return the header as it stands in a runbook that is not live."""
    plan = done.plan
    production = is_production(plan.environment)
    mark = "PRODUCTION" if production else plan.environment
    rows = "".join(
        f"<tr><th>{escape(name)}</th><td>{escape(value)}</td></tr>"
        for name, value in facts(done, key=key, operator="", journal=journal, revision=revision, deployed=deployed)
    )
    return (
        f'<div class="nbr-header{" nbr-production" if production else ""}">'
        f"<h2>{escape(plan.release)} → {escape(plan.environment)} "
        f'<strong class="nbr-mark">{escape(mark)}</strong></h2>'
        f"<table>{rows}</table><p>{escape(how_to_go_live)}</p></div>"
    )


def header_text(
    done: Progress, *, key: str, journal: str, how_to_go_live: str, revision: str = "", deployed: str = ""
) -> str:
    """Return the header as plain text."""
    about = facts(done, key=key, operator="", journal=journal, revision=revision, deployed=deployed)
    lines = [f"{name}: {value}" for name, value in about]
    return visible("\n".join([*lines, "", how_to_go_live]))


def sign_off_text(done: Progress) -> str:
    """Return what stands between a runbook and its sign-off, in words."""
    if done.state != "open":
        return f"This runbook is {state_words(done)}."
    missing = done.required_open or done.unconfirmed_required
    if not missing:
        return "All that is required is settled: it can be signed off."
    titles = "\n".join(f"- {done.title(step)}" for step in missing[:12])
    more = f"\n… and {len(missing) - 12} more" if len(missing) > 12 else ""
    what = "Open before sign-off" if done.required_open else "Reworded since done, and not confirmed"
    return visible(f"{what}: {len(missing)}\n{titles}{more}")


def sign_off_html(done: Progress) -> str:
    """Return the sign-off cell as it stands in a runbook that is not live."""
    first, *rest = sign_off_text(done).split("\n")
    items = "".join(f"<li>{escape(each.removeprefix('- '))}</li>" for each in rest)
    return (
        f'<div class="nbr-sign-off"><h2>Sign-off</h2><p>{escape(first)}</p>{f"<ul>{items}</ul>" if items else ""}</div>'
    )
