"""Looks as the command line shows them: a check that has a result, and looks again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbrunbook.commands.running import Came, Shown, nothing, show_value, tone
from nbrunbook.commands.terminal import show_line, tell, tell_error
from nbrunbook.runbook import run_words
from nbrunbook.runbook.events import Event, now
from nbrunbook.runbook.status import OPEN, StepState

if TYPE_CHECKING:
    from nbrunbook.automation.outcome import Outcome
    from nbrunbook.work.session import Session


def looked_again(session: Session, step_id: str, *, quiet: bool, with_output: bool) -> Came:
    """Have a check look again, show what came out, on request not on stdout, and return that.

    `with_output` shows what it writes, too.
    KeyboardInterrupt ends it, and says that nothing was recorded.
    """
    from nbrunbook.automation import looking
    from nbrunbook.work.naming import project_here

    before = session.progress.steps.get(step_id, OPEN)
    look = looking.begin(session, project_here(), step_id)
    output = Shown(err=quiet)
    try:
        found, is_news = looking.follow(session, look, output if with_output else nothing)
    except KeyboardInterrupt:
        looking.give_up(look)
        tell(f"\n{session.key}, {step_id}: it ends, and nothing is recorded of it")
        raise
    output.end()
    came = Came(runbook=session.key, step=step_id, run=look.run)
    if found is None:
        tell_error(f"{session.key}, {step_id}: it has died, and nobody knows what it saw; nothing is recorded")
        return came
    if not quiet:
        session.refresh()
        words = _words(found, before.since or before.last, is_news=is_news)
        follows = _what_follows(session, step_id, before) if is_news else ""
        show_line(f"{session.key}, {step_id}: {words}{follows}", tone(found.kind))
        show_value(found.value)
    said = {"value": found.value, "message": found.message, "seconds": found.seconds, "at": now()}
    return Came(runbook=session.key, step=step_id, run=look.run, outcome=found.kind, **said)  # type: ignore[arg-type]


def _words(found: Outcome, known: Event | None, *, is_news: bool) -> str:
    outcome = run_words.OUTCOMES[found.kind]
    said = f": {run_words.said(found.message)}" if found.message else ""
    if found.kind == "stopped":
        return f"{outcome}, and nothing is recorded of it"
    if is_news:
        return f"{outcome}{f' (before: {run_words.OUTCOMES[known.kind]})' if known else ''}{said}"
    if known is not None and known.kind == found.kind:
        return f"{outcome}, as before{said}"
    return f"{outcome}, and not recorded, since something became of the step meanwhile{said}"


def _what_follows(session: Session, step_id: str, before: StepState) -> str:
    if session.progress.state == "signed_off":
        return "; the runbook stays signed off"
    is_open = session.progress.of(step_id).status == "open"
    return "; its step is open again" if is_open and before.settled else ""
