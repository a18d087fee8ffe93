"""Facts of a runbook and its progress, as JSON."""

from __future__ import annotations

from typing import Any

from nbrunbook.project.settings import Project
from nbrunbook.runbook import events, looks
from nbrunbook.runbook.events import Event, now
from nbrunbook.runbook.progress import Progress
from nbrunbook.runbook.run_words import timing
from nbrunbook.runbook.running import RUN_STATES, by_state, heard_of
from nbrunbook.runbook.status import REDACTED, Heard, StepState
from nbrunbook.work import boards, overview, waiting_revision
from nbrunbook.work.following import Following


def runbook_facts(following: Following, project: Project, *, full: bool = False) -> dict[str, Any]:
    """Return a runbook's progress as JSON; `full` adds what is to be done, in Markdown with the values put in."""
    progress = following.progress
    facts: dict[str, Any] = {
        "runbook": following.key,
        "release": following.runbook.release,
        "environment": following.runbook.environment,
        "state": progress.state,
        "settled": progress.settled,
        "total": progress.total,
        "overdue": overview.overdue(progress, now=now()),
        "waiting": overview.waiting(progress, now=now()),
        **_automated(progress),
        "owners": overview.owners(progress),
        "revision_waits": waiting_revision.waits(following, project),
        "steps": [_step(following, step.id) for step in progress.plan.steps],
    }
    return {**facts, **_in_full(progress, facts)} if full else facts


def _automated(progress: Progress) -> dict[str, list[str]]:
    """The steps that the machine is at or could not do, and those that fail since the sign-off; nothing without any."""
    if not any(step.automation for step in progress.plan.steps):
        return {}
    at = by_state(progress)
    failing = [event.step for event in looks.failing(progress)]
    return {**{state: [step.id for step in at.get(state, ())] for state in RUN_STATES}, "failing": failing}


def _in_full(progress: Progress, facts: dict[str, Any]) -> dict[str, Any]:
    # Loaded here: what reads Markdown takes longer to load than `status` to answer.
    from nbrunbook.runbook.full_text import bodies, markdown

    sections = [(section, markdown(progress, section)) for section in progress.plan.sections]
    below = {step_id: body for _, text in sections for step_id, body in bodies(progress.plan, text).items()}
    return {
        "steps": [{**step, "body": below.get(step["id"], "")} for step in facts["steps"]],
        "sections": [{"id": each.id, "title": progress.heading(each.id), "text": text} for each, text in sections],
    }


def _step(following: Following, step_id: str) -> dict[str, Any]:
    state = following.progress.of(step_id)
    by = state.by
    return {
        "id": step_id,
        "kind": following.progress.plan.by_id[step_id].kind,
        "title": following.progress.title(following.progress.plan.by_id[step_id]),
        "status": state.status,
        "by": by.operator if by else None,
        "known": by.known if by else None,
        "at": events.instant(by.at) if by else None,
        "for": by.data.get("for") if by else None,
        "reason": _reason(by) if by else None,
        "evidence": following.progress.given(following.progress.plan.by_id[step_id]),
        "settled_in": state.where or None,
        "reworded": state.reworded is not None,
        "taken_by": state.taken.operator if state.taken else None,
        "added_by": following.progress.added[step_id].event.operator if step_id in following.progress.added else None,
        **_runs(following.progress, state),
        **_batch(following, step_id),
        "notes": [note.data.get("note", REDACTED) for note in state.notes],
    }


def _runs(progress: Progress, state: StepState) -> dict[str, Any]:
    """The run that goes on, what came out of the last one, and how many there were; nothing where there was none."""
    if not state.runs and state.since is None:
        return {}
    run, last = state.run, state.last
    heard = heard_of(progress, state) or Heard()
    going_on = run and {
        "run": run.id,
        "by": run.operator,
        "at": events.instant(run.at),
        "seconds": round((now() - run.at).total_seconds(), 3),
        "unknown": heard.is_unknown,
        "host": heard.host or None,
        "attempt": heard.attempt,
        "lines": list(heard.lines),
    }
    return {
        "running": going_on,
        "last_run": last and _outcome(last),
        "since_sign_off": state.since and _outcome(state.since),
        "runs": state.runs,
        "runs_without_passing": state.failures,
    }


def _outcome(end: Event) -> dict[str, Any]:
    return {
        "outcome": end.kind,
        "by": end.operator,
        "at": events.instant(end.at),
        "value": end.data.get("value"),
        "message": end.data.get("message"),
        "seconds": timing(end)[0],
    }


def _batch(following: Following, step_id: str) -> dict[str, Any]:
    """Where a batch stands in each database, and who has paused it; nothing for other steps."""
    step, state = following.progress.plan.by_id[step_id], following.progress.of(step_id)
    if step.kind != "batch":
        return {}
    paused = events.instant(state.paused.at) if state.paused else None
    found = boards.facts(step_id, boards.statuses(following, step))
    return {"board": {**found, "paused_by": state.paused_by or None, "paused_at": paused}}


def _reason(by: Event) -> str | None:
    return REDACTED if by.redacted and by.kind == "skipped" else by.data.get("reason")
