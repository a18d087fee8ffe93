"""What is said of a step, a section and a runbook, in the same words wherever they are shown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from nbrunbook.errors import one_line
from nbrunbook.runbook import events, evidence, looks, run_view, run_words, running
from nbrunbook.runbook.badges import badges, not_applicable
from nbrunbook.runbook.events import Event
from nbrunbook.runbook.notes import Notes
from nbrunbook.runbook.plan import Plan, Step
from nbrunbook.runbook.progress import Progress
from nbrunbook.runbook.sections import Section
from nbrunbook.runbook.status import REDACTED, Heard, StepState
from nbrunbook.runbook.times import Clock
from nbrunbook.runbook.waiting import Blocked, blocked_by, due_at, is_overdue, quoted_titles
from nbrunbook.texts import listed, many, short


def who(event: Event) -> str:
    """Return an event's operator and how the operator is known, and for whom it was recorded."""
    on_behalf = event.data.get("for")
    name = f"{on_behalf}, recorded by {event.operator}" if on_behalf else event.operator
    return one_line(f"{name} ({event.known})")


def line(state: StepState, clock: Clock, heard: Heard | None = None, *, apart: bool = False) -> str:
    """Return what the journal says of a step, in words; empty where it says nothing. `apart` is as for runs."""
    runs = run_words.lines(state, clock, who, heard, apart=apart)
    if state.by is None:
        return " · ".join([*_open_lines(state, clock), *runs])
    where = f" in {state.where}" if state.where else ""
    words = f"{run_words.settled_by(state.by)} {who(state.by)}, {clock(state.by.at)}{where}{reason_words(state.by)}"
    return " · ".join([words, *_settled_lines(state, clock), *runs])


def _settled_lines(state: StepState, clock: Clock) -> Iterator[str]:
    if state.approved is not None:
        yield f"approved by {who(state.approved)}, {clock(state.approved.at)}"
    if state.confirmed is not None and state.reworded is None:
        confirmed = state.confirmed
        yield f"confirmed as reworded by {who(confirmed)}, {clock(confirmed.at)}{reason_words(confirmed)}"
    if state.status == "not-applicable":
        yield "a revision has left it out since"


def reworded_words(progress: Progress, step: Step, clock: Clock) -> str:
    """Return since when a settled step reads otherwise, and what it said; empty where it reads as it did."""
    state = progress.of(step.id)
    if state.reworded is None or state.by is None:
        return ""
    before = progress.worded_at(state.confirmed or state.by).by_id.get(step.id)
    said = f"it said “{before.title}”" if before and before.title != step.title else "its text is another one"
    if before and before.title == step.title and _does(before) != _does(step):
        said = "what it does has changed"
    verb = "done" if state.status == "done" else "skipped"
    return f"Reworded since {verb}, {clock(state.reworded.at)} by {who(state.reworded)}: {said}"


def _does(step: Step) -> str:
    return step.automation.fingerprint if step.automation else ""


def _open_lines(state: StepState, clock: Clock) -> Iterator[str]:
    if (opened := state.reopened) is not None and opened is not state.last:
        by = "open again since it failed" if opened.kind == "failed" else f"{opened.kind} by {who(opened)}"
        yield f"{by}, {clock(opened.at)}{reason_words(opened)}"
    if state.approved is not None:
        yield f"approved by {who(state.approved)}, {clock(state.approved.at)}"
    if state.taken is not None:
        yield f"{who(state.taken)} is on it since {clock(state.taken.at)}"


def reason_words(event: Event) -> str:
    """Return the reason or the note that an event gives, behind a dash; empty for none."""
    if event.redacted:
        return " — (what was said here was redacted)"
    reason = event.data.get("reason") or event.data.get("note")
    return f" — {reason}" if reason else ""


def steps_words(plan: Plan) -> str:
    """Return how many steps a runbook begins with, as its progress counts them: 11 steps, and 2 only if needed."""
    more = f", and {plan.if_needed} only if needed" if plan.if_needed else ""
    return f"{many(plan.boxes - plan.if_needed, 'step')}{more}"


def step_view(
    progress: Progress, step: Step, clock: Clock, *, apart: bool = False, whole: bool = False
) -> dict[str, Any]:
    """Return what is shown of one step, as JSON: the widget's state and the static row alike.

    `apart` leaves out of its line what `run`, of a step that the machine does, has apart; `whole` has all notes.
    """
    state = progress.of(step.id)
    open_ = state.status == "open" and not step.is_group
    blocked = blocked_by(progress, step, now=clock.now) if open_ else None
    if open_ and blocked is None and step.needs_approval and state.approved is None:
        blocked = Blocked(why="a second operator has to approve it first")  # its badge says it in short
    added = progress.added.get(step.id)
    marks = badges(progress, step, blocked=blocked, added_by=who(added.event) if added else "")
    due = due_at(progress, step) if open_ else None
    file = state.file
    heard = running.heard_of(progress, state)
    return {
        "status": state.status,
        "badges": [[badge.kind, badge.words] for badge in marks],
        "line": line(state, clock, heard, apart=apart),
        **({"run": run_view.view(progress, step, clock, waits=blocked is not None)} if step.automation else {}),
        "reworded": reworded_words(progress, step, clock),
        "waiting": blocked.words(clock) if blocked else "",
        "lock": blocked.in_short(clock) if blocked else "",
        "waiting_until": events.instant(blocked.until) if blocked and blocked.until else "",
        "left": blocked.left if blocked else "",
        "due": f"due {clock(due)}" if due else "",
        "due_at": events.instant(due) if due else "",
        "overdue": open_ and is_overdue(progress, step, now=clock.now),
        "evidence": state.evidence or (progress.given(step) if file is None else "") or "",
        "file": _file_words(file) if file else "",
        "notes": notes_words(state.notes, clock, whole=whole),
        "note_count": len(state.notes),
    }


def _file_words(event: Event) -> str:
    size = event.data.get("size", "")
    shown = evidence.shown_size(int(size)) if re.fullmatch("[0-9]{1,18}", size) else size
    return f"{event.data.get('name', '')} ({shown})"


def note_words(event: Event, clock: Clock) -> str:
    """Return a note, and whose it is."""
    if event.redacted:
        return f"{REDACTED}, {who(event)}, {clock(event.at)}"
    return f"{event.data.get('note', '')} — {who(event)}, {clock(event.at)}"


def notes_words(notes: Notes, clock: Clock, *, whole: bool) -> list[str]:
    """Return the last notes on a step, first how many there were before them; on request the whole of them."""
    shown = notes if whole else notes.last
    left = len(notes) - len(shown)
    earlier = [f"{many(left, 'earlier note')}: 'nbrunbook journal KEY' shows all"] if left else []
    return [*earlier, *(note_words(note, clock) for note in shown)]


REMOVED = "This section was removed in a revision; what was done in it stays in the journal."


def home_about(progress: Progress, home: str) -> list[str]:
    """Return that a cell's own section is no more; nothing where it is there, or where there never was a cell."""
    return [REMOVED] if home and home not in progress.homes[home] else []


def section_about(progress: Progress, section_id: str, clock: Clock) -> list[str]:
    """Return what holds for a whole section, in words."""
    section = progress.plan.section(section_id)
    found = []
    if progress.was_called(section_id) not in ("", section.title):
        found.append(f"Since a revision this section is called “{progress.heading(section_id)}”.")
    elif "{{" in section.title and (heading := progress.heading(section_id)) != _as_made(progress, section):
        found.append(f"With what was answered since: “{heading}”.")
    found += [_gate_words(progress, section_id)] if section.is_gate else []
    last = progress.sections.get(section.closed_by or "")
    if section.closed_by is not None and section.closed_by not in progress.opened_sections:
        again = f" Closed again by {who(last)}, {clock(last.at)}." if last else ""
        found.append(f"If needed: closed, and not counted, until an operator opens it.{again}")
    elif last and section.id == section.closed_by:
        found.append(f"If needed: opened by {who(last)}, {clock(last.at)}.")
    return found


def _as_made(progress: Progress, section: Section) -> str:
    """A section's title as its cell shows it, which nothing draws anew."""
    return section.heading({**progress.plan.texts(), **progress.plan.not_yet_known})


GATE = "Gate: nothing from here on until all that is required above is settled."
GATE_PASSED = "Gate: all that is required above is settled."


def _gate_words(progress: Progress, section_id: str) -> str:
    """What a gate says once, for all that stands behind it."""
    first = next(iter(progress.plan.by_section.get(section_id, ())), None)
    missing = [progress.plan.by_id[each] for each in progress.behind_gates[first.id]] if first else []
    if progress.state != "open" or first is None:
        return GATE
    return f"{GATE} First: {quoted_titles(progress, missing)}." if missing else GATE_PASSED


def left_out(progress: Progress, section_id: str) -> list[Step]:
    """Return the steps of a section that do not apply here, and of which nothing else is known."""
    return [step for step in progress.plan.by_section.get(section_id, ()) if is_left_out(progress, step)]


def is_left_out(progress: Progress, step: Step) -> bool:
    """Tell whether a step does not apply here, nor what is below it, and nothing was ever recorded of them."""
    state = progress.of(step.id)
    below = progress.plan.children.get(step.id, ())
    alone = state.status == "not-applicable" and state.by is None and not state.notes
    return alone and all(is_left_out(progress, each) for each in below)


def left_out_words(steps: Iterable[Step]) -> str:
    """Return how many steps do not apply here: 2 steps do not apply here; empty for none."""
    count = sum(not step.is_group for step in steps)
    return f"{many(count, 'step')} {'does' if count == 1 else 'do'} not apply here" if count else ""


def left_out_line(progress: Progress, step: Step) -> str:
    """Return the title of a step that does not apply here, and why it does not."""
    why = not_applicable(step)
    return f"{progress.title(step)}{f' ({why})' if why else ''}"


def waiting_words(view: dict[str, Any]) -> str:
    """Return what a step waits for, and how long that still is."""
    return f"{view['waiting']} (another {view['left']})" if view["left"] else str(view["waiting"])


def lock_words(view: dict[str, Any]) -> str:
    """Return the same in a few words, for beside a lock."""
    return f"waits {view['left']}, {view['lock']}" if view["left"] else str(view["lock"])


def evidence_words(view: dict[str, Any]) -> str:
    """Return what was given as evidence; empty where nothing was."""
    given = " · ".join(each for each in (view["evidence"], view["file"]) if each)
    return f"Evidence: {given}" if given else ""


def facts(
    progress: Progress,
    clock: Clock,
    *,
    key: str,
    operator: str,
    journal: str,
    revision: str = "",
    origin: Iterable[tuple[str, str]] = (),
) -> list[tuple[str, str]]:
    """Return the header's lines: what is where, how far, who, and where it is journalled.

    `revision` says that one waits, `origin` what it was made from.
    """
    found = [
        ("Release", progress.plan.release),
        ("Environment", progress.plan.environment),
        ("Runbook", key),
        ("Progress", progress.summary()),
        ("State", state_words(progress, clock)),
    ]
    found += [("Template", revision)] if revision else []
    if progress.notes:
        found.append(("Handover", handover(progress, clock)))
    found += origin
    return [*found, *([("Operator", operator)] if operator else []), ("Journal", journal)]


def origin(about: Mapping[str, Any], template: Mapping[str, Any], *, link: bool = True) -> list[tuple[str, str]]:
    """Return the header's lines on what a runbook was made from, by its facts and the template in force.

    *Deployed* was only what a pipeline or `--at` says so of; any other commit was checked out where it was made.
    `link` shows the pipeline's address among the words.
    """
    said = about["deployment"]
    who, commit, pipeline, by = (said.get(name, "") for name in ("deployed_by", "commit", "pipeline", "said_by"))
    parts = [f"by {who}" if who else "", f"commit {commit[:12]}" if commit else "", pipeline if link else ""]
    parts += [by] if by.startswith("--at ") else []
    deployed = ", ".join(filter(None, parts)) if who or pipeline or by else ""
    made_from = f"commit {commit[:12]} by {about['created_by']}" if commit and not deployed else ""
    found = {"Deployed": deployed, "Made from": made_from, "Not committed": uncommitted(template)}
    return [(name, words) for name, words in found.items() if words]


def uncommitted(template: Mapping[str, Any]) -> str:
    """Return which of a template's files no commit holds, as its facts say; empty where all are committed."""
    return listed(template.get("uncommitted", []))


def handover(progress: Progress, clock: Clock) -> str:
    """Return the last note on the runbook itself; empty where there is none."""
    return note_words(progress.notes[-1], clock) if progress.notes else ""


LONGEST_REASON = 200
"""Characters of the reason in a runbook's state; the journal shows the rest."""


def state_words(progress: Progress, clock: Clock) -> str:
    """Return the runbook's state, with who brought it there, when, and why it was given up."""
    if progress.signed_off:
        words = [f"signed off by {who(progress.signed_off)}, {clock(progress.signed_off.at)}"]
        return "; ".join(words + looks.all_words(looks.failing(progress), clock))
    if progress.ended:
        reason = short(one_line(reason_words(progress.ended)), LONGEST_REASON)
        return f"{progress.state} by {who(progress.ended)}, {clock(progress.ended.at)}{reason}"
    return progress.state.replace("_", " ")
