"""Runs as the command line shows them: followed to their end, in words and as JSON."""

from __future__ import annotations

import codecs
import re
import shlex
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from nbrunbook.commands.terminal import show_line, tell, tell_error
from nbrunbook.documents.terminal_text import STEERING
from nbrunbook.errors import RefusedError, one_line, visible
from nbrunbook.runbook import changed_code, events, lengths, remedies, run_words, words
from nbrunbook.runbook.events import PASSED, Event, now
from nbrunbook.runbook.plain import Tone, shortened
from nbrunbook.runbook.plan import Step
from nbrunbook.runbook.times import local

if TYPE_CHECKING:
    from nbrunbook.automation.beginning import Begun
    from nbrunbook.work.session import Session

BEGUN = re.compile("(?:\x1b(?:[ -/]*|\\[[0-?]*[ -/]*|[]PX^_][^\x07\x1b\x9c\n]*)|\r)$")
"""What steers a terminal, whose end is still to come."""
LONGEST_SEQUENCE = 200
"""Characters that are kept back at most."""


@dataclass(frozen=True, kw_only=True)
class Came:
    """A run, and what came out of it."""

    runbook: str
    step: str
    run: str
    outcome: str | None = None
    """None where that is not known."""
    value: str | None = None
    message: str | None = None
    seconds: float | None = None
    at: datetime | None = None

    def to_json(self) -> dict[str, Any]:
        """Return it as `run --json` and `check --json` show it."""
        return {**vars(self), "at": events.instant(self.at) if self.at else None}


def length(_: click.Context, option: click.Parameter, given: str | None) -> int | None:
    """Return the seconds of a length of time such as 90s, as an option gives it."""
    try:
        return lengths.seconds(given) if given else None
    except ValueError:
        raise click.BadParameter(f"{given!r} is no length of time such as 30s, 5m or 2h", param=option) from None


def stop_words(key: str, step_id: str) -> str:
    """Return that a run goes on, and how to stop it."""
    return f"it goes on; 'nbrunbook run {shlex.join([key, step_id])} --stop' ends it"


def nothing(_: bytes) -> None:
    """Show nothing of a run's output."""


class Shown:
    """Shows what a run writes, as it comes, without what would steer a terminal; on stdout or on stderr.

    `put` has it shown by somebody else.
    """

    def __init__(self, *, err: bool = False, put: Callable[[str], None] | None = None) -> None:
        self._put_out = put or partial(click.echo, nl=False, err=err)
        self._is_bare, self._kept = True, ""
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")

    def __call__(self, chunk: bytes) -> None:
        """Show what came; of a sequence that steers a terminal its end may still be to come."""
        text = self._kept + self._decoder.decode(chunk)
        begun = BEGUN.search(text, max(0, len(text) - LONGEST_SEQUENCE))
        at = begun.start() if begun else len(text)
        text, self._kept = text[:at], text[at:]
        self._put(text)

    def end(self) -> None:
        """Show what was kept back, and end the line that was begun."""
        self._put(self._kept)
        self._kept = ""
        if not self._is_bare:
            self._put("\n")

    def _put(self, text: str) -> None:
        lines = STEERING.sub("", text).replace("\r\n", "\n").replace("\r", "\n")
        if lines:
            self._is_bare = lines.endswith("\n")
            self._put_out(visible(lines))


def begun_only(session: Session, begun: Begun) -> Came:
    """Return a run that nobody waits for."""
    return Came(runbook=session.key, step=begun.step, run=begun.run)


def followed(
    session: Session,
    begun: Begun,
    *,
    quiet: bool = False,
    key: str = "",
    with_output: bool = True,
) -> Came:
    """Show what a run writes, and then what came out; return that. KeyboardInterrupt leaves it running, and says so.

    `quiet` shows nothing on stdout; `key` stands before the step where several runbooks are shown.
    """
    from nbrunbook.automation.beginning import follow

    output = Shown(err=quiet)
    try:
        end = follow(session, begun, output if with_output else nothing)
    except KeyboardInterrupt:
        tell(f"\n{begun.step}: {stop_words(session.key, begun.step)}")
        raise
    output.end()
    if end is None:
        tell_error(_nobody_knows(session, begun))
        return begun_only(session, begun)
    if not quiet:
        show_end(f"{key}, {begun.step}" if key else begun.step, end)
    return came(session, begun, end)


def show_end(name: str, end: Event) -> None:
    """Show what came out of a run, and what its function returned."""
    show_line(f"{name}: {run_words.came_out(end, local(now()), words.who)}", tone(end.kind))
    show_value(end.data.get("value"))


def show_value(value: str | None) -> None:
    """Show what a function returned, where it did; cut where it would flood a terminal: the JSON has all of it."""
    if value:
        show_line(shortened(value))


def tone(outcome: str | None) -> Tone:
    """Return how an outcome is shown."""
    return "good" if outcome in PASSED else "late"


def _nobody_knows(session: Session, begun: Begun) -> str:
    state = session.progress.of(begun.step)
    if state.run is None:
        return f"{begun.step}: somebody has said what became of it: {words.line(state, local(now()))}"
    do = remedies.of_unknown(session.key, session.step(begun.step))
    return f"{begun.step} has died, and nobody knows how far it got: {do}"


def came(session: Session, begun: Begun, end: Event) -> Came:
    """Return a run with what came out of it."""
    return Came(
        runbook=session.key,
        step=begun.step,
        run=begun.run,
        outcome=end.kind,
        value=end.data.get("value"),
        message=end.data.get("message"),
        seconds=run_words.timing(end)[0],
        at=end.at,
    )


def facts(found: Sequence[Came]) -> dict[str, Any]:
    """Return runs as JSON."""
    return {"runs": [each.to_json() for each in found]}


def exit_status(found: Sequence[Came], *, stopped: bool = False) -> int:
    """Return 0 where all passed, with or without a warning; also where those were to be stopped that were."""
    good = (*PASSED, "stopped") if stopped else PASSED
    return 0 if all(each.outcome in good for each in found) else 1


def ask(session: Session, step_id: str, *, reason: str, yes: bool) -> None:
    """Ask before what cannot be undone, what may have been done already, and what goes on with other code.

    RefusedError where nobody is there to answer, or says no. `yes` answers it; `reason` forces what is done.
    """
    step = session.step(step_id)
    why = next(_questionable(session, step), "")
    if step.kind == "batch" and not why:
        return
    session.check_attempt("started", step_id, data={"reason": reason, "forced": "yes" if reason else ""})
    if yes or not why:
        return
    if not sys.stdin.isatty():
        raise RefusedError(f"cannot run {step_id}", f"it {why}, so it asks again", "add --yes")
    if not click.confirm(f"“{one_line(visible(step.title))}” {why}. Run it?", err=True):
        raise RefusedError(f"cannot run {step_id}", "the question was answered with no")


def _questionable(session: Session, step: Step) -> Iterator[str]:
    """Why it asks before a run; nothing where it does not, and where a batch runs that is only joined."""
    state = session.progress.of(step.id)
    if state.run is not None or (step.kind == "batch" and state.settled):
        return
    if step.is_irreversible and step.kind != "check":
        yield "cannot be undone"
    if step.kind == "action" and state.run_key:
        yield "may have been done, or half of it"
    if changed_code.has_changed(session.progress, step):
        yield "goes on with other code than it began with"
