"""Shown code: whether what a record shows as run is the code that its plans name, and its logs those of its events.

Lines are compared with the lines that the page itself names: whatever a later Python makes of the code, this holds.
"""

from __future__ import annotations

import base64
import binascii
import html
import re
from collections.abc import Iterator, Mapping
from typing import Any

from nbrunbook.errors import visible
from nbrunbook.journal.entries import sha256
from nbrunbook.runbook import events, redactions
from nbrunbook.runbook.events import Event
from nbrunbook.runbook.plan_json import code_in
from nbrunbook.runbook.program import Blob, named
from nbrunbook.runbook.what_ran import excerpt, lines_from

PLANS, CODE, GONE = "plans", "code", "gone"
"""In a record's JSON: its plans by their digests; the sources by their sha256; why others are not there."""
ELEMENT = re.compile(r'<(?:a|pre)((?: [a-z-]+="[^"<>]*")+)>([^<]*)')
"""A link or a text, with its attributes in whatever order; what was typed has no quotes in it."""
ATTRIBUTE = re.compile(r'([a-z-]+)="([^"]*)"')
SAVED = "data:text/plain;base64,"


def fault(facts: Mapping[str, Any], content: bytes) -> str | None:
    """Return the first thing that does not hold about the code and the logs of a record of the second format."""
    try:
        happened = list(_chained(facts))
        page = content.decode("utf-8", errors="replace")
        found = (*_of_plans(facts, happened), *_of_code(facts, happened), *_of_page(facts, happened, page))
        return next(iter(found), None)
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
        return f"the code in the page cannot be read ({error})"


def differences(facts: Mapping[str, Any], blob: Blob) -> Iterator[str]:
    """Yield which code a record says was redacted, and the journal holds still."""
    for name in facts.get(GONE, {}):
        if blob(name):
            yield f"the page says that the code {name[:12]}… is gone, and the journal holds it"


def blanked_since(facts: Mapping[str, Any], blob: Blob) -> list[str]:
    """Return the names of the code that a record still shows, and that was redacted after it was written."""
    return [name for name in facts.get(CODE, {}) if blob(name) == b""]


def _chained(facts: Mapping[str, Any]) -> Iterator[Event]:
    body = events.canonical(facts["runbook"])
    return events.chained(facts["events"], runbook=facts["runbook"]["key"], first_hash=events.digest(body))


def _of_plans(facts: Mapping[str, Any], happened: list[Event]) -> Iterator[str]:
    revised = [event.data["plan"] for event in happened if event.kind == "revised" and "plan" in event.data]
    expected = [facts["runbook"]["plan_digest"], *revised]
    for digest in expected:
        if digest not in facts[PLANS]:
            yield f"the plan {digest[:12]}… that its events name is not in the page"
    for digest, plan in facts[PLANS].items():
        if digest not in expected:
            yield f"no event names the plan {digest[:12]}… that is in the page"
        elif events.digest(events.canonical(plan)) != digest:
            yield f"the plan {digest[:12]}… in the page was edited"


def _names(facts: Mapping[str, Any]) -> list[str]:
    return [name for plan in facts[PLANS].values() for name in code_in(events.canonical(plan))]


def _of_code(facts: Mapping[str, Any], happened: list[Event]) -> Iterator[str]:
    names, blanked = _names(facts), redactions.blanked(happened)
    for name, source in facts[CODE].items():
        if name not in names:
            yield f"no plan in the page names the code {name[:12]}…"
        elif named(source) != name:
            yield f"the code {name[:12]}… in the page is not the one that its plan names"
    for name in names:
        said = str(facts.get(GONE, {}).get(name, ""))
        if name not in facts[CODE] and name not in blanked and not said.startswith("redacted by event"):
            yield f"the code {name[:12]}… that a plan names is not in the page, and nothing says that it was redacted"


def _of_page(facts: Mapping[str, Any], happened: list[Event], page: str) -> Iterator[str]:
    logs = {event.data.get("log") for event in happened}
    for found in ELEMENT.finditer(page):
        said = dict(ATTRIBUTE.findall(found[1]))
        if "data-code" in said:
            yield from _of_lines(facts[CODE], said["data-code"], said["data-lines"], html.unescape(found[2]))
        elif "data-log" in said:
            name, encoded = said["data-log"], said["href"].removeprefix(SAVED)
            if name not in logs or _decoded_name(encoded) != name:
                yield f"the output {name[:12]}… in the page is not what an event names"


def _of_lines(code: Mapping[str, str], name: str, lines: str, text: str) -> Iterator[str]:
    if name not in code:
        yield f"the page shows code {name[:12]}… that is not in its JSON"
    elif visible(excerpt(code[name], lines_from(lines))) != text:
        yield f"the page shows other code than lines {lines} of {name[:12]}…, which its plan names"


def _decoded_name(encoded: str) -> str:
    try:
        return sha256(base64.b64decode(encoded, validate=True))
    except binascii.Error:
        return ""
