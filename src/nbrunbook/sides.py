"""Sides: what a review compares, read from a template as written or from a runbook.

A runbook is compared with the plan of its template for the same values,
so that nothing that was put in shows as a change.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from nbrunbook.documents import notebook, source
from nbrunbook.documents.markdown.filling import Fill
from nbrunbook.documents.markdown.items import Item
from nbrunbook.documents.markdown.reading import read_markdown
from nbrunbook.documents.notebook import Cell, Notebook
from nbrunbook.errors import ParameterError
from nbrunbook.runbook.parameters import Secret, check
from nbrunbook.runbook.plan import Plan, Step
from nbrunbook.runbook.sections import Section
from nbrunbook.template import planning
from nbrunbook.template.cells import Piece
from nbrunbook.template.template import Template

MARKER = re.compile(r"^(?:(?:[-*+>]|\d{1,9}[.)])\s+)*(?:\[[ xX]\](?:\s+|$))?")
"""What stands in front of a step's title."""

EMBEDDED = re.compile(r"data:[\w.+-]+/[\w.+-]+;base64,[A-Za-z0-9+/=]{64,}")
"""An image inside a text; a digest says as much to a reader."""

ADDED = "raises-exception"
"""The tag that the author's code cells get in a runbook."""


@dataclass(frozen=True, kw_only=True)
class Thing:
    """Something that can change: a step, a section, a parameter, a text, a code cell or an image."""

    id: str
    title: str = ""
    """What it is called where it is shown: plain text."""
    written: str = ""
    """A step's title or a section's heading in Markdown, where a link's target shows too."""
    text: str = ""
    """A step's body, a section's or a cell's text, an image's content."""
    facts: Mapping[str, str] = field(default_factory=dict)
    """Its attributes as they are written; a flag is named with its dot, and its value is empty."""
    section: str = ""
    """The section of a step."""
    parent: str | None = None


@dataclass(frozen=True, kw_only=True)
class Side:
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


def of_template(template: Template, label: str) -> Side:
    """Return a template as it is written."""
    read = _Read(template.sections)
    steps = [
        Thing(
            id=step.id,
            title=step.title,
            written=read.written.get(step.id, step.title),
            text=step.body,
            facts={**_flags(step.attributes.flags), **step.attributes.keys, **_box(step.box)},
            section=step.section,
            parent=step.parent,
        )
        for step in template.steps
    ]
    cells = _Cells(_of_piece(piece, piece.source) for piece in template.pieces)
    return Side(
        label=label,
        parameters=tuple(_declared(template)),
        sections=tuple(read.sections(cells.headings)),
        steps=tuple(steps),
        images=_images(template.images),
        reach=template.environments,
        **cells.parts(),
    )


def of_runbook(found: Notebook, made: Plan, label: str) -> Side:
    """Return a runbook as it was made; `made` is the plan in its metadata."""
    cells = _Cells(_of_cell(cell) for cell in found.cells)
    return Side(
        label=label,
        parameters=_values(made),
        images=_images(made.images),
        **_planned(made, cells),
        **cells.parts(),
    )


def of_plan(made: Plan, label: str) -> Side:
    """Return the steps of a plan, without the notebook around them."""
    cells = _Cells(Thing(id=each.id, facts={"kind": "section"}) for each in made.sections)
    return Side(
        label=label,
        parameters=_values(made),
        images=_images(made.images),
        **_planned(made, cells),
        **cells.parts(),
    )


def as_planned(template: Template, like: Plan, folder: str, label: str) -> Side:
    """Return a template as its runbook would be with the values of another plan.

    `folder` is the runbook's, from the project's root. A value that the template cannot take any more is left out.
    """
    made = planning.make(template, dict(_bound(template, like)), base=like.base)
    not_yet = {step.as_: f"(from {step.title})" for step in made.steps if step.as_}
    links = made.link_from(folder)
    fill = made.fill(lambda target: target if target.startswith("attachment:") else links(target), not_yet)
    cells = _Cells(_of_piece(piece, _filled(piece.source, fill), runbook=True) for piece in template.pieces)
    values = {thing.id: thing for thing in _values(made)}
    without = [Thing(id=each.name, title=each.name, facts={"type": each.type.name}) for each in template.parameters]
    return Side(
        label=label,
        parameters=tuple(values.get(each.id, each) for each in without),
        images=_images(made.images),
        **_planned(made, cells),
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


def _filled(text: str, fill: Fill) -> str:
    try:
        return source.fill_source(text, fill)
    except ValueError:
        return text


def _planned(made: Plan, cells: _Cells) -> dict[str, Any]:
    read = _Read(made.sections)
    steps = tuple(_planned_step(step, read) for step in made.steps)
    return {"sections": tuple(read.sections(cells.headings)), "steps": steps}


def _planned_step(step: Step, read: _Read) -> Thing:
    item = read.items.get(step.id)
    return Thing(
        id=step.id,
        # As written, since a value that is put in would change it from one environment to the next.
        title=item.title if item else step.title,
        written=read.written.get(step.id, step.title),
        text=item.body if item else "",
        facts={**_flags(step.flags), **step.attributes.keys, **_box(step.kind != "group")},
        section=step.section,
        parent=step.parent,
    )


class _Read:
    """What stands in the Markdown of some sections: their steps, and the text outside of these."""

    def __init__(self, sections: Iterable[Section]) -> None:
        self.items: dict[str, Item] = {}
        self.written: dict[str, str] = {}
        self.found = [(section, self._prose(section.text)) for section in sections]

    def _prose(self, text: str) -> str:
        if not text.strip():
            return ""
        document = read_markdown(text)
        lines = document.text.split("\n")
        outside = set(range(len(lines)))
        for item in document.items:
            if item.id:
                self.items[item.id] = item
                title = " ".join(" ".join(lines[item.line : item.last_line + 1]).split())
                self.written[item.id] = MARKER.sub("", title).removesuffix(item.block).rstrip()
            inside = [other.line for other in document.items if other.parent is item]
            outside -= set(range(item.line, min([item.end, *inside])))
        return "\n".join(lines[number] for number in sorted(outside)).strip("\n")

    def sections(self, headings: Mapping[str, str]) -> Iterator[Thing]:
        for section, prose in self.found:
            inside = section.closed_by if section.closed_by != section.id else None
            facts = {
                **_flags(section.flags),
                **({".if-needed": ""} if section.closed_by == section.id else {}),
                **({"in": inside} if inside else {}),
                **({"owner": section.owner} if section.owner else {}),
                **({"when": _all_of(section.when)} if section.when else {}),
                "level": str(section.level),
            }
            written = headings.get(section.id, section.title)
            yield Thing(id=section.id, title=section.title, written=written, text=prose, facts=facts)


class _Cells:
    """A notebook's cells in order: texts and code, and where the sections stand between them."""

    def __init__(self, cells: Iterable[Thing]) -> None:
        self.headings: dict[str, str] = {}
        """Sections -> their headings in Markdown."""
        self.found: list[Thing] = []
        for cell in cells:
            above = self.found[-1] if self.found else None
            if cell.facts.get("kind") == "section" and above and _is_heading(above):
                self.headings[cell.id] = self.found.pop().text
            self.found.append(cell)

    def parts(self) -> dict[str, Any]:
        """What a Side takes: texts, code and order."""
        kept = [cell for cell in self.found if cell.facts["kind"] != "parameters"]
        return {
            "texts": tuple(replace(cell, facts={}) for cell in kept if cell.facts["kind"] == "text"),
            "code": tuple(cell for cell in kept if cell.facts["kind"] in ("code", "raw")),
            "order": tuple(f"{cell.facts['kind']}:{cell.id}" for cell in kept),
        }


def _is_heading(cell: Thing) -> bool:
    """Whether a text is a heading and nothing else."""
    if cell.facts["kind"] != "text" or not cell.text.strip():
        return False
    headings = read_markdown(cell.text).headings
    return len(headings) == 1 and headings[0].line == 0 and headings[0].end >= len(cell.text.split("\n"))


def _of_piece(piece: Piece, text: str, *, runbook: bool = False) -> Thing:
    if piece.kind == "section":
        return Thing(id=piece.section, facts={"kind": "section"})
    if piece.kind == "text":
        return _text(piece.cell_id, text)
    return _code(piece.cell_id, piece.kind, piece.cell, runbook=runbook)


def _of_cell(cell: Cell) -> Thing:
    ours = cell["metadata"].get("nbrunbook")
    cell_id = str(cell.get("id", ""))
    if isinstance(ours, dict) and isinstance(ours.get("section"), str):
        return Thing(id=ours["section"], facts={"kind": "section"})
    if not notebook.is_author_s(cell):
        return _code(cell_id, "parameters", cell)
    if cell["cell_type"] == "markdown":
        return _text(cell_id, cell["source"])
    return _code(cell_id, cell["cell_type"], cell, runbook=True)


def _all_of(conditions: tuple[str, ...]) -> str:
    return conditions[0] if len(conditions) == 1 else " and ".join(f"({each})" for each in conditions)


def _flags(flags: Iterable[str]) -> dict[str, str]:
    return {f".{flag}": "" for flag in flags}


def _box(box: bool) -> dict[str, str]:
    return {"box": ""} if box else {}


def _declared(template: Template) -> Iterator[Thing]:
    for each in template.parameters:
        if each.line is None:
            # release or environment, which the author left out: the default is the file's name.
            continue
        facts = {"type": each.type.name}
        if not each.required:
            facts["default"] = repr(each.default)
        if each.help:
            facts["help"] = each.help
        yield Thing(id=each.name, title=each.name, facts=facts)


def _values(made: Plan) -> tuple[Thing, ...]:
    return tuple(
        Thing(id=value.name, title=value.name, facts={"type": value.type, "value": repr(value.value)})
        for value in made.values
    )


def _text(cell_id: str, text: str) -> Thing:
    first = next((line.strip("# ") for line in text.splitlines() if line.strip()), "")
    return Thing(id=cell_id, title=first, text=EMBEDDED.sub(_named, text), facts={"kind": "text"})


def _named(match: re.Match[str]) -> str:
    return f"data:…{hashlib.sha256(match[0].encode()).hexdigest()[:12]}"


def _code(cell_id: str, kind: str, cell: Cell, *, runbook: bool = False) -> Thing:
    tags = [tag for tag in notebook.tags(cell) if not (runbook and tag == ADDED)]
    facts = {"kind": kind, **({"tags": ", ".join(tags)} if tags else {})}
    return Thing(id=cell_id, title=cell_id, text=cell["source"], facts=facts)


def _images(images: Mapping[str, str]) -> tuple[Thing, ...]:
    return tuple(Thing(id=target, title=target, text=content) for target, content in images.items())
