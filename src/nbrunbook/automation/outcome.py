"""Outcomes: what came out of a run, and the file that says so before the journal does."""

from __future__ import annotations

import json
import signal
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

from nbrunbook.automation import child
from nbrunbook.automation.child import cut
from nbrunbook.automation.masking import mask
from nbrunbook.documents import files
from nbrunbook.errors import NbrunbookError
from nbrunbook.runbook.events import ENDS
from nbrunbook.texts import short

SCHEMA = 1
SAID = tuple(kind for kind in ENDS if kind != "stopped")
"""Kinds that a child may say; stopped is what its supervisor did."""
TEXTS = ("value", "message", "traceback")
LONGEST = 64_000
"""Characters of a text that is kept."""
LARGEST = 10_000_000
"""Bytes of a file that is read."""
PLACE = "outcome.json"
"""What the file in a run's folder is called."""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What came out of a run; its texts are masked."""

    kind: str
    """One of ENDS."""
    value: str | None = None
    """What the function returned: a text, or JSON; None for None, and where it did not return."""
    message: str | None = None
    """An exception's text, what was warned of, or why nothing is known; None for none of them."""
    traceback: str | None = None
    seconds: float = 0.0
    """How long the run took: all attempts and the time between them, without that in which the machine slept."""
    attempts: int = 1
    """How often it was tried; 0 where it never began."""
    output: str = ""
    """The end of what was written to stdout and stderr."""
    board: str | None = None
    """Where a batch stands in each of its databases, as JSON; None for all else."""


def write(folder: Path, run: str, outcome: Outcome) -> None:
    """Write what came out of a run into its folder, for this user alone, whole and on the disk. Repeating is safe.

    FileNotFoundError where somebody has taken the folder away.
    """
    folder.stat()
    facts = {name: value for name, value in asdict(outcome).items() if (name, value) != ("board", None)}
    text = json.dumps({"schema": SCHEMA, "run": run, **facts}, indent=1)
    files.write(folder / PLACE, text.encode(), private=True)


def run_in(folder: Path) -> str | None:
    """Return which run the file in a folder is about; None where it does not say."""
    try:
        with files.opened(folder / PLACE) as file:
            found = json.loads(file.read(LARGEST + 1))["run"]
    except (OSError, ValueError, RecursionError, TypeError, KeyError):
        return None
    return found if isinstance(found, str) else None


def said_by(found: Outcome, stopper: str) -> Outcome:
    """Return one that was stopped with who asked for that."""
    return replace(found, message=f"{found.message} by {stopper}")


def read(folder: Path, run: str) -> Outcome | None:
    """Return what came out of a run; None where its folder does not say. NbrunbookError for a file that says else."""
    path = folder / PLACE
    try:
        with files.opened(path) as file:
            content = file.read(LARGEST + 1)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise NbrunbookError(f"{path} cannot be read ({error.strerror})", "what came out of a run") from None
    try:
        if len(content) > LARGEST:
            raise ValueError(f"more than {LARGEST / 1e6:g} MB")
        return _outcome(json.loads(content), run)
    except (ValueError, RecursionError) as error:
        found = f"{path} is damaged ({short(str(error), 200)})"
        raise NbrunbookError(found, f"what came out of the run {run}", "say by hand what happened") from None


def _outcome(facts: Any, run: str) -> Outcome:
    if not isinstance(facts, dict) or facts.pop("schema", None) != SCHEMA:
        raise ValueError(f"not of format {SCHEMA}")
    if facts.pop("run", None) != run:
        raise ValueError("it is about another run")
    if set(facts) | {"board"} != {each.name for each in fields(Outcome)}:
        raise ValueError(f"it says {', '.join(sorted(facts))}")
    texts = all(facts[name] is None or isinstance(facts[name], str) for name in TEXTS)
    texts = texts and isinstance(facts.get("board", ""), str)
    numbers = type(facts["seconds"]) in (int, float) and type(facts["attempts"]) is int
    if facts["kind"] not in ENDS or not texts or not numbers or not isinstance(facts["output"], str):
        raise ValueError("a value of another kind")
    return Outcome(**facts)


def said(line: bytes, status: int) -> Outcome:
    """Return what a child said, or why nothing is known of one that did not; `status` is negative for a signal.

    A line that has no end was not said: its child died over it.
    """
    if not line.endswith(b"\n"):
        return undecided(_silent(status))
    try:
        facts = json.loads(line)
    except (ValueError, RecursionError):
        facts = None
    if not isinstance(facts, Mapping) or facts.get("kind") not in SAID:
        return undecided("its process said what nobody understands")
    value, message, trace = (None if (text := facts.get(name)) is None else str(text) for name in TEXTS)
    return Outcome(kind=facts["kind"], value=value, message=message, traceback=trace)


def masked(found: Outcome, values: Sequence[str]) -> Outcome:
    """Return it without the values of secrets, its texts cut after that."""
    texts = (found.value, found.message, found.traceback)
    value, message, trace = (text and cut(_masked(text, values), LONGEST) for text in texts)
    return replace(found, value=value, message=message, traceback=trace)


def _masked(text: str, values: Sequence[str]) -> str:
    """Where a child has cut a text, its halves may end and begin within a value."""
    half, is_cut = child.LONGEST // 2, len(text) > child.LONGEST
    rest = child.CUT + mask(text[half + len(child.CUT) :], values, is_torn=True) if is_cut else ""
    return mask(text[:half] if is_cut else text, values) + rest


def undecided(message: str) -> Outcome:
    """Return that nothing is known, and why."""
    return Outcome(kind="undecided", message=message)


def _silent(status: int) -> str:
    if status >= 0:
        return f"its process ended with status {status}, and did not say what came out"
    try:
        name = signal.Signals(-status).name
    except ValueError:
        name = f"signal {-status}"
    why = {"SIGKILL": " (by somebody, or because memory ran out)", "SIGSEGV": " (a crash in native code)"}
    return f"its process was ended by {name}{why.get(name, '')}, and did not say what came out"
