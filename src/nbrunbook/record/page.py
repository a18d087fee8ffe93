"""What stands around the cells of a record: what an auditor asks first, the journal, and what it was made from."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Protocol

from nbrunbook.documents.markdown.html import Html
from nbrunbook.errors import visible
from nbrunbook.journal.entries import RunbookRow
from nbrunbook.journal.reading import Reader
from nbrunbook.project.settings import Project
from nbrunbook.runbook import account, events, run_facts, words
from nbrunbook.runbook.events import Event
from nbrunbook.runbook.html import NOTHING, linked
from nbrunbook.runbook.plan import Plan
from nbrunbook.runbook.progress import Progress
from nbrunbook.runbook.times import Clock, utc
from nbrunbook.runbook.unusual import Unusual, name_of, unusual
from nbrunbook.texts import many, short

FOR_MACHINES = (("revised", "template"), ("signed_off", "elsewhere"), ("closed", "needs"))
"""What events say, by kind and name, that the page shows in words elsewhere; it stands in the JSON."""
SAFE = re.compile(r"[^A-Za-z0-9 ./@~_-]")
"""Characters that are written as codes in a text of the style sheet."""


class Recordable(Protocol):
    """What a record shows of a runbook: a session is one."""

    @property
    def key(self) -> str:
        """The runbook's key."""
        ...

    @property
    def runbook(self) -> RunbookRow:
        """Its row in the journal."""
        ...

    @property
    def journal(self) -> Reader:
        """Where its blobs are."""
        ...

    @property
    def plan(self) -> Plan:
        """The plan that it was made from."""
        ...

    @property
    def template(self) -> Mapping[str, Any]:
        """What is said of the template that the plan in force was read from."""
        ...

    @property
    def progress(self) -> Progress:
        """Its steps as its events leave them."""
        ...

    @property
    def events(self) -> Sequence[Event]:
        """All of them, in order."""
        ...

    def file(self, sha256: str) -> bytes | None:
        """Return a file that was given as evidence; None for any other blob."""
        ...


def surroundings(shown: Recordable, project: Project, *, draft: bool) -> dict[str, Any]:
    """Return what the layout shows besides the cells: texts, and HTML that is ours."""
    progress, facts = shown.progress, shown.runbook.facts
    environment, clock = progress.plan.environment, utc(events.now())
    return {
        "draft": draft,
        "title": visible(f"{'DRAFT ' if draft else ''}{shown.key}: record of a runbook"),
        "release": visible(progress.plan.release),
        "environment": visible(environment),
        "production": project.is_production(environment),
        "earlier": _earlier(shown.events, clock),
        "facts": [(name, linked(value)) for name, value in _facts(shown, project, clock)],
        "people": account.people(shown.events, progress),
        "unusual": [
            (each.kind.capitalize(), _subject(progress, each), visible(each.words))
            for each in unusual(progress, shown.events, facts["template"], clock)
        ],
        "made_from": [(name, visible(value)) for name, value in _made_from(shown)],
        "events": [_event_row(progress, event) for event in shown.events],
        "head": shown.events[-1].hash(),
    }


def css_text(text: str) -> str:
    """Return a text as a string of a style sheet: no character of it can end the string, or the style element.

    https://www.w3.org/TR/css-syntax-3/#consume-escaped-code-point
    """
    return '"' + SAFE.sub(lambda found: f"\\{ord(found[0]):06x}", text) + '"'


def _facts(shown: Recordable, project: Project, clock: Clock) -> Iterator[tuple[str, str]]:
    progress, about = shown.progress, shown.runbook.facts
    template = shown.template
    yield "What", f"release {progress.plan.release}, from {_names(template)}"
    environment = progress.plan.environment
    marked = " (production)" if project.is_production(environment) and environment != "production" else ""
    yield "Where", f"{environment}{marked}"
    yield "Runbook", shown.key
    yield from (each for each in words.origin(about, template) if each[0] == "Deployed")
    yield from account.course(progress, shown.events, clock)
    if progress.notes:
        yield "Handover", words.handover(progress, clock)
    yield "Journal", f"{many(len(shown.events), 'event')}, in this page"


def _names(template: Mapping[str, Any]) -> str:
    parts = template["parts"]
    commits = {part["commit"][:12] for part in parts if part["commit"]}
    at = f" (commit {', '.join(sorted(commits))})" if commits else ""
    return f"{', '.join(part['path'] for part in parts) or template['name']}{at}"


def _earlier(happened: Sequence[Event], clock: Clock) -> str:
    """That this is not the first record of its runbook, and what came before it; empty for the first."""
    archived = [event for event in happened if event.kind == "archived"]
    if not archived:
        return ""
    last = archived[-1]
    since = [event.kind.replace("_", " ") for event in happened[last.seq :] if event.kind in ("reopened", "redacted")]
    why = f" It was {' and '.join(dict.fromkeys(since))} since." if since else ""
    return visible(
        f"This is record {len(archived) + 1} of this runbook. It comes after {last.data.get('record', '')} "
        f"(sha256 {last.data.get('sha256', '')}), written {clock(last.at)} by {words.who(last)}.{why}"
    )


def _subject(progress: Progress, each: Unusual) -> Html:
    return _link(progress, each.subject, name_of(progress, each.subject)) if each.subject else NOTHING


def _link(progress: Progress, subject: str, name: str) -> Html:
    """The name of a step or a section, as a link to its place in the page where it has one."""
    title, plan = short(name), progress.plan
    if subject in plan.by_id:
        return Html('<a href="#step-{}">{}</a>').format(subject, title)
    if any(subject in sections for sections in progress.homes.values()):
        return Html('<a href="#section-{}">{}</a>').format(subject, title)
    return Html("{}").format(title)


def _made_from(shown: Recordable) -> list[tuple[str, str]]:
    progress, facts = shown.progress, shown.runbook.facts
    not_committed = words.uncommitted(facts["template"])
    return [
        ("Template", _parts(facts["template"])),
        *([("Not committed", not_committed)] if not_committed else []),
        *((f"Parameter {name}", str(value)) for name, value in facts["parameters"].items()),
        ("Plan", f"sha256 {facts['plan_digest']}"),
        *(("Revision", _revision(version.event)) for version in progress.versions if version.event),
        ("Runbook", f"sha256 {shown.runbook.digest}, made {_exact(facts['created_at'])} by {facts['created_by']}"),
        *((name.replace("_", " ").capitalize(), value) for name, value in facts["deployment"].items() if value),
    ]


def _exact(instant: str) -> str:
    return f"{to_the_second(events.from_instant(instant))} UTC"


def to_the_second(at: datetime) -> str:
    """Return an instant in UTC where order matters: 22 Nov 2026 14:02:05."""
    return f"{utc(at).date(at)} {at.astimezone(UTC):%H:%M:%S}"


def _parts(template: Mapping[str, Any]) -> str:
    return ", ".join(
        f"{part['path']} (sha256 {part['sha256']}, commit {part['commit'] or 'unknown'})" for part in template["parts"]
    )


def _revision(event: Event) -> str:
    made = f"event {event.seq}, {to_the_second(event.at)} UTC by {event.operator}: {event.data.get('summary', '')}"
    template = json.loads(event.data["template"])
    not_committed = words.uncommitted(template)
    more = f", not committed: {not_committed}" if not_committed else ""
    return f"{made}. Plan sha256 {event.data['plan']}, from {_parts(template)}{more}"


def _event_row(progress: Progress, event: Event) -> dict[str, Any]:
    kept = run_facts.said(event)
    if kept is None:
        kept = {name: text for name, text in event.data.items() if (event.kind, name) not in FOR_MACHINES}
    said = Html("; ").join(
        Html("{}: {}").format(name, linked(text) if name == "evidence" else text) for name, text in kept.items()
    )
    name = name_of(progress, event.step) if event.step else ""
    return {
        "seq": event.seq,
        "at": to_the_second(event.at),
        "who": visible(event.operator),
        "known": f"{event.known} ({event.known_by})",
        "kind": event.kind.replace("_", " "),
        "step": _link(progress, event.step, name) if name else NOTHING,
        "id": event.step if name != event.step else "",
        "said": Html("(redacted)") if event.redacted else said,
    }
