"""Pieces: what a template's cells become in a runbook, cut at headings.

Cut at headings only, no line of text is lost or reordered; see the design, "The runbook".
"""

from __future__ import annotations

import hashlib
import json
import re
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from nbrunbook.documents import notebook, source
from nbrunbook.documents.markdown.items import Heading
from nbrunbook.documents.markdown.reading import MarkdownDocument
from nbrunbook.documents.notebook import Cell
from nbrunbook.runbook.sections import Section, slug
from nbrunbook.template import declarations
from nbrunbook.template.placed_cells import Place
from nbrunbook.template.written_step import Names


@dataclass(frozen=True, kw_only=True)
class Piece:
    """What becomes one cell of a runbook."""

    kind: str
    """text, section, code, raw or parameters."""
    cell_id: str
    source: str = ""
    section: str = ""
    """The section's id, for a section."""
    cell: Cell = field(default_factory=dict)
    """The author's cell, for code and raw."""
    attachments: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Stretch:
    """A heading and what follows it up to the next one, in one cell."""

    heading: Heading | None
    start: int
    end: int
    items: tuple[int, ...]


def stretches(document: MarkdownDocument) -> list[Stretch]:
    """Return a cell's stretches; what stands before its first heading is one too."""
    starts: list[tuple[int, Heading | None]] = [(heading.line, heading) for heading in document.headings]
    if not starts or starts[0][0] > 0:
        starts.insert(0, (0, None))
    ends = [start for start, _ in starts[1:]] + [len(document.text.split("\n"))]
    lines = [item.line for item in document.items]
    return [
        Stretch(
            heading=heading,
            start=start,
            end=end,
            items=tuple(range(bisect_left(lines, start), bisect_left(lines, end))),
        )
        for (start, heading), end in zip(starts, ends, strict=True)
    ]


@dataclass(frozen=True, kw_only=True)
class OutlinedCell:
    """A Markdown cell with its sections and steps."""

    document: MarkdownDocument
    stretches: Sequence[Stretch]
    sections: Sequence[Section | None]
    """The section of each stretch, without its text; None where it is no section."""
    ids: Mapping[int, str]
    """The steps' ids, by their items' places in the document."""


class Cutting:
    """Cuts the cells of a template into pieces, from top to bottom."""

    def __init__(self, release: str, declaring: Sequence[Place], found: Mapping[Place, OutlinedCell]) -> None:
        self.release, self.declaring, self.found = release, declaring, found
        self.pieces: list[Piece] = []
        self.sections: list[Section] = []
        self.cell_ids = Names()
        self.written: set[str] = set()

    def run(self, places: Sequence[Place], *, join: bool) -> None:
        """Cut all cells; `join` makes one cell of all parameters, before any other."""
        for place in places:
            self._cell(place)
        if join or not self.declaring:
            self._join_parameters()

    def _cell(self, place: Place) -> None:
        cell = place.cell
        cell_id = self._cell_id(place)
        if cell["cell_type"] == "markdown":
            self._markdown(place, cell_id, self.found[place])
        elif cell["cell_type"] == "raw":
            self.pieces.append(Piece(kind="raw", cell_id=cell_id, cell=cell))
        elif place not in self.declaring:
            self.pieces.append(Piece(kind="code", cell_id=cell_id, cell=cell))
        elif place is self.declaring[0]:
            self.pieces.append(Piece(kind="parameters", cell_id=cell_id, cell=cell))

    def _join_parameters(self) -> None:
        """Papermill puts values behind the first cell that is tagged, and declarations in a later one would win."""
        declared = [str(place.cell["source"]) for place in self.declaring]
        if not declared:
            release = declarations.RELEASE.format(json.dumps(self.release, ensure_ascii=False))
            declared = [f'{release}\nenvironment: str = ""  # where it goes']
        first = next((piece for piece in self.pieces if piece.kind == "parameters"), None)
        cell = first.cell if first else notebook.code_cell("parameters", "", {"tags": ["parameters"]})
        cell_id = first.cell_id if first else self.cell_ids.unique("parameters")
        joined = Piece(kind="parameters", cell_id=cell_id, cell={**cell, "source": "\n\n".join(declared)})
        self.pieces = [joined, *(piece for piece in self.pieces if piece.kind != "parameters")]

    def _markdown(self, place: Place, cell_id: str, found: OutlinedCell) -> None:
        attachments = place.cell.get("attachments") or {}
        lines = source.without_blocks(found.document, found.ids).split("\n")
        has_steps = any(each.items for each in found.stretches)
        if not has_steps:
            self._add_text(cell_id, "\n".join(lines), attachments)
        for stretch, section in zip(found.stretches, found.sections, strict=True):
            content = stretch.heading.end if stretch.heading else stretch.start
            if section is not None:
                text = "\n".join(lines[content : stretch.end]) if stretch.items else ""
                text = source.without_comments(text).strip("\n")
                self.sections.append(replace(section, text=text))
            if stretch.items and section is not None:
                self._add_text(cell_id, "\n".join(lines[stretch.start : content]), attachments)
                self.pieces.append(Piece(kind="section", cell_id=self._derived_id(section.id), section=section.id))
            elif has_steps:
                self._add_text(cell_id, "\n".join(lines[stretch.start : stretch.end]), attachments)

    def _cell_id(self, place: Place) -> str:
        wanted = place.cell.get("id")
        wanted = wanted if notebook.is_cell_id(wanted) else f"cell-{place.number}"
        return self.cell_ids.unique(str(wanted)[:60])

    def _derived_id(self, section_id: str, suffix: str = "") -> str:
        plain = section_id if re.fullmatch(r"[\w-]{1,48}", section_id, re.ASCII) else None
        plain = plain or hashlib.sha256(section_id.encode()).hexdigest()[:16]
        return self.cell_ids.unique(f"nbrunbook-{plain}{suffix}"[:60])

    def _add_text(self, cell_id: str, text: str, attachments: Mapping[str, Any]) -> None:
        text = source.without_comments(text).strip("\n")
        if text.strip():
            if cell_id in self.written:
                cell_id = self._derived_id(slug(text.splitlines()[0])[:40], "-text")
            self.written.add(cell_id)
            self.pieces.append(Piece(kind="text", cell_id=cell_id, source=text, attachments=attachments))
