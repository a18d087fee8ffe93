"""What an operator tries, in words, and what every attempt has to bring: a reason, texts that can be written down."""

from __future__ import annotations

from collections.abc import Mapping

from nbrunbook.errors import RefusedError
from nbrunbook.runbook import events
from nbrunbook.runbook.events import Kind

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
    "redacted": "redact",
    "revised": "revise",
}
NEEDS_REASON = ("unticked", "skipped", "unskipped", "reopened", "abandoned", "redacted")

LONGEST_TEXT = 100_000
"""Characters in one note, reason or piece of evidence."""


def check_texts(attempt: str, kind: Kind, said: Mapping[str, str]) -> None:
    """Raise RefusedError for a missing reason or note, and for texts that are too long or cannot be written down."""
    if kind in NEEDS_REASON and not said.get("reason"):
        raise RefusedError(attempt, "a reason is asked for", "say why with --reason")
    if kind == "noted" and not said.get("note"):
        raise RefusedError(attempt, "the note is empty")
    for name, text in said.items():
        if len(text) > LONGEST_TEXT:
            raise RefusedError(attempt, f"the {name} has {len(text):,} characters, at most {LONGEST_TEXT:,}")
        try:
            events.canonical(text)
        except ValueError as error:
            raise RefusedError(attempt, f"the {name} holds what cannot be written down ({error})") from None
