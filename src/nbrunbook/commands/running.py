"""Runs as the command line shows them: followed to their end, in words and as JSON."""

from __future__ import annotations

import codecs
import shlex
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import click

from nbrunbook.commands.terminal import show_line, tell, tell_error
from nbrunbook.runbook import automation, events, run_words, words
from nbrunbook.runbook.events import Event, now
from nbrunbook.runbook.times import local

if TYPE_CHECKING:
    from nbrunbook.automation.beginning import Begun
    from nbrunbook.work.session import Session

    Followed = tuple[str, Begun, Event | None]
    """A runbook's key, a run of a step of it, and what came out; None where that is not known."""


def length(_: click.Context, option: click.Parameter, given: str | None) -> int | None:
    """Return the seconds of a length of time such as 90s, as an option gives it."""
    try:
        return automation.seconds(given) if given else None
    except ValueError:
        raise click.BadParameter(f"{given!r} is no length of time such as 30s, 5m or 2h", param=option) from None


def stop_words(key: str, step_id: str) -> str:
    """Return that a run goes on, and how to stop it."""
    return f"it goes on; 'nbrunbook run {shlex.join([key, step_id])} --stop' ends it"


def shown(*, err: bool) -> Callable[[bytes], None]:
    """Return what shows bytes of a run's output as text, on stdout or on stderr."""
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    return lambda chunk: click.echo(click.unstyle(decoder.decode(chunk)), nl=False, err=err)


def followed(session: Session, begun: Begun, *, quiet: bool = False) -> Event | None:
    """Show what a run writes, and then what came out; return that, None where nobody knows it.

    `quiet` shows nothing on stdout. KeyboardInterrupt leaves it running, and says so.
    """
    from nbrunbook.automation.beginning import follow

    try:
        end = follow(session, begun, shown(err=quiet))
    except KeyboardInterrupt:
        tell(f"\n{begun.step}: {stop_words(session.key, begun.step)}")
        raise
    if end is None:
        tell_error(_nobody_knows(session, begun))
    elif not quiet:
        show_line(f"{begun.step}: {run_words.came_out(end, local(now()), words.who)}")
        if end.data.get("value"):
            show_line(end.data["value"])
    return end


def _nobody_knows(session: Session, begun: Begun) -> str:
    state = session.progress.of(begun.step)
    if state.run is None:
        return f"{begun.step}: somebody has said what became of it: {words.line(state, local(now()))}"
    command = f"nbrunbook run {shlex.join([session.key, begun.step])}"
    return f"{begun.step} has died, and nobody knows how far it got: look, and say '{command} --it-ran' or --it-did-not"


def facts(found: Sequence[Followed]) -> dict[str, Any]:
    """Return runs as JSON."""
    return {"runs": [_fact(*each) for each in found]}


def _fact(key: str, begun: Begun, end: Event | None) -> dict[str, Any]:
    said = end.data if end else {}
    return {
        "runbook": key,
        "step": begun.step,
        "run": begun.run,
        "outcome": end.kind if end else None,
        "value": said.get("value"),
        "message": said.get("message"),
        "seconds": float(said["seconds"]) if "seconds" in said else None,
        "at": events.instant(end.at) if end else None,
    }


def exit_status(found: Sequence[Followed], *, stopped: bool = False) -> int:
    """Return 0 where all passed, with or without a warning; also where those were to be stopped that were."""
    good = ("passed", "warned", "stopped") if stopped else ("passed", "warned")
    return 0 if all(end is not None and end.kind in good for _, _, end in found) else 1
