"""What guards a step in its template: the gates above it, what it gets from its section, who asks for it."""

from __future__ import annotations

from collections.abc import Collection

from nbrunbook.review import risks
from nbrunbook.review.snapshot import Snapshot
from nbrunbook.review.things import Thing
from nbrunbook.runbook import gates
from nbrunbook.runbook.gates import Stage, Stop


def section_title(side: Snapshot, step: Thing) -> str:
    """Return the title of a step's section."""
    section = side.section_by_id.get(step.section)
    return section.title if section else ""


def closed_by(side: Snapshot, section_id: str) -> str | None:
    """Return the id of the `.if-needed` section that a section is or stands in."""
    section = side.section_by_id.get(section_id)
    if section is None:
        return None
    return section.id if ".if-needed" in section.facts else section.facts.get("in")


def is_required(side: Snapshot, step: Thing) -> bool:
    """Tell whether sign-off asks for a step itself."""
    section = side.section_by_id.get(step.section)
    optional = ".optional" in step.facts or (section is not None and ".optional" in section.facts)
    return "box" in step.facts and ".group" not in step.facts and not optional and not closed_by(side, step.section)


def risk_of_place(old: Snapshot, before: Thing, new: Snapshot, now: Thing) -> str | None:
    """Return the risk, a key of RISKS, that a step's new section or parent brings and its old one did not."""
    if closed_by(new, now.section) and not closed_by(old, before.section):
        return "if-needed"
    if is_required(old, before) and not is_required(new, now) and ".optional" not in now.facts:
        return "optional"
    return risks.of_change("when", _conditions(old, before), _conditions(new, now))


def _conditions(side: Snapshot, step: Thing) -> str | None:
    """What holds for a step from its section and the steps above it."""
    section = side.section_by_id.get(step.section)
    found = [section.facts["when"]] if section and "when" in section.facts else []
    above = side.by_id.get(step.parent or "")
    while above is not None:
        found += [above.facts["when"]] if "when" in above.facts else []
        above = side.by_id.get(above.parent or "")
    return " and ".join(f"({each})" for each in sorted(set(found))) or None


def behind_gates(side: Snapshot, *, opened: Collection[str] = ()) -> dict[str, list[str]]:
    """Return the ids of the steps behind each gate; gates are named step:id or section:id.

    `opened` holds the ids of the `.if-needed` sections that are open.
    """
    headings = [
        Stage(id=each.id, is_gate=".gate" in each.facts, closed_by=closed_by(side, each.id)) for each in side.sections
    ]
    stops = [
        Stop(id=each.id, section=each.section, parent=each.parent, is_gate=".gate" in each.facts) for each in side.steps
    ]
    return gates.behind(headings, stops, opened=opened)
