"""Redacting: what a `redacted` blanks, made of what an operator asks for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from nbrunbook.errors import NbrunbookError, RefusedError
from nbrunbook.journal.entries import Draft
from nbrunbook.journal.raw_rows import Rows
from nbrunbook.project.operator import Operator
from nbrunbook.runbook import other_answers, redactions
from nbrunbook.runbook.events import ENDS
from nbrunbook.runbook.progress import Progress
from nbrunbook.work.drafts import draft_of
from nbrunbook.work.following import Following

Make = Callable[[Progress], Draft]
"""From the progress while the journal is locked to what is written."""


def of_event(following: Following, seq: int, reason: str, who: Operator) -> Make:
    """Return what blanks an event and its file; a file that another event names too stays. RefusedError on making."""
    found = redactions.find(following.events, seq)
    name = redactions.blob_of(found) if found else ""
    shared = [each for each in following.journal.users(name) if found is None or each.id != found.id] if name else []
    blobs = [] if shared or not name else [name]

    def make(_: Progress) -> Draft:
        why = redactions.refusal(following.events, seq)
        if why:
            raise RefusedError(f"cannot redact event {seq} of {following.key}", why)
        redaction = redactions.of(following.events, seq)
        kept = other_answers.without_texts(redaction.event.data.get("elsewhere", ""))
        said = redaction.data(reason, blobs=blobs, kept=kept)
        over = redaction.event.fact("run") if redaction.event.kind in ENDS else ""  # no row of it should be left
        draft = draft_of("redacted", "", who, said)
        return replace(draft, redacts=redaction.event.id, redacts_blobs=blobs, ends=over)

    return make


def of_code(following: Following, name: str, reason: str, who: Operator) -> Make:
    """Return what blanks a code cell that a plan of the runbook names, and the notebooks it was made with.

    It is the code of other runbooks, too: none of them can run it any more. RefusedError on making.
    """
    blobs = [name, *notebooks(following)]

    def make(current: Progress) -> Draft:
        if not any(name in version.plan.code for version in current.versions):
            raise RefusedError(f"cannot redact code of {following.key}", "no plan of it names that cell")
        if not any(map(following.journal.blob, blobs)):
            raise RefusedError(f"cannot redact code of {following.key}", "it was redacted before")
        said = {"reason": reason, "blobs": " ".join(blobs)}
        return replace(draft_of("redacted", "", who, said), redacts_blobs=blobs)

    return make


def notebooks(following: Following) -> list[str]:
    """Return the names of the notebooks that a runbook was made with: they hold its code, too."""
    opened = [event for event in following.of_kinds("opened") if not event.step]
    return list(dict.fromkeys(event.data["notebook"] for event in opened if event.data.get("notebook")))


def code_named(following: Following, asked: str) -> str:
    """Return the name of a code cell from its number in the plan in force, or the beginning of its sha256."""
    versions = following.progress.versions
    code = versions[-1].plan.code
    if asked.isdecimal() and 0 < int(asked[:6]) <= len(code):
        return code[int(asked) - 1]
    names = dict.fromkeys(name for version in versions for name in version.plan.code)
    found = [name for name in names if len(asked) >= 7 and name.startswith(asked)]
    if len(found) == 1:
        return found[0]
    listed = ", ".join(f"{number} ({name[:12]})" for number, name in enumerate(code, 1))
    raise NbrunbookError(
        f"no plan of {following.key} names a code cell {asked!r}", f"one of: {listed}" if code else "automated steps"
    )


def others_with(following: Following, name: str) -> list[str]:
    """Return the keys of the other runbooks of which some plan names a code cell."""
    rows, keys = Rows(following.journal), dict[str, None]()
    for plan in rows.plans_with(name):
        keys |= dict.fromkeys(rows.planned_by(plan))
        keys |= dict.fromkeys(event.runbook for event in following.journal.users(plan) if event.kind == "revised")
    return [key for key in keys if key != following.key]
