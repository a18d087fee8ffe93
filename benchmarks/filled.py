"""Journals full of finished runbooks: sound chains, written in bulk, on any engine."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from nbrunbook.journal import tables
from nbrunbook.journal.entries import RunbookRow, row_of
from nbrunbook.journal.journal import Journal
from nbrunbook.runbook import events
from nbrunbook.runbook.events import Event
from nbrunbook.runbook.parameters import bind_values
from nbrunbook.runbook.plan import Plan
from nbrunbook.template import planning
from nbrunbook.template.template import read_template

ENVIRONMENTS = ("staging", "eu", "us", "asia")
OPEN = 10
"""How many runbooks are open, the newest ones; all others were signed off."""
EVENTS = 50
"""How many events each runbook has."""
STEPS = 100
START = datetime(2016, 1, 1, tzinfo=UTC)
SETTINGS = """
[project]
name = "shop"
[tool.nbrunbook.environments]
staging = {}
eu = {group = "production"}
us = {group = "production"}
asia = {group = "production"}
"""


def release(number: int) -> str:
    """Return the release of a runbook's number: every environment gets each."""
    return f"{2016 + number // 400}.{number % 400 // len(ENVIRONMENTS)}.0"


def write_project(root: Path, runbooks: int) -> None:
    """Write the settings, and the templates of the newest releases."""
    (root / "pyproject.toml").write_text(SETTINGS, encoding="utf-8")
    (root / "templates").mkdir(exist_ok=True)
    for name in {release(runbooks - 1 - back) for back in range(OPEN)}:
        steps = "".join(f"- [ ] Bring service {number} up {{#step-{number}}}\n" for number in range(STEPS))
        (root / "templates" / f"{name}.md").write_text(f"## Services\n{steps}", encoding="utf-8")


def fill(opened: Journal, root: Path, numbers: range) -> int:
    """Write the runbooks of some numbers, of which the last OPEN stay open; return how many events that were."""
    first = next((root / "templates").iterdir())
    read = read_template(first)
    made = planning.make(read, bind_values(list(read.parameters), {}, {"environment": "staging"}))
    total = 0
    for start in range(numbers.start, numbers.stop, 100):
        several = range(start, min(start + 100, numbers.stop))
        written = [_rows(made, number, is_open=number >= numbers.stop - OPEN) for number in several]
        with opened.writing("benchmark") as connection:
            total += _insert(connection, written)
    return total


def _rows(made: Plan, number: int, *, is_open: bool) -> tuple[Plan, RunbookRow, list[Event]]:
    environment, name = ENVIRONMENTS[number % len(ENVIRONMENTS)], release(number)
    values = tuple(
        replace(value, value={"release": name, "environment": environment}[value.name]) for value in made.values
    )
    own = replace(made, release=name, environment=environment, values=values)
    at = START + timedelta(hours=number)
    row = row_of(
        {
            "key": f"{environment}/{name}",
            "project": "shop",
            "release": name,
            "environment": environment,
            "template": {"name": name, "parts": []},
            "parameters": own.texts(),
            "plan_digest": own.digest,
            "deployment": {},
            "created_at": events.instant(at),
            "created_by": "ana",
            "version": "0",
        }
    )
    return own, row, list(_chain(row, at, is_open=is_open))


def _chain(row: RunbookRow, at: datetime, *, is_open: bool) -> Iterator[Event]:
    """A runbook's life: made, notes and ticks, and signed off unless it is open."""
    previous = row.digest
    middle = [("noted", "", {"note": f"note {number}"}) for number in range(EVENTS - 2)]
    middle[: EVENTS // 2] = [("ticked", f"step-{STEPS - 1 - number}", {}) for number in range(EVENTS // 2)]
    last: list[Any] = [("noted", "", {"note": "waiting"})] if is_open else [("signed_off", "", {})]
    for seq, (kind, step, data) in enumerate([("opened", "", {}), *middle, *last], 1):
        salt, data_digest = events.salted(data)
        event = Event(
            id=events.new_id(), runbook=row.key, seq=seq, kind=kind, step=step, operator="ana", known="declared",
            known_by="env", at=at + timedelta(minutes=seq), prev_hash=previous, data=data, salt=salt,
            data_digest=data_digest,
        )  # fmt: skip
        previous = event.hash()
        yield event


def _insert(connection: sa.Connection, written: list[tuple[Plan, RunbookRow, list[Event]]]) -> int:
    connection.execute(sa.insert(tables.plans), [{"digest": made.digest, "body": made.body} for made, _, _ in written])
    connection.execute(
        sa.insert(tables.runbooks),
        [
            {
                "digest": row.digest, "project": row.project, "key": row.key, "release": row.release,
                "environment": row.environment, "plan": row.plan_digest, "body": row.body,
            }
            for _, row, _ in written
        ],
    )  # fmt: skip
    facts = [(row, event, event.body()) for _, row, chain in written for event in chain]
    connection.execute(
        sa.insert(tables.events),
        [
            {
                "id": event.id, "runbook": row.digest, "seq": event.seq, "kind": event.kind, "body": body,
                "hash": events.digest(body),
            }
            for row, event, body in facts
        ],
    )  # fmt: skip
    data = [
        {"event": event.id, "salt": event.salt, "data": events.canonical(dict(event.data))}
        for _, event, _ in facts
        if event.data
    ]
    connection.execute(sa.insert(tables.event_data), data)
    return len(facts)
