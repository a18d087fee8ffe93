"""Plans: a template's steps for one set of parameters, as pure data.

A plan depends on nothing but the template and the parameters, and is named by its digest.
It keeps the Markdown of each section as written, the steps' ids pinned in it,
so that a runbook can be drawn from the plan alone.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from functools import cached_property
from typing import Any

from nbrunbook.documents import attributes
from nbrunbook.documents.attributes import Attributes
from nbrunbook.documents.markdown.filling import Fill, is_relative, rebased
from nbrunbook.errors import UnknownSectionError
from nbrunbook.runbook.automation import Automation
from nbrunbook.runbook.events import canonical, digest
from nbrunbook.runbook.parameters import shown
from nbrunbook.runbook.sections import Section

SCHEMA, WITH_CODE, WITH_BATCHES = 1, 2, 3
"""The versions of the plan's format. What uses nothing that came later stays in the first one, byte for byte."""
NEEDS = {WITH_CODE: "0.4.0", WITH_BATCHES: "0.5.0"}
"""Which nbrunbook reads those that came later."""
SOMEWHERE = "/r" * 40
"""A project's root that may be anywhere, with folders above it."""


@dataclass(frozen=True, kw_only=True)
class Value:
    """A parameter's value in a plan."""

    name: str
    type: str
    value: Any
    """JSON; for a Secret the name of its environment variable."""


@dataclass(frozen=True, kw_only=True)
class Step:
    """The smallest thing that is settled."""

    id: str
    title: str
    """Plain text, values put in; an `as` name that is not known yet stands as {{name}}."""
    kind: str
    """manual; check, action or batch where the machine does it; group for a plain bullet over steps, without a box."""
    section: str
    parent: str | None
    owner: str | None
    evidence: str | None
    """The label of what is asked for."""
    as_: str | None
    when: str | None
    applies: bool | None
    """None where `when` names a parameter that has no value yet."""
    after: tuple[str, ...]
    wait_seconds: int | None
    due_seconds: int | None
    flags: tuple[str, ...]
    automation: Automation | None = None
    """How the machine does it; None for a step that a person does."""

    @property
    def is_group(self) -> bool:
        """Whether it has no box of its own: settled when its sub-steps are."""
        return self.kind == "group" or "group" in self.flags

    @property
    def is_gate(self) -> bool:
        """Whether nothing below it may be done until it is settled."""
        return "gate" in self.flags

    @property
    def is_optional(self) -> bool:
        """Whether it may stay open at the sign-off."""
        return "optional" in self.flags

    @property
    def is_irreversible(self) -> bool:
        """Whether it asks again, and cannot be unticked."""
        return "irreversible" in self.flags

    @property
    def is_once(self) -> bool:
        """Whether one environment of a group settles it for all of them."""
        return "once" in self.flags

    @property
    def needs_approval(self) -> bool:
        """Whether a second operator has to approve it before it may be done."""
        return "approval" in self.flags

    @property
    def attributes(self) -> Attributes:
        """What would be written behind its title to have it so, values put in; also what it has from its heading."""
        keys = {
            "owner": self.owner,
            "evidence": self.evidence,
            "as": self.as_,
            "when": self.when,
            "after": " ".join(self.after),
            "wait": attributes.duration(self.wait_seconds),
            "due": attributes.duration(self.due_seconds),
        }
        given = {name: value for name, value in keys.items() if value}
        return Attributes(id=self.id, flags=self.flags, keys=given)

    def to_json(self) -> dict[str, Any]:
        """Return the step as `plan --json` shows it."""
        facts = {each.name: getattr(self, each.name) for each in fields(self)}
        facts["as"] = facts.pop("as_")
        automation = facts.pop("automation")
        if automation is not None:
            facts["automation"] = automation.to_json()
        return {**facts, "after": list(self.after), "flags": list(self.flags)}


@dataclass(frozen=True, kw_only=True)
class Plan:
    """All steps of one runbook, in the order of the document."""

    release: str
    environment: str
    base: str
    """The template's folder, from the project's root; relative links start there."""
    values: tuple[Value, ...]
    sections: tuple[Section, ...]
    steps: tuple[Step, ...]
    references: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    images: Mapping[str, str] = field(default_factory=dict)
    code: tuple[str, ...] = ()
    """The code that runs of automated steps load, by the sha256 of each cell's source, in order; else empty."""

    @cached_property
    def by_id(self) -> Mapping[str, Step]:
        """The steps by their ids."""
        return {step.id: step for step in self.steps}

    @cached_property
    def boxes(self) -> int:
        """How many steps can be settled by themselves: they apply, and are no groups."""
        return sum(not step.is_group and step.applies is not False for step in self.steps)

    @cached_property
    def if_needed(self) -> int:
        """How many of those stand in `.if-needed` sections, and count only once those are opened."""
        closed = {section.id for section in self.sections if section.closed_by is not None}
        return sum(not step.is_group and step.applies is not False and step.section in closed for step in self.steps)

    @cached_property
    def gated(self) -> bool:
        """Whether there is any gate."""
        return any(section.is_gate for section in self.sections) or any(step.is_gate for step in self.steps)

    @cached_property
    def children(self) -> Mapping[str, tuple[Step, ...]]:
        """The direct sub-steps of every step that has any."""
        found: dict[str, tuple[Step, ...]] = {}
        for step in self.steps:
            if step.parent:
                found[step.parent] = (*found.get(step.parent, ()), step)
        return found

    def section(self, section_id: str) -> Section:
        """Return a section by its id; UnknownSectionError where there is none."""
        for section in self.sections:
            if section.id == section_id:
                return section
        raise UnknownSectionError(section_id, (section.id for section in self.sections))

    @cached_property
    def by_section(self) -> Mapping[str, tuple[Step, ...]]:
        """The steps of every section that has any, in order."""
        found: dict[str, list[Step]] = {}
        for step in self.steps:
            found.setdefault(step.section, []).append(step)
        return {section: tuple(steps) for section, steps in found.items()}

    def below(self, step_id: str) -> set[str]:
        """Return the ids of all sub-steps of a step, at any depth."""
        found: set[str] = set()
        for child in self.children.get(step_id, ()):
            found |= {child.id} | self.below(child.id)
        return found

    def texts(self) -> dict[str, str]:
        """Return what is put in for each {{name}}."""
        return {value.name: shown(value.value) for value in self.values}

    @cached_property
    def not_yet_known(self) -> Mapping[str, str]:
        """What stands for each piece of evidence until it is given, by its `as` name."""
        return {step.as_: f"(from {step.title})" for step in self.steps if step.as_}

    def fill(self, links: Callable[[str], str], known: Mapping[str, str] | None = None) -> Fill:
        """Return what drawing needs; `known` adds evidence by its `as` names."""
        values = {**self.texts(), **(known or {})}
        pending = frozenset(name for name, words in self.not_yet_known.items() if values.get(name) == words)
        return Fill(values=values, pending=pending, references=self.references, links=links)

    def link_from(self, folder: str, root: str = SOMEWHERE) -> Callable[[str], str]:
        """Return what rewrites a target for a file in `folder`, from the project's `root`.

        Where that is matters only for a folder beside it, from which links lead down into it again.
        """
        base, place = posixpath.join(root, self.base), posixpath.join(root, folder)

        def rewritten(target: str) -> str:
            if target in self.images:
                return self.images[target]
            if not is_relative(target):
                return target
            return rebased(target, base, place)

        return rewritten

    @property
    def schema(self) -> int:
        """The version of the format that says all of it."""
        kinds = {step.kind for step in self.steps if step.automation}
        return WITH_BATCHES if "batch" in kinds else WITH_CODE if kinds else SCHEMA

    def to_json(self) -> dict[str, Any]:
        """Return the plan as it is stored and hashed."""
        schema = self.schema
        code = {"needs": NEEDS[schema], "code": list(self.code)} if schema in NEEDS else {}
        return {
            "schema": schema,
            **code,
            "release": self.release,
            "environment": self.environment,
            "base": self.base,
            "parameters": [asdict(value) for value in self.values],
            "sections": [
                {**asdict(section), "when": list(section.when), "flags": list(section.flags)}
                for section in self.sections
            ],
            "steps": [step.to_json() for step in self.steps],
            "references": {label: dict(link) for label, link in self.references.items()},
            "images": dict(self.images),
        }

    @cached_property
    def body(self) -> str:
        """The canonical text whose sha256 names the plan."""
        return canonical(self.to_json())

    @cached_property
    def digest(self) -> str:
        """The sha256 of `body`, in hex."""
        return digest(self.body)


def with_step(plan: Plan, step_id: str, title: str, *, after: str) -> Plan:
    """Return a plan with one more manual step, behind another one and that one's sub-steps."""
    beside = plan.by_id[after]
    step = Step(
        id=step_id,
        title=title,
        kind="manual",
        section=beside.section,
        parent=beside.parent,
        owner=None,
        evidence=None,
        as_=None,
        when=None,
        applies=True,
        after=(),
        wait_seconds=None,
        due_seconds=None,
        flags=(),
    )
    inside = {after} | plan.below(after)
    at = 1 + max(number for number, each in enumerate(plan.steps) if each.id in inside)
    return replace(plan, steps=(*plan.steps[:at], step, *plan.steps[at:]))
