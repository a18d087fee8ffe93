"""Sides: what a review compares, read from a template as written or from a runbook.

A runbook is compared with the plan of its template for the same values,
so that nothing that was put in shows as a change.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from nbrunbook.documents import attachments, source
from nbrunbook.documents.markdown.filling import Fill
from nbrunbook.documents.notebook import Notebook
from nbrunbook.errors import ParameterError
from nbrunbook.review.things import (
    CellsInOrder,
    Thing,
    WrittenSteps,
    automation_facts,
    binding_facts,
    box_fact,
    code_things,
    declared_parameters,
    flag_facts,
    image_things,
    parameter_values,
    thing_of_cell,
    thing_of_piece,
)
from nbrunbook.runbook.fingerprints import Fingerprints
from nbrunbook.runbook.parameters import Secret, check
from nbrunbook.runbook.plan import SOMEWHERE, Plan, Step
from nbrunbook.template import bindings, planning
from nbrunbook.template.bindings import Binding
from nbrunbook.template.cells import Piece
from nbrunbook.template.template import Template


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """One of the two things that a review compares."""

    label: str
    parameters: tuple[Thing, ...] = ()
    sections: tuple[Thing, ...] = ()
    steps: tuple[Thing, ...] = ()
    """In the order of the document."""
    texts: tuple[Thing, ...] = ()
    """Cells without steps."""
    code: tuple[Thing, ...] = ()
    images: tuple[Thing, ...] = ()
    order: tuple[str, ...] = ()
    """Sections, texts and code cells as they follow each other: kind:id."""
    functions: Fingerprints = field(default_factory=lambda: Fingerprints(()))
    """Those of its code."""
    reach: tuple[str, ...] | None = None
    """The environments and groups in which it applies; None for all."""

    @cached_property
    def by_id(self) -> Mapping[str, Thing]:
        """The steps by their ids."""
        return {step.id: step for step in self.steps}

    @cached_property
    def section_by_id(self) -> Mapping[str, Thing]:
        """The sections by their ids."""
        return {section.id: section for section in self.sections}


def of_template(template: Template, label: str) -> Snapshot:
    """Return a template as it is written."""
    read, bound = WrittenSteps(template.sections), _bound_steps(template)
    steps = [
        Thing(
            id=step.id,
            title=step.title,
            written=read.written.get(step.id, step.title),
            text=step.body,
            facts={
                **flag_facts(step.attributes.flags),
                **step.attributes.keys,
                **box_fact(step.box),
                **binding_facts(bound.get(step.id)),
            },
            section=step.section,
            parent=step.parent,
            **_done_by(template.bindings.fingerprints, bound.get(step.id)),
        )
        for step in template.steps
    ]
    cells = CellsInOrder(thing_of_piece(piece, piece.source) for piece in template.pieces)
    return Snapshot(
        label=label,
        parameters=tuple(declared_parameters(template)),
        sections=tuple(read.sections(cells.headings)),
        steps=tuple(steps),
        images=image_things(template.images),
        functions=template.bindings.fingerprints,
        reach=template.environments,
        **cells.parts(),
    )


def _bound_steps(template: Template) -> Mapping[str, Binding]:
    return template.bindings.by_step if template.bindings.automated else {}


def _done_by(found: Fingerprints, binding: Binding | None) -> dict[str, str]:
    """What a Thing says of the function that does a step."""
    function = binding.function_name if binding else ""
    return {"fingerprint": found.of(function), "function": function} if function else {}


def of_runbook(found: Notebook, made: Plan, label: str) -> Snapshot:
    """Return a runbook as it was made; `made` is the plan in its metadata."""
    cells = CellsInOrder(thing_of_cell(cell) for cell in found.cells)
    return Snapshot(
        label=label,
        parameters=parameter_values(made),
        images=image_things(made.images),
        **_planned(made, cells, bindings.fingerprints_of(bindings.code_in(found.cells) if made.code else ())),
        **cells.parts(),
    )


def of_plan(made: Plan, label: str, code: Sequence[str] = ()) -> Snapshot:
    """Return the steps of a plan, without the notebook around them; `code` is what it names, as far as it is known."""
    sections = (Thing(id=each.id, facts={"kind": "section"}) for each in made.sections)
    cells = CellsInOrder([*code_things(code), *sections])
    return Snapshot(
        label=label,
        parameters=parameter_values(made),
        images=image_things(made.images),
        **_planned(made, cells, bindings.fingerprints_of(code)),
        **cells.parts(),
    )


def as_planned(template: Template, like: Plan, folder: str, label: str, *, root: str = SOMEWHERE) -> Snapshot:
    """Return a template as its runbook would be with the values of another plan.

    `folder` is the runbook's, from the project's root. A value that the template cannot take any more is left out.
    """
    made = planning.make(template, dict(_bound(template, like)), base=like.base)
    fill = made.fill(made.link_from(folder, root), made.not_yet_known)
    cells = CellsInOrder(thing_of_piece(piece, _filled(piece, fill), runbook=True) for piece in template.pieces)
    values = {thing.id: thing for thing in parameter_values(made)}
    without = [Thing(id=each.name, title=each.name, facts={"type": each.type.name}) for each in template.parameters]
    return Snapshot(
        label=label,
        parameters=tuple(values.get(each.id, each) for each in without),
        images=image_things(made.images),
        **_planned(made, cells, template.bindings.fingerprints),
        **cells.parts(),
    )


def _bound(template: Template, like: Plan) -> Iterator[tuple[str, Any]]:
    given = {value.name: value for value in like.values}
    for declared in template.parameters:
        found = given.get(declared.name)
        if found is not None:
            value = Secret(found.value) if declared.type.base == "Secret" == found.type else found.value
            try:
                yield declared.name, check(declared, value)
                continue
            except ParameterError:
                pass
        if not declared.required:
            yield declared.name, declared.default


def _filled(piece: Piece, fill: Fill) -> str:
    try:
        return source.fill_source(piece.source, replace(fill, links=attachments.kept(piece.attachments, fill.links)))
    except ValueError:
        return piece.source


def _planned(made: Plan, cells: CellsInOrder, found: Fingerprints) -> dict[str, Any]:
    read = WrittenSteps(made.sections)
    steps = tuple(_planned_step(step, read) for step in made.steps)
    return {"sections": tuple(read.sections(cells.headings)), "steps": steps, "functions": found}


def _planned_step(step: Step, read: WrittenSteps) -> Thing:
    item, does = read.items.get(step.id), step.automation
    return Thing(
        id=step.id,
        # As written, since a value that is put in would change it from one environment to the next.
        title=item.title if item else step.title,
        written=read.written.get(step.id, step.title),
        text=item.body if item else "",
        facts={
            **flag_facts(step.flags),
            **step.attributes.keys,
            **box_fact(step.kind != "group"),
            **automation_facts(step),
        },
        section=step.section,
        parent=step.parent,
        fingerprint=does.fingerprint if does else "",
        function=does.function if does else "",
    )
