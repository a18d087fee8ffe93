"""Elsewhere: what other runbooks say about the steps of one.

`after=id@production` names a step in every environment of a group, `after=2026.11.0#id` one of
another release, and a `.once` step that is settled in one environment of a group is settled in all.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from nbrunbook.runbook import events
from nbrunbook.runbook.events import Event


@dataclass(frozen=True, kw_only=True)
class Reference:
    """A step of other runbooks, as an `after` names it."""

    step: str
    release: str
    """Empty for the runbook's own."""
    place: str
    """An environment or a group; empty for the runbook's own group."""


def reference(text: str) -> Reference | None:
    """Return what an `after` names in other runbooks: id@place, release#id, release#id@place; None for a mere id."""
    release, mark, rest = text.rpartition("#")
    step, at, place = rest.partition("@")
    return Reference(step=step, release=release, place=place) if mark or at else None


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What other runbooks say to one reference."""

    settled_at: datetime | None = None
    """When the last of them was settled; None while any is not."""
    waiting: tuple[str, ...] = ()
    """Where it is not settled, in words."""


@dataclass(frozen=True, kw_only=True)
class Once:
    """A `.once` step that was settled in another runbook."""

    runbook: str
    """Its key."""
    event: Event


@dataclass(frozen=True, kw_only=True)
class Elsewhere:
    """All that other runbooks say about one."""

    answers: Mapping[str, Answer] = field(default_factory=dict)
    """By the reference as written."""
    once: Mapping[str, Once] = field(default_factory=dict)
    """By the step's id; only what is settled."""


NOTHING = Elsewhere()


def kept(once: Mapping[str, Once]) -> str:
    """Return what a sign-off keeps of the `.once` steps that others settled, as canonical JSON; empty for none."""
    if not once:
        return ""
    facts = {
        step_id: {"runbook": each.runbook, "body": each.event.body(), "data": dict(each.event.data)}
        for step_id, each in once.items()
    }
    return events.canonical(facts)


def without_texts(text: str) -> str:
    """Return what `kept` wrote without what was said there: who, what, when and where stays."""
    once = {step_id: replace(each, event=replace(each.event, data={})) for step_id, each in from_kept(text).items()}
    return kept(once)


def from_kept(text: str) -> dict[str, Once]:
    """Return what `kept` wrote; empty where it was redacted or is damaged."""
    try:
        facts = json.loads(text) if text else {}
        return {
            step_id: Once(
                runbook=each["runbook"],
                event=events.from_body(each["body"], data=json.dumps(each["data"]), salt=None),
            )
            for step_id, each in facts.items()
        }
    except (ValueError, TypeError, KeyError, AttributeError):
        return {}
