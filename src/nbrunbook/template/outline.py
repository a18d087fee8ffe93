"""The outline of a template: the sections and steps that its headings and lists make, each with its id."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from nbrunbook.documents import source
from nbrunbook.documents.attributes import NONE, Attributes
from nbrunbook.documents.markdown.items import Heading, Item
from nbrunbook.documents.markdown.reading import MarkdownDocument
from nbrunbook.runbook.sections import Section, slug
from nbrunbook.template.cells import OutlinedCell, Stretch, stretches
from nbrunbook.template.files import as_typed
from nbrunbook.template.markdown_cells import MarkdownCells
from nbrunbook.template.placed_cells import File, Place
from nbrunbook.template.problems import Problem
from nbrunbook.template.written_step import Names, WrittenStep, derived_id
from nbrunbook.texts import short


@dataclass(frozen=True, kw_only=True)
class Outline:
    """The sections and steps of a template, in the order of the document."""

    cells: Mapping[Place, OutlinedCell]
    steps: tuple[WrittenStep, ...]

    @property
    def sections(self) -> list[Section]:
        """The sections of all cells, without their text."""
        return [section for cell in self.cells.values() for section in cell.sections if section]


def outline_of(
    files: Sequence[File], texts: MarkdownCells, *, tell_files: bool = False
) -> tuple[Outline, list[Problem]]:
    """Return the outline of some files, and what is wrong with the steps' titles and ids.

    A file's headings end with it. `tell_files` says where the first step of an id is, if that is another file.
    """
    outlining = _Outlining(texts.pinned, tell_files=tell_files)
    cells: dict[Place, OutlinedCell] = {}
    for file in files:
        outlining.open.clear()
        for place in file.places:
            if place in texts.documents:
                cells[place] = outlining.cell(place, texts.documents[place])
    return Outline(cells=cells, steps=tuple(outlining.steps)), outlining.problems


@dataclass
class _Open:
    """A heading that is still open while what stands under it is read."""

    level: int
    attributes: Attributes
    id: str
    title: str


class _Outlining:
    """Goes through Markdown cells from top to bottom, and remembers the open headings and the ids that are taken."""

    def __init__(self, pinned: set[str], *, tell_files: bool) -> None:
        self.pinned, self.tell_files = pinned, tell_files
        self.open: list[_Open] = []
        self.steps: list[WrittenStep] = []
        self.problems: list[Problem] = []
        self.section_ids, self.step_ids = Names(), Names()

    def cell(self, place: Place, document: MarkdownDocument) -> OutlinedCell:
        """Return what was read in one cell."""
        ids: dict[int, str] = {}
        sections: list[Section | None] = []
        for stretch in (parted := stretches(document)):
            if stretch.heading is not None:
                self._enter(stretch.heading)
            section = self._section(stretch)
            sections.append(section)
            if section is not None:
                ids.update(self._add_steps(place, document, stretch, section.id))
        return OutlinedCell(document=document, stretches=parted, sections=sections, ids=ids)

    def _enter(self, heading: Heading) -> None:
        while self.open and self.open[-1].level >= heading.level:
            self.open.pop()
        found = heading.attributes or NONE
        section_id = self.section_ids.unique(found.id or slug(heading.words) or "section")
        self.open.append(_Open(heading.level, found, section_id, heading.title))

    def _section(self, stretch: Stretch) -> Section | None:
        """The section of a stretch; None where it has neither steps nor a flag of its own."""
        here = self.open[-1] if self.open else None
        own = set(here.attributes.flags) if here and stretch.heading else set()
        if not stretch.items and not own & {"gate", "if-needed"}:
            return None
        if stretch.heading is None:
            section_id = self.section_ids.unique(here.id if here else "steps")
        else:
            section_id = here.id if here else "steps"
        keys = [level.attributes.keys for level in self.open]
        flags = [flag for level in self.open for flag in level.attributes.flags]
        return Section(
            id=section_id,
            title=here.title if here else "",
            level=here.level if here else 0,
            text="",
            owner=next((found["owner"] for found in reversed(keys) if "owner" in found), None),
            when=tuple(found["when"] for found in keys if "when" in found),
            flags=tuple(flag for flag, holds in (("gate", "gate" in own), ("optional", "optional" in flags)) if holds),
            closed_by=next((level.id for level in self.open if "if-needed" in level.attributes.flags), None),
        )

    def _add_steps(self, place: Place, document: MarkdownDocument, stretch: Stretch, section_id: str) -> dict[int, str]:
        heading_id = self.open[-1].id if self.open else ""
        ids: dict[int, str] = {}
        by_item = {id(document.items[index]): index for index in stretch.items}
        for index in stretch.items:
            item = document.items[index]
            ids[index] = self._step_id(item, place, heading_id)
            parent = by_item.get(id(item.parent)) if item.parent else None
            self.steps.append(
                WrittenStep(
                    id=ids[index],
                    pinned=item.id is not None,
                    title=item.title,
                    body=source.without_comments(item.body),
                    box=item.box,
                    section=section_id,
                    parent=ids.get(parent) if parent is not None else None,
                    attributes=item.attributes or NONE,
                    place=place,
                    line=item.line + 1,
                    last_line=item.last_line + 1,
                )
            )
        return ids

    def _step_id(self, item: Item, place: Place, heading_id: str) -> str:
        line = item.last_line + 1
        if item.box and not item.title:
            self._report("RB112", place, "a step without a title", "write what is to be done", line)
        wanted = item.id or derived_id(heading_id, item)
        taken = wanted in self.step_ids or (item.id is None and wanted in self.pinned)
        given = self.step_ids.unique(wanted, also=frozenset() if item.id else self.pinned)
        if taken and item.box:
            hint = "choose another" if item.id else f"pin it: write {{#{given}}} behind its title"
            self._report("RB103", place, f"a second step has the id {wanted!r}{self._first(wanted, place)}", hint, line)
        elif item.box and item.id is None:
            hint = f"write {{#{given}}} behind its title, so that a reworded step keeps its history"
            self._report("RB203", place, f"the id of {short(item.title)!r} is not pinned", hint, line)
        return given

    def _first(self, step_id: str, place: Place) -> str:
        """Where the first step of an id stands, in words; empty where that is the same file, or not asked for."""
        first = next((each.place.path for each in self.steps if each.id == step_id), place.path)
        return f"; the first is in {as_typed(first)}" if self.tell_files and first != place.path else ""

    def _report(self, problem_id: str, place: Place, message: str, hint: str, line: int) -> None:
        self.problems.append(place.problem(problem_id, message, hint, line))
