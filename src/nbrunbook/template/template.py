"""Templates: what an author wrote for one release, and what is wrong with it.

Reading a template runs nothing and needs no parameter's value.
Its faults are data: see `PROBLEMS` for what each id means.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nbrunbook.documents import notebook, source
from nbrunbook.documents.attributes import NONE, Attributes
from nbrunbook.documents.markdown.items import Heading, Item
from nbrunbook.documents.markdown.reading import Document, link_definitions, read_markdown
from nbrunbook.documents.notebook import Cell
from nbrunbook.runbook.parameters import MISSING, Parameter
from nbrunbook.runbook.sections import Section, slug
from nbrunbook.template import checks, declarations, images
from nbrunbook.template import files as template_files
from nbrunbook.template.cells import Cutting, MarkdownCell, Piece, Stretch, stretches
from nbrunbook.template.environments import read_environments
from nbrunbook.template.files import File, Part, Place
from nbrunbook.template.problems import Problem
from nbrunbook.template.written_step import WrittenStep, derived_id, unique


@dataclass(frozen=True, kw_only=True)
class Template:
    """One release's steps as the author wrote them."""

    path: Path
    name: str
    """The release: the file's or the folder's name."""
    folder: Path
    """Where relative links start: the folder itself, or the file's."""
    parts: tuple[Part, ...]
    places: tuple[Place, ...]
    """The cells of all parts as read."""
    parameters: tuple[Parameter, ...]
    sections: tuple[Section, ...]
    steps: tuple[WrittenStep, ...]
    pieces: tuple[Piece, ...]
    references: Mapping[str, Mapping[str, str]]
    """Reference links: label -> title, href."""
    images: Mapping[str, str]
    """Targets of images -> data: URIs."""
    metadata: Mapping[str, Any]
    environments: tuple[str, ...] | None
    """The environments and groups in which it applies; None for all."""
    problems: tuple[Problem, ...]

    @property
    def stopping(self) -> list[Problem]:
        """The problems that keep it from becoming a runbook."""
        return [problem for problem in self.problems if problem.stops]


def read_template(
    path: Path,
    *,
    instead: Mapping[Path, bytes] | None = None,
    standing: bool = True,
    declared: Collection[str] = (),
) -> Template:
    """Return the template in a file, or in a folder of parts; the standing parts beside it belong to it.

    `instead` is read in place of what those files hold; `standing` may leave those parts out.
    `declared` holds the names of environments and groups, where there are any.
    NotebookError where a file cannot be read at all, NbrunbookError for a folder without parts.
    """
    return _reading(path, instead or {}, declared, standing=standing).template()


def check_template(path: Path, *, declared: Collection[str] = ()) -> tuple[Problem, ...]:
    """Return what is wrong with a template, without making anything of it; raises as `read` does."""
    return _reading(path, {}, declared, standing=True).in_order()


def _reading(path: Path, instead: Mapping[Path, bytes], declared: Collection[str], *, standing: bool) -> _Reading:
    folder = path if path.is_dir() else path.parent
    files = [
        template_files.load(file, folder, instead.get(file))
        for file in template_files.files_of(path, standing=standing)
    ]
    return _Reading(path, folder, files, declared)


@dataclass
class _Open:
    """A heading that is still open while its cells are read."""

    level: int
    attributes: Attributes
    id: str
    title: str


class _Reading:
    """Reads a template's files from top to bottom."""

    def __init__(self, path: Path, folder: Path, files: list[File], declared: Collection[str]) -> None:
        self.path, self.folder, self.files = path, folder, files
        self.name = path.absolute().name if path.is_dir() else path.stem
        self.environments, self.problems = read_environments(files, declared)
        self.steps: list[WrittenStep] = []
        self.images: dict[str, str] = {}
        self.open: list[_Open] = []
        self.section_ids: set[str] = set()
        self.step_ids: set[str] = set()
        self.places = [place for file in files for place in file.places]
        self.references = self._references()
        self.documents = {
            place: read_markdown(place.cell["source"], self.references)
            for place in self.places
            if place.cell["cell_type"] == "markdown"
        }
        self.pinned = {
            item.id for document in self.documents.values() for item in document.items if item.id is not None
        }
        self.parameters = self._parameters()

        self.found = dict(self._found())
        for path in template_files.passed_over(self.path) if self.path.is_dir() else ():
            hint = "parts are files that end in .ipynb or .md, in the folder itself"
            self.problems.append(Problem(id="RB219", message="it is no part of the template", hint=hint, path=path))
        sections = [section for found in self.found.values() for section in found.sections if section]
        self.problems += checks.run(self.folder, self.files, self.documents, sections, self.steps, self.parameters)

    def _found(self) -> Iterator[tuple[Place, MarkdownCell]]:
        for file in self.files:
            self.open.clear()
            for place in file.places:
                if place in self.documents:
                    yield place, self._markdown(place, self.documents[place])

    def template(self) -> Template:
        cutting = Cutting(self.name, self.declaring, self.found)
        cutting.run(self.places, join=len(self.files) > 1)
        return Template(
            path=self.path,
            name=self.name,
            folder=self.folder,
            parts=tuple(file.part for file in self.files),
            places=tuple(self.places),
            parameters=tuple(self.parameters),
            sections=tuple(cutting.sections),
            steps=tuple(self.steps),
            pieces=tuple(cutting.pieces),
            references=self.references,
            images=self.images,
            metadata=next((file.metadata for file in self.files if file.metadata), {}),
            environments=self.environments,
            problems=self.in_order(),
        )

    def in_order(self) -> tuple[Problem, ...]:
        order = {file.part.path: number for number, file in enumerate(self.files)}
        found = sorted(self.problems, key=lambda each: (order.get(each.path, -1), each.cell or 0, each.line or 0))
        return tuple(found)

    def _report(self, problem_id: str, place: Place, message: str, hint: str = "", line: int | None = None) -> None:
        self.problems.append(place.problem(problem_id, message, hint, line))

    def _references(self) -> dict[str, dict[str, str]]:
        found: dict[str, dict[str, str]] = {}
        for place in self.places:
            if place.cell["cell_type"] == "markdown":
                for label, link in link_definitions(place.cell["source"]).items():
                    found.setdefault(label, {"href": str(link["href"]), "title": str(link["title"])})
        return found

    # Parameters

    def _parameters(self) -> list[Parameter]:
        declared: dict[str, tuple[Parameter, Place]] = {}
        cells = [place for file in self.files for place in self._tagged(file)]
        for place in cells:
            found, faults = declarations.read(place.cell["source"])
            for fault in faults:
                self._report("RB102", place, fault.message, f"expected {fault.expected}", fault.line)
            for parameter in found:
                self._check_standard(parameter, place)
                self._check_agreement(parameter, place, declared.setdefault(parameter.name, (parameter, place)))
        self.declaring = cells
        return declarations.with_standard([parameter for parameter, _ in declared.values()], self.name)

    def _tagged(self, file: File) -> list[Place]:
        """The file's parameters cell: one in a template that is a notebook, at most one in a part."""
        tagged = [place for place in file.places if _declares(place.cell)]
        needed = file.minor is not None and file.part.path == self.path
        if len(tagged) > 1 or (needed and not tagged):
            message = "more than one cell is tagged 'parameters'" if tagged else "no code cell is tagged 'parameters'"
            hint = "give one code cell the tag 'parameters', with lines such as release: str = '1.0'"
            problem = tagged[1].problem("RB101", message, hint) if tagged else None
            self.problems.append(problem or Problem(id="RB101", message=message, hint=hint, path=self.path))
        return tagged[:1]

    def _check_standard(self, parameter: Parameter, place: Place) -> None:
        if parameter.name in ("release", "environment") and parameter.type.name != "str":
            message = f"parameter {parameter.name} is a {parameter.type.name}"
            self._report("RB102", place, message, "expected a str", parameter.line)
        elif parameter.name == "release" and parameter.default not in (self.name, MISSING):
            message = f"the release is {parameter.default!r} and the template's name {self.name!r}"
            hint = "name one after the other"
            if place.path.parent.name in template_files.FOLDERS:
                hint = "leave it out: such a part is of more than one release, or of one without a name yet"
            self._report("RB206", place, message, hint, parameter.line)

    def _check_agreement(self, parameter: Parameter, place: Place, first: tuple[Parameter, Place]) -> None:
        other, elsewhere = first
        if (parameter.type, parameter.default) != (other.type, other.default):
            message = f"parameter {parameter.name} is declared otherwise in {elsewhere.path.name}"
            what = "type" if parameter.type != other.type else "default"
            hint = f"give both the same {what}: there it is a {other.type.name}"
            self._report("RB114", place, message, hint, parameter.line)

    # Sections

    def _markdown(self, place: Place, document: Document) -> MarkdownCell:
        self._embed_images(place, document)
        runs, ids, sections = stretches(document), {}, []
        for run in runs:
            if run.heading is not None:
                self._enter(run.heading)
            section = self._section(run)
            sections.append(section)
            if section is not None:
                ids.update(self._add_steps(place, document, run, section.id))
        return MarkdownCell(document=document, runs=runs, sections=sections, ids=ids)

    def _enter(self, heading: Heading) -> None:
        while self.open and self.open[-1].level >= heading.level:
            self.open.pop()
        found = heading.attributes or NONE
        section_id = unique(found.id or slug(heading.title) or "section", self.section_ids)
        self.open.append(_Open(heading.level, found, section_id, heading.title))

    def _section(self, run: Stretch) -> Section | None:
        """The section of a run; None where it has neither steps nor a flag of its own."""
        here = self.open[-1] if self.open else None
        own = set(here.attributes.flags) if here and run.heading else set()
        if not run.items and not own & {"gate", "if-needed"}:
            return None
        if run.heading is None:
            section_id = unique(here.id if here else "steps", self.section_ids)
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

    # Steps

    def _add_steps(self, place: Place, document: Document, run: Stretch, section_id: str) -> dict[int, str]:
        heading_id = self.open[-1].id if self.open else ""
        ids: dict[int, str] = {}
        by_item = {id(document.items[index]): index for index in run.items}
        for index in run.items:
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
        given = unique(wanted, self.step_ids, also=frozenset() if item.id else self.pinned)
        if taken and item.box:
            hint = "choose another" if item.id else f"pin it: write {{#{given}}} behind its title"
            self._report("RB103", place, f"a second step has the id {wanted!r}", hint, line)
        elif item.box and item.id is None:
            hint = f"write {{#{given}}} behind its title, so that a reworded step keeps its history"
            self._report("RB203", place, f"the id of {item.title[:60]!r} is not pinned", hint, line)
        return given

    def _embed_images(self, place: Place, document: Document) -> None:
        for target in source.image_targets(document):
            if re.match(r"(?i)https?:|data:", target) or "{{" in target:
                continue
            try:
                self.images[target] = images.data_uri(target, place.cell, self.folder)
            except (OSError, ValueError) as error:
                reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
                self._report("RB211", place, f"the image {images.shown(target)!r}: {reason}")


def _declares(cell: Cell) -> bool:
    return cell["cell_type"] == "code" and "parameters" in notebook.tags(cell)
