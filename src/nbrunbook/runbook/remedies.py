"""Remedies: what helps at the terminal where the rules refuse, by verb, option and id. Pure; nothing here writes.

A panel shows why alone: there what helps stands beside it, to be clicked.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator

from nbrunbook.runbook import evidence, rules
from nbrunbook.runbook.attempt import Attempt
from nbrunbook.runbook.events import CONTROLS
from nbrunbook.runbook.plan import Step
from nbrunbook.runbook.progress import Progress
from nbrunbook.runbook.running import heard_of
from nbrunbook.runbook.status import CONFIRMATIONS, LIFE
from nbrunbook.runbook.waiting import blocked_by, gates_above, parents_of, waits_for
from nbrunbook.texts import listed

EVIDENCE: dict[evidence.EvidenceKind, str] = {
    "text": "add --evidence TEXT, or --file FILE",
    "link": "add --evidence LINK",
    "file": "add --file FILE",
}
SMALLER = "give a smaller one, compressed or cut to what matters"
WITH_CONTENT = "give one with something in it"
VERIFIED = "approve it in the live runbook, where an identity provider tells Jupyter who you are"


def remedy(progress: Progress, attempt: Attempt, *, key: str) -> str:
    """Return what helps with an attempt that the rules refuse, in words; empty where nothing does but time."""
    kind, step = attempt.kind, attempt.step
    if step is None:
        return _of_life(progress, attempt, key)
    if progress.state != "open":
        looks = kind == "started" and step.kind == "check" and progress.state == "signed_off"
        return f"'nbrunbook check {_words(key, step.id)}' looks again" if looks else going_on(progress, key)
    if step.applies is False:
        return ""
    state = progress.of(step.id)
    if kind in CONTROLS:
        is_there = kind == "paused" and state.paused is not None and not state.settled
        return f"'nbrunbook batch resume {_words(key, step.id)}' lets it go on" if is_there else ""
    if state.run is not None:
        return stopping(progress, [step], key)
    if kind == "started" and not step.automation:
        return "" if step.is_group or state.settled else f"'nbrunbook tick {_words(key, step.id)}' does it"
    if kind == "started":
        return "add --force --reason TEXT" if state.status == "done" else _of_tick(progress, attempt, step, key)
    if step.is_group or ((state.status, kind) in CONFIRMATIONS and state.reworded):
        return _first(_below(progress, step))
    if kind == "approved" and not state.settled:
        return VERIFIED if step.needs_approval else f"'nbrunbook tick {_words(key, step.id)}' does it"
    if kind in ("unticked", "unskipped") and state.settled:
        return _of_undoing(progress, step, key)
    if state.settled:
        is_other = (state.status, kind) in (("done", "skipped"), ("skipped", "ticked"))
        return _undoing(progress, step, key) if is_other else ""
    return _of_tick(progress, attempt, step, key) if kind == "ticked" else ""


def stopping(progress: Progress, steps: Iterable[Step], key: str) -> str:
    """Return how runs are ended; of one of which nothing is heard, how somebody says what it did."""
    return "; ".join(_of_run(progress, step, key) for step in steps)


def _of_run(progress: Progress, step: Step, key: str) -> str:
    heard = heard_of(progress, progress.of(step.id))
    return (
        of_unknown(key, step)
        if heard and heard.is_unknown
        else f"'nbrunbook run {_words(key, step.id)} --stop' ends it"
    )


def of_revising(progress: Progress, key: str) -> str:
    """Return what helps where a plan may not come into force."""
    return stopping(progress, progress.running, key) if progress.state == "open" else going_on(progress, key)


def of_unknown(key: str, step: Step) -> str:
    """Return how somebody says what became of a run of which nobody knows; that of a batch is simply gone on with."""
    if step.kind == "batch":
        return f"'nbrunbook run {_words(key, step.id)}' goes on with it: no row is changed twice"
    return f"look, and say 'nbrunbook run {_words(key, step.id)} --it-ran --reason …' or --it-did-not"


def reopening(key: str) -> str:
    """Return how a closed runbook is opened again."""
    return f"'nbrunbook reopen {_words(key)} --reason …' opens it again"


def going_on(progress: Progress, key: str) -> str:
    """Return the same for any closed runbook: one without steps, of a release that was skipped, is not opened again."""
    plan = progress.plan
    if plan.steps:
        return reopening(key)
    return f"'nbrunbook instantiate {plan.release} -e {plan.environment} --again' makes a runbook"


def of_adding(progress: Progress, after: str | None, *, key: str) -> str:
    """Return the same where a step may not be added behind another one."""
    if progress.state != "open":
        return going_on(progress, key)
    return _undo_above(progress, progress.plan.by_id[after], key) if after else ""


def of_file(label: str | None, size: int) -> str:
    """Return what helps where a file of some bytes is not kept: what a step takes in its place, by its label."""
    asked = evidence.kind(label or "")
    if asked == "link":
        return EVIDENCE["link"]
    file = SMALLER if size else WITH_CONTENT
    return file if asked == "file" else f"{file}, or a link to it: --evidence LINK"


def _of_life(progress: Progress, attempt: Attempt, key: str) -> str:
    if (progress.state, attempt.kind) not in LIFE:
        is_there = attempt.kind == "reopened" or (progress.state, attempt.kind) == ("signed_off", "signed_off")
        return "" if is_there or progress.state == "open" else going_on(progress, key)
    if progress.running and attempt.kind in ("signed_off", "abandoned", "skipped"):
        return stopping(progress, progress.running, key)
    if attempt.kind != "signed_off":
        return ""
    unconfirmed = [step.id for step in progress.unconfirmed_required]
    again = f"tick or skip again, to confirm: {listed(unconfirmed)}" if unconfirmed else ""
    return "; ".join(filter(None, [_first(step.id for step in progress.required_open), again]))


def _of_tick(progress: Progress, attempt: Attempt, step: Step, key: str) -> str:
    waiting = _first([*_below(progress, step), *gates_above(progress, step), *_after(progress, step)])
    if waiting:
        return waiting
    if blocked_by(progress, step, now=attempt.clock.now):
        return ""
    if step.needs_approval and progress.of(step.id).approved is None:
        return f"somebody else: 'nbrunbook approve {_words(key, step.id)}'"
    if step.automation and attempt.kind == "ticked" and not attempt.reason:
        return f"'nbrunbook run {_words(key, step.id)}', or add --reason TEXT"
    missing = rules.missing_evidence(progress, step, given=attempt.evidence, file=attempt.file)
    return EVIDENCE[evidence.kind(step.evidence)] if missing and step.evidence else ""


def _of_undoing(progress: Progress, step: Step, key: str) -> str:
    if step.is_irreversible and progress.of(step.id).status == "done" and not progress.of(step.id).where:
        return f"'nbrunbook note {_words(key)} TEXT --step {_words(step.id)}' writes one"
    return _undo_above(progress, step, key) or _undoing(progress, step, key)


def _undoing(progress: Progress, step: Step, key: str) -> str:
    state = progress.of(step.id)
    if step.is_irreversible and state.status == "done":
        return ""
    return f"'nbrunbook untick {_words(state.where or key, step.id)} --reason …' opens it again"


def _undo_above(progress: Progress, step: Step, key: str) -> str:
    by_id = progress.plan.by_id
    done = [
        each
        for each in parents_of(progress.plan, step)
        if not by_id[each].is_group and progress.of(each).status == "done"
    ]
    return f"'nbrunbook untick {_words(key, done[0])} --reason …' opens that again" if done else ""


def _below(progress: Progress, step: Step) -> Iterator[str]:
    """The open steps below one that can be settled themselves."""
    for child in progress.plan.children.get(step.id, ()):
        if child.is_group:
            yield from _below(progress, child)
        elif not progress.of(child.id).settled:
            yield child.id


def _after(progress: Progress, step: Step) -> Iterator[str]:
    """The open steps of this runbook that one comes after; a group in words of its sub-steps."""
    for name in waits_for(progress, step):
        found = progress.plan.by_id.get(name)
        if found is not None:
            yield from _below(progress, found) if found.is_group else [name]


def _first(names: Iterable[str]) -> str:
    found = list(dict.fromkeys(names))
    return f"tick or skip first: {listed(found)}" if found else ""


def _words(*names: str) -> str:
    """Names as a shell takes them: they may have blanks."""
    return shlex.join(names)
