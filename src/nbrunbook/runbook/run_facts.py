"""Run facts: what the events of a run say, in words, for whoever reads a journal or a record. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from nbrunbook.errors import one_line
from nbrunbook.runbook.events import CONTROLS, ENDS, Event
from nbrunbook.runbook.past_runs import PastRun, is_decision
from nbrunbook.runbook.redactions import FACTS
from nbrunbook.runbook.run_words import LONGEST_MESSAGE, OUTCOMES, SECONDS, timing
from nbrunbook.runbook.times import span
from nbrunbook.texts import many, short

TEXTS = ("value", "message", "reason", "note", "evidence", "for")
"""What is told of a run in a table, in this order; the rest stands at its step."""


def said(event: Event) -> Mapping[str, str] | None:
    """Return what an event of a run says, each text under its name; None for any other event."""
    if event.kind == "redacted":
        kept = {name: text for name, text in event.data.items() if name not in FACTS}
        return kept if len(kept) < len(event.data) else None
    if event.kind not in ("started", *ENDS, *CONTROLS) and not event.data.get("run"):
        return None
    told = {name: short(one_line(event.data[name]), LONGEST_MESSAGE) for name in TEXTS if event.data.get(name)}
    if is_decision(event):
        told = {"an operator says": "it ran" if event.kind == "ticked" else "it did not run", **told}
    if event.kind == "started":
        told |= {"forced": "run once more"} if event.fact("forced") else {}
        told |= {"at most": f"{event.fact('timeout')} s"} if event.fact("timeout") else {}
    told |= {"rows a chunk": event.fact("batch_size")} if event.fact("batch_size") else {}
    told |= {"took": took(event)} if took(event) else {}
    told |= {"output": f"{many(len(event.data['output']), 'character')}"} if event.data.get("output") else {}
    return told | ({"host that is gone": event.fact("host_is_gone")} if event.fact("host_is_gone") else {})


def took(end: Event) -> str:
    """Return how long a run took, in how many attempts; empty where no machine says it."""
    seconds, attempts = timing(end)
    if seconds is None:
        return ""
    length = span(seconds) if seconds >= SECONDS else f"{seconds:.1f} s"
    return length if attempts == 1 else f"{length}, {many(attempts, 'attempt')}"


def outcome(run: PastRun) -> str:
    """Return what came out of a run, in a word or a few."""
    if run.end is None:
        return "goes on"
    if run.is_by_word:
        return "ran, an operator says" if run.end.kind == "ticked" else "did not run, an operator says"
    return OUTCOMES[run.end.kind]
