"""How a step stands in its template: which gates are above it, what it gets from there, who asks for it."""

from __future__ import annotations

from collections.abc import Mapping

from nbrunbook import risks
from nbrunbook.sides import Side, Thing


def section_title(side: Side, step: Thing) -> str:
    """Return the title of a step's section."""
    section = side.section_by_id.get(step.section)
    return section.title if section else ""


def closed_by(side: Side, section_id: str) -> str | None:
    """Return the id of the `.if-needed` section that a section is or stands in."""
    section = side.section_by_id.get(section_id)
    if section is None:
        return None
    return section.id if ".if-needed" in section.facts else section.facts.get("in")


def is_required(side: Side, step: Thing) -> bool:
    """Tell whether sign-off asks for a step itself."""
    section = side.section_by_id.get(step.section)
    optional = ".optional" in step.facts or (section is not None and ".optional" in section.facts)
    return "box" in step.facts and ".group" not in step.facts and not optional and not closed_by(side, step.section)


def risk_of_place(old: Side, before: Thing, new: Side, now: Thing) -> str | None:
    """Return the risk, a key of RISKS, that a step's new section or parent brings and its old one did not."""
    if closed_by(new, now.section) and not closed_by(old, before.section):
        return "if-needed"
    if is_required(old, before) and not is_required(new, now) and ".optional" not in now.facts:
        return "optional"
    return risks.of_change("when", _conditions(old, before), _conditions(new, now))


def _conditions(side: Side, step: Thing) -> str | None:
    """What holds for a step from its section and the steps above it."""
    section = side.section_by_id.get(step.section)
    found = [section.facts["when"]] if section and "when" in section.facts else []
    above = side.by_id.get(step.parent or "")
    while above is not None:
        found += [above.facts["when"]] if "when" in above.facts else []
        above = side.by_id.get(above.parent or "")
    return " and ".join(f"({each})" for each in sorted(set(found))) or None


def behind_gates(side: Side) -> dict[str, list[str]]:
    """Return the ids of the steps behind each gate; gates are named step:id or section:id."""
    found: dict[str, list[str]] = {}
    gates: list[tuple[str, str | None]] = []
    parents = {step.id: step.parent for step in side.steps}
    by_section: dict[str, list[Thing]] = {}
    for step in side.steps:
        by_section.setdefault(step.section, []).append(step)
    for section in side.sections:
        closed = closed_by(side, section.id)
        if ".gate" in section.facts:
            gates.append((f"section:{section.id}", closed))
            found[f"section:{section.id}"] = []
        for step in by_section.get(section.id, ()):
            above = _above(step.id, parents)
            for gate, gate_closed in gates:
                if gate_closed == closed and gate not in {f"step:{each}" for each in above}:
                    found[gate].append(step.id)
            if ".gate" in step.facts:
                gates.append((f"step:{step.id}", closed))
                found[f"step:{step.id}"] = []
    return found


def _above(step_id: str, parents: Mapping[str, str | None]) -> list[str]:
    found = []
    parent = parents.get(step_id)
    while parent:
        found.append(parent)
        parent = parents.get(parent)
    return found
