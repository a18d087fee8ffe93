"""Runs of automated steps, as the journal is told of them: begun, ended, looked again, an operator's word."""

from __future__ import annotations

import socket
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from nbrunbook.errors import RefusedError
from nbrunbook.journal import runs
from nbrunbook.journal.entries import Draft, RunPlace, sha256
from nbrunbook.journal.journal import Journal
from nbrunbook.project.operator import Operator
from nbrunbook.runbook import events, looks, replay, rules
from nbrunbook.runbook.attempt import check_texts
from nbrunbook.runbook.events import ENDS, Event, Kind
from nbrunbook.runbook.progress import Progress
from nbrunbook.runbook.remedies import of_unknown
from nbrunbook.runbook.running import heard_of
from nbrunbook.runbook.status import Heard
from nbrunbook.texts import listed
from nbrunbook.work.drafts import draft_of
from nbrunbook.work.session import Session


def begin(
    session: Session,
    step_id: str,
    *,
    run: str,
    folder: Path,
    data: Mapping[str, str],
    operator: Operator | None = None,
) -> Event:
    """Write `started` and the run's row in one transaction, and return it; `run` is its id.

    The plan is the one that `session` knows: RefusedError where another one came into force meanwhile, and for what the
    rules do not allow.
    """
    plan = session.progress.versions[-1].plan.digest

    def shape(current: Progress, draft: Draft) -> Draft:
        if current.versions[-1].plan.digest != plan:
            raise RefusedError(f"cannot run {step_id}", "it was revised just now", "look at it again")
        kept = "" if "forced" in draft.data else current.of(step_id).run_key
        said = {**draft.data, "key": kept or run, "needs": events.NEEDS["started"]}
        return replace(draft, data=said, begins=RunPlace(host=socket.gethostname(), folder=str(folder)))

    return session.append("started", step_id, data=data, event_id=run, operator=operator, shape=shape)


def end(
    session: Session,
    step_id: str,
    run: str,
    kind: Kind,
    data: Mapping[str, str],
    *,
    log: bytes | None = None,
    alone: str = "",
) -> Event | None:
    """Write what came out of a run while it is the step's; else a note says it; None where a closed runbook takes none.

    On behalf of whoever started it. Repeating is safe. `alone` is as in Draft.
    """
    who, event_id, content = started_by(session, run), events.derived_id("end", run), _kept(session, log)
    said = _said(data, run, kind, content)

    def draft(current: Progress) -> Draft:
        why = rules.end_refusal(current, step_id, run)
        if why:
            raise LateError(f"cannot say how {step_id} ended", why)
        return replace(draft_of(kind, step_id, who, said, content), ends=run, alone=alone)

    with session.lock:
        try:
            return session.write_down(draft, event_id)
        except LateError:
            note = f"a run that was given up has ended after all: {kind}"
            more = f": {said['message']}" if "message" in said else ""
            try:
                return session.append("noted", step_id, data={"note": note + more, "run": run}, event_id=event_id)
            except RefusedError:
                return None


def started_by(session: Session, run: str) -> Operator:
    """Return who started a run: on behalf of whom it says what it does."""
    started = session.journal.event(run)
    if started is None:
        return session.operator
    return Operator(name=started.operator, known=started.known, known_by=started.known_by)


class LateError(RefusedError):
    """The run whose end is told is not the step's any more."""


def looked(
    session: Session,
    step_id: str,
    run: str,
    kind: Kind,
    data: Mapping[str, str],
    *,
    after: int,
    log: bytes | None = None,
) -> Event | None:
    """Write what a look at a check came to, if that is news (`looks.is_news`); else nothing, and return None.

    `after` is the number of the last event when it began. Repeating is safe.
    """

    def draft(current: Progress) -> Draft:
        if not looks.is_news(current, step_id, kind, after=after):
            raise NoNewsError(f"cannot say what {step_id} came to", "that is known by now")
        content = _kept(session, log)
        return draft_of(kind, step_id, session.operator, _said(data, run, kind, content), content)

    session.refresh()
    try:
        draft(session.progress)  # most looks are no news, and lock nothing
        with session.lock:
            return session.write_down(draft, events.derived_id("end", run))
    except NoNewsError:
        return None


class NoNewsError(RefusedError):
    """What a look came to is known, or older than what is."""


def list_again(session: Session, step_id: str, run: str, *, host: str, folder: str) -> None:
    """Have the journal hear of a run again whose row was lost with a restored backup, where it is the step's still."""

    def goes_on(seen: Journal) -> bool:
        new = seen.events(session.runbook, **session.known())
        return rules.end_refusal(replay.apply_all(session.progress, new, session.plans), step_id, run) is None

    with session.lock:
        runs.begin_again(session.journal, session.runbook, run, host=host, folder=folder, goes_on=goes_on)


def _kept(session: Session, log: bytes | None) -> tuple[bytes, ...]:
    """The log that goes in with an end; none that was redacted before: it would be there again."""
    return () if log is None or session.journal.blob(sha256(log)) == b"" else (log,)


def _said(data: Mapping[str, str], run: str, kind: Kind, kept: Sequence[bytes]) -> dict[str, str]:
    """What an end says; each text that says something."""
    log = {"log": sha256(kept[0])} if kept else {}
    return {**{name: text for name, text in data.items() if text}, **log, "run": run, "needs": events.NEEDS[kind]}


def say(
    session: Session,
    step_id: str,
    *,
    ran: bool,
    note: str,
    gone: bool,
    is_free: bool | None,
    lives: Sequence[int] = (),
    event_id: str | None = None,
    operator: Operator | None = None,
) -> Event:
    """Write an operator's word on a run of which nobody knows: a tick where it ran, else stopped. RefusedError as due.

    `is_free` says whether nothing of the run lives any more; None where it is on another host, which `gone` says is no
    more: then it has to be unknown. `lives` are the processes that are known to be of it.
    """
    step = session.step(step_id)
    attempt = f"cannot say what became of {step.id}"
    check_texts(attempt, "noted", {"note": note.strip()})
    session.refresh()
    state = session.progress.of(step.id)
    run, heard = state.run, heard_of(session.progress, state) or Heard()
    if run is None:
        raise RefusedError(attempt, "it does not run")
    if is_free is False:
        raise RefusedError(attempt, *_living(heard, lives or [heard.pid]))
    if is_free is None and not (gone and heard.is_unknown):
        why = f"it is on {heard.host or 'another host'}"
        known = "" if heard.is_unknown else f", and was heard of {heard.seconds:.0f} s ago"
        do = "say it there, or with --host-is-gone where that is no more"
        raise RefusedError(attempt, why + known, do)
    word = "reason" if ran else "note"
    data = {word: note.strip(), "run": run.id} | ({"host_is_gone": heard.host or "unknown"} if is_free is None else {})

    def draft(current: Progress) -> Draft:
        why = rules.end_refusal(current, step.id, run.id)
        if why:
            raise RefusedError(attempt, why)
        kind: Kind = "ticked" if ran else "stopped"
        needs = {"needs": events.NEEDS[kind]} if kind in ENDS else {}
        return replace(draft_of(kind, step.id, operator or session.operator, {**data, **needs}), ends=run.id)

    with session.lock:
        return session.write_down(draft, event_id)


def _living(heard: Heard, lives: Sequence[int]) -> tuple[str, str]:
    """Why nothing may be said of a run of which something lives, and what to do."""
    pids = [str(each) for each in lives]
    named = f"process{'es' if len(pids) > 1 else ''} {listed(pids)}"
    kill = f"end what is left of it: 'kill -KILL {' '.join(pids)}'"
    return f"it runs still, or something of it, as {named}", kill if heard.is_unknown else "stop it: --stop"


def stop(session: Session, step_id: str, *, operator: Operator | None = None) -> str:
    """Ask the run of a step to stop, and return its id; RefusedError where none goes on, or nobody hears it.

    Who asks is the session's operator where nobody is named.
    """
    step = session.step(step_id)
    session.refresh()
    state = session.progress.of(step.id)
    run, heard = state.run, heard_of(session.progress, state) or Heard()
    if run is None:
        raise RefusedError(f"cannot stop {step.id}", "it does not run")
    if heard.is_unknown:
        do = "say what happened: --it-ran or --it-did-not, with --reason"  # which says what of it still lives
        do = f"{of_unknown(session.key, step)}; or {do}" if step.kind == "batch" else do
        raise RefusedError(f"cannot stop {step.id}", f"nothing was heard of it for {heard.seconds:.0f} s", do)
    who = operator or session.operator
    runs.ask_to_stop(session.journal, run.id, f"{who.name} ({who.known})")
    return run.id
