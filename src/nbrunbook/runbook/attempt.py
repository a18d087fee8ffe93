"""What an operator tries, in words, and what every attempt has to bring: a reason, texts that can be written down."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from nbrunbook.errors import RefusedError
from nbrunbook.project.operator import Operator
from nbrunbook.runbook import events
from nbrunbook.runbook.events import Kind
from nbrunbook.runbook.plan import Step
from nbrunbook.runbook.times import Clock

VERBS: Mapping[str, str] = {
    "ticked": "tick",
    "unticked": "untick",
    "skipped": "skip",
    "unskipped": "unskip",
    "noted": "note",
    "approved": "approve",
    "taken": "take",
    "added": "add a step to",
    "signed_off": "sign off",
    "reopened": "reopen",
    "abandoned": "abandon",
    "archived": "archive",
    "opened": "open",
    "closed": "close",
    "redacted": "redact",
    "revised": "revise",
    "started": "run",
    "paused": "pause",
    "resumed": "resume",
    "resized": "set the batch size of",
}


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """An event that somebody wants to follow, as far as the rules ask about it."""

    kind: Kind
    step: Step | None
    """None for what is about the whole runbook."""
    operator: Operator
    clock: Clock
    """When, and how instants are told to the one who tries."""
    evidence: str = ""
    """What is given for a tick."""
    file: bool = False
    """Whether a file comes with it."""
    reason: str = ""
    """Why a step that the machine does is done by hand, or is run once more."""
    forced: bool = False
    """Whether an action is to be run that is done."""
    verified_approvals: bool = False
    """Whether only verified operators may approve here."""


NEEDS_REASON = ("unticked", "skipped", "unskipped", "reopened", "abandoned", "redacted")

LONGEST_TEXT = 100_000
"""Characters in one note, reason or piece of evidence."""


def check_texts(attempt: str, kind: Kind, said: Mapping[str, str]) -> None:
    """Raise RefusedError for a missing reason or note, and for texts that are too long or cannot be written down."""
    if kind in NEEDS_REASON and not said.get("reason"):
        raise RefusedError(attempt, "a reason is asked for", "say why with --reason")
    if kind == "noted" and not said.get("note"):
        raise RefusedError(attempt, "the note is empty", "say it as TEXT")
    for name, text in said.items():
        if len(text) > LONGEST_TEXT:
            raise RefusedError(attempt, f"the {name} has {len(text):,} characters, at most {LONGEST_TEXT:,}")
        try:
            events.canonical(text)
        except ValueError as error:
            raise RefusedError(attempt, f"the {name} holds what cannot be written down ({error})") from None
