"""Templates: what an author wrote for one release, and what is wrong with it.

Reading a template runs nothing and needs no parameter's value.
Its faults are data: see `PROBLEMS` for what each id means.
"""

from __future__ import annotations

import base64
import hashlib
import mimetypes
import re
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from nbrunbook import attributes, expressions, markdown, notebook, parameters, source
from nbrunbook.attributes import NONE, Attributes
from nbrunbook.errors import NbrunbookError, NotebookError, nearest
from nbrunbook.markdown import Document, Heading, Item
from nbrunbook.notebook import Cell
from nbrunbook.parameters import Parameter
from nbrunbook.problems import Problem
from nbrunbook.sections import LONGEST_ID, Section, slug

LARGEST_IMAGE = 5_000_000
"""Bytes."""


@dataclass(frozen=True, kw_only=True)
class Part:
    """One file of a template."""

    path: Path
    sha256: str


@dataclass(frozen=True, kw_only=True)
class Step:
    """A step as written: nothing is put in, nothing is decided."""

    id: str
    pinned: bool
    title: str
    body: str
    """What is indented under the title, up to the first sub-step; without comments."""
    box: bool
    """False for a plain bullet over steps."""
    section: str
    parent: str | None
    attributes: Attributes
    cell: int
    line: int


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
class Template:
    """One release's steps as the author wrote them."""

    path: Path
    name: str
    """The release."""
    parts: tuple[Part, ...]
    parameters: tuple[Parameter, ...]
    sections: tuple[Section, ...]
    steps: tuple[Step, ...]
    pieces: tuple[Piece, ...]
    references: Mapping[str, Mapping[str, str]]
    """Reference links: label -> title, href."""
    images: Mapping[str, str]
    """Targets of images -> data: URIs."""
    metadata: Mapping[str, Any]
    problems: tuple[Problem, ...]

    @property
    def stopping(self) -> list[Problem]:
        """The problems that keep it from becoming a runbook."""
        return [problem for problem in self.problems if problem.stops]


def read(path: Path) -> Template:
    """Return the template in a notebook file; NotebookError where it cannot be read at all."""
    if path.is_dir():
        raise NbrunbookError(f"{path}: a folder", "one notebook (.ipynb)", "templates of several parts come later")
    found = notebook.read(path)
    if found.metadata.get("nbrunbook"):
        raise NotebookError(path, "a runbook", "a template", "a runbook is made from one, in templates/")
    return _Reading(path, found).template()


def derived_id(section_id: str, item: Item) -> str:
    """Return the id of a step that has none: its section, and its bold lead or first five words."""
    words = (item.lead or item.title).split()
    own = slug(" ".join(words if item.lead else words[:5])) or "step"
    return f"{section_id}-{own}"[:LONGEST_ID].rstrip("-") if section_id else own


@dataclass
class _Open:
    """A heading that is still open while its cells are read."""

    level: int
    attributes: Attributes
    id: str
    title: str


class _Reading:
    """Reads one notebook from top to bottom."""

    def __init__(self, path: Path, source: notebook.Notebook) -> None:
        self.path, self.source = path, source
        self.problems: list[Problem] = []
        self.sections: list[Section] = []
        self.steps: list[Step] = []
        self.pieces: list[Piece] = []
        self.images: dict[str, str] = {}
        self.open: list[_Open] = []
        self.section_ids: set[str] = set()
        self.step_ids: set[str] = set()
        self.cell_ids: set[str] = set()
        self.references = self._references()
        self.documents = {
            number: markdown.read(cell["source"], self.references)
            for number, cell in enumerate(source.cells, 1)
            if cell["cell_type"] == "markdown"
        }
        self.pinned = {
            item.id for document in self.documents.values() for item in document.items if item.id is not None
        }
        self.parameters = self._parameters()

    def template(self) -> Template:
        for violation in self.source.violations:
            self._report("RB110", violation.message, "a notebook of nbformat 4.5", cell=violation.cell)
        for number, cell in enumerate(self.source.cells, 1):
            self._cell(number, cell)
        self._check_notebook()
        _Checks(self).run()
        part = Part(path=self.path, sha256=hashlib.sha256(self.source.content).hexdigest())
        return Template(
            path=self.path,
            name=self.path.stem,
            parts=(part,),
            parameters=tuple(self.parameters),
            sections=tuple(self.sections),
            steps=tuple(self.steps),
            pieces=tuple(self.pieces),
            references=self.references,
            images=self.images,
            metadata=self.source.metadata,
            problems=tuple(sorted(self.problems, key=lambda problem: (problem.cell or 0, problem.line or 0))),
        )

    def _report(
        self, problem_id: str, message: str, hint: str = "", *, cell: int | None = None, line: int | None = None
    ) -> None:
        self.problems.append(Problem(id=problem_id, message=message, hint=hint, path=self.path, cell=cell, line=line))

    def _references(self) -> dict[str, dict[str, str]]:
        found: dict[str, dict[str, str]] = {}
        for cell in self.source.cells:
            if cell["cell_type"] == "markdown" and "]:" in cell["source"]:
                for label, link in markdown.read(cell["source"]).references.items():
                    found.setdefault(label, {"href": str(link["href"]), "title": str(link["title"])})
        return found

    # Parameters

    def _parameters(self) -> list[Parameter]:
        tagged = [
            (number, cell)
            for number, cell in enumerate(self.source.cells, 1)
            if "parameters" in notebook.tags(cell) and cell["cell_type"] == "code"
        ]
        if len(tagged) != 1:
            found = "no code cell is tagged 'parameters'" if not tagged else "more than one is tagged so"
            hint = "give one code cell the tag 'parameters', with lines such as release: str = '1.0'"
            self._report("RB101", found, hint, cell=tagged[1][0] if tagged else None)
        declared: list[Parameter] = []
        for number, cell in tagged[:1]:
            declared, faults = parameters.read(cell["source"])
            for fault in faults:
                self._report("RB102", fault.message, f"expected {fault.expected}", cell=number, line=fault.line)
            self._check_standard(declared, number)
        return parameters.with_standard(declared, self.path.stem)

    def _check_standard(self, declared: list[Parameter], number: int) -> None:
        for parameter in declared:
            if parameter.name in ("release", "environment") and parameter.type.name != "str":
                message = f"parameter {parameter.name} is a {parameter.type.name}"
                self._report("RB102", message, "expected a str", cell=number, line=parameter.line)
            elif parameter.name == "release" and parameter.default not in (self.path.stem, parameters.MISSING):
                message = f"the release is {parameter.default!r} and the template's name {self.path.stem!r}"
                self._report("RB206", message, "name one after the other", cell=number, line=parameter.line)

    # Cells

    def _cell(self, number: int, cell: Cell) -> None:
        cell_id = self._cell_id(cell, number)
        if cell["cell_type"] == "markdown":
            self._markdown(number, cell, cell_id, self.documents[number])
        elif cell["cell_type"] == "raw":
            self.pieces.append(Piece(kind="raw", cell_id=cell_id, cell=cell))
        else:
            if cell.get("outputs") or cell.get("execution_count") is not None:
                hint = "a template is never executed in place: clear its outputs"
                self._report("RB207", "it holds outputs or an execution count", hint, cell=number)
            kind = "parameters" if "parameters" in notebook.tags(cell) else "code"
            self.pieces.append(Piece(kind=kind, cell_id=cell_id, cell=cell))

    def _cell_id(self, cell: Cell, number: int) -> str:
        wanted = cell.get("id")
        if not isinstance(wanted, str) or not re.fullmatch(r"[\w-]{1,64}", wanted, re.ASCII):
            wanted = f"cell-{number}"
        return _unique(wanted[:60], self.cell_ids)

    def _derived_id(self, section_id: str, suffix: str = "") -> str:
        plain = section_id if re.fullmatch(r"[\w-]{1,48}", section_id, re.ASCII) else None
        plain = plain or hashlib.sha256(section_id.encode()).hexdigest()[:16]
        return _unique(f"nbrunbook-{plain}{suffix}"[:60], self.cell_ids)

    def _markdown(self, number: int, cell: Cell, cell_id: str, document: Document) -> None:
        self._check_document(number, document)
        self._embed_images(number, cell, document)
        attachments = cell.get("attachments") or {}
        runs, ids, drafts = _runs(document), {}, []
        for run in runs:
            if run.heading is not None:
                self._enter(number, run.heading)
            draft = self._draft(run)
            drafts.append(draft)
            if draft is not None:
                ids.update(self._add_steps(number, document, run, draft.id))
        lines = source.without_blocks(document, ids).split("\n")
        if not any(run.items for run in runs):
            self._add_text(cell_id, "\n".join(lines), attachments)
        for run, draft in zip(runs, drafts, strict=True):
            content = run.heading.end if run.heading else run.start
            if draft is not None:
                text = "\n".join(lines[content : run.end]) if run.items else ""
                text = source.without_comments(text).strip("\n")
                self.sections.append(replace(draft, text=text))
            if run.items and draft is not None:
                self._add_text(cell_id, "\n".join(lines[run.start : content]), attachments)
                derived = self._derived_id(draft.id)
                self.pieces.append(Piece(kind="section", cell_id=derived, section=draft.id))
            elif any(other.items for other in runs):
                self._add_text(cell_id, "\n".join(lines[run.start : run.end]), attachments)

    def _add_text(self, cell_id: str, text: str, attachments: Mapping[str, Any]) -> None:
        text = source.without_comments(text).strip("\n")
        if text.strip():
            if any(piece.cell_id == cell_id for piece in self.pieces):
                cell_id = self._derived_id(slug(text.splitlines()[0])[:40], "-text")
            self.pieces.append(Piece(kind="text", cell_id=cell_id, source=text, attachments=attachments))

    def _enter(self, number: int, heading: Heading) -> None:
        while self.open and self.open[-1].level >= heading.level:
            self.open.pop()
        found = heading.attributes or NONE
        self._check_attributes(found, number, heading.line + 1, on_heading=True)
        section_id = _unique(found.id or slug(heading.title) or "section", self.section_ids)
        self.open.append(_Open(heading.level, found, section_id, heading.title))

    def _draft(self, run: _Run) -> Section | None:
        """The section of a run; None where it has neither steps nor a flag of its own."""
        here = self.open[-1] if self.open else None
        own = set(here.attributes.flags) if here and run.heading else set()
        if not run.items and not own & {"gate", "if-needed"}:
            return None
        if run.heading is None:
            section_id = _unique(here.id if here else "steps", self.section_ids)
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

    def _add_steps(self, number: int, document: Document, run: _Run, section_id: str) -> dict[int, str]:
        heading_id = self.open[-1].id if self.open else ""
        ids: dict[int, str] = {}
        by_item = {id(document.items[index]): index for index in run.items}
        for index in run.items:
            item = document.items[index]
            ids[index] = self._step_id(item, number, heading_id)
            found = item.attributes or NONE
            self._check_attributes(found, number, item.last_line + 1, on_heading=False)
            parent = by_item.get(id(item.parent)) if item.parent else None
            self.steps.append(
                Step(
                    id=ids[index],
                    pinned=item.id is not None,
                    title=item.title,
                    body=source.without_comments(item.body),
                    box=item.box,
                    section=section_id,
                    parent=ids.get(parent) if parent is not None else None,
                    attributes=found,
                    cell=number,
                    line=item.line + 1,
                )
            )
        return ids

    def _step_id(self, item: Item, number: int, heading_id: str) -> str:
        line = item.last_line + 1
        if item.box and not item.title:
            self._report("RB112", "a step without a title", "write what is to be done", cell=number, line=line)
        wanted = item.id or derived_id(heading_id, item)
        taken = wanted in self.step_ids or (item.id is None and wanted in self.pinned)
        given = _unique(wanted, self.step_ids, also=frozenset() if item.id else self.pinned)
        if taken and item.box:
            hint = "choose another" if item.id else f"pin it: write {{#{given}}} behind its title"
            self._report("RB103", f"a second step has the id {wanted!r}", hint, cell=number, line=line)
        elif item.box and item.id is None:
            hint = f"write {{#{given}}} behind its title, so that a reworded step keeps its history"
            self._report("RB203", f"the id of {item.title[:60]!r} is not pinned", hint, cell=number, line=line)
        return given

    # Checks

    def _check_attributes(self, found: Attributes, number: int, line: int, *, on_heading: bool) -> None:
        flags = attributes.HEADING_FLAGS if on_heading else attributes.STEP_FLAGS
        keys = attributes.HEADING_KEYS if on_heading else attributes.STEP_KEYS
        where = "a heading" if on_heading else "a step"
        for problem_id, names, known, mark in (
            ("RB104", found.flags, flags, "."),
            ("RB105", tuple(found.keys), keys, ""),
        ):
            for name in names:
                if name not in known:
                    what = "flag" if mark else "key"
                    close = nearest(name, known)
                    hint = f"did you mean {mark}{close}?" if close else ""
                    hint = hint or f"{where} knows {', '.join(mark + each for each in known)}"
                    message = f"unknown {what} {mark}{name} on {where}"
                    self._report(problem_id, message, hint, cell=number, line=line)
        for name in found.repeated:
            self._report("RB109", f"{name} stands there twice", "keep one", cell=number, line=line)

    def _check_document(self, number: int, document: Document) -> None:
        for unseen in document.unseen:
            message = f"Markdown sees no box in {unseen.text[:60]!r}: {unseen.why}"
            self._report("RB201", message, "write it as: - [ ] text", cell=number, line=unseen.line + 1)
        for item in document.items:
            if item.ticked:
                message = f"{item.title[:60]!r} is ticked already"
                self._report("RB202", message, "a template's boxes are open", cell=number, line=item.line + 1)
            if item.box and item.quoted:
                message = f"{item.title[:60]!r} stands in a quotation"
                self._report("RB210", message, "take it out of the >", cell=number, line=item.line + 1)
        for line, text in document.near_blocks:
            hint = 'attributes, {#id .flag key="value"}, stand behind the title of a step'
            self._report("RB208", f"{text} is text", hint, cell=number, line=line + 1)

    def _check_notebook(self) -> None:
        metadata = self.source.metadata
        language = _language(metadata)
        if language not in (None, "python"):
            self._report("RB111", f"a notebook in {language}", "sessions run Python")
        if not any(step.box for step in self.steps):
            self._report("RB209", "no steps", "steps are task items in Markdown: - [ ] text")

    def _embed_images(self, number: int, cell: Cell, document: Document) -> None:
        for target in source.image_targets(document):
            if re.match(r"(?i)https?:|data:", target) or "{{" in target:
                continue
            try:
                self.images[target] = _data_uri(target, cell, self.path.parent)
            except (OSError, ValueError) as error:
                reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
                self._report("RB211", f"the image {unquote(target)!r}: {reason}", cell=number)


def _language(metadata: Mapping[str, Any]) -> str | None:
    for table in ("language_info", "kernelspec"):
        found = metadata.get(table)
        name = found.get("name" if table == "language_info" else "language") if isinstance(found, dict) else None
        if isinstance(name, str) and name:
            return "python" if name.lower() in ("python", "ipython") else name
    return None


def _data_uri(target: str, cell: Cell, folder: Path) -> str:
    if target.startswith("attachment:"):
        bundle = (cell.get("attachments") or {}).get(unquote(target.removeprefix("attachment:")))
        if not isinstance(bundle, dict) or not bundle:
            raise ValueError("no such attachment")
        mime, content = next(iter(bundle.items()))
        return f"data:{mime};base64,{''.join(content).strip()}"
    path = folder / unquote(urlsplit(target).path)
    content = path.read_bytes()
    if len(content) > LARGEST_IMAGE:
        raise ValueError(f"{len(content) / 1e6:.1f} MB, at most {LARGEST_IMAGE / 1e6:.0f} MB")
    mime = mimetypes.guess_type(path.name)[0] or ""
    if not mime.startswith("image/"):
        raise ValueError("not an image")
    return f"data:{mime};base64,{base64.b64encode(content).decode()}"


class _Checks:
    """What can be checked only once all steps and parameters are known."""

    def __init__(self, reading: _Reading) -> None:
        self.reading = reading
        self.names = {parameter.name for parameter in reading.parameters}
        self.evidence_names = {step.attributes.keys["as"] for step in reading.steps if "as" in step.attributes.keys}

    def run(self) -> None:
        for step in self.reading.steps:
            for key, value in step.attributes.keys.items():
                self._check_value(key, value, step)
            if "as" in step.attributes.keys and "evidence" not in step.attributes.keys:
                self._report("RB106", "as= without evidence=", 'name what is asked for: evidence="…"', step)
        self._check_circles()
        for number, document in self.reading.documents.items():
            for heading in document.headings:
                if heading.attributes and "when" in heading.attributes.keys:
                    self._check_when(heading.attributes.keys["when"], number, heading.line + 1)
            self._check_placeholders(number, document)

    def _report(self, problem_id: str, message: str, hint: str, step: Step) -> None:
        self.reading._report(problem_id, message, hint, cell=step.cell, line=step.line)

    def _check_value(self, key: str, value: str, step: Step) -> None:
        if not value.strip():
            self._report("RB106", f"{key} is empty", f"give {key} a value or leave it out", step)
        elif key in ("wait", "due") and "{{" not in value:
            try:
                attributes.seconds(value)
            except ValueError:
                self._report("RB106", f"{key}={value!r} is no duration", "such as 30m, 24h, 7d or 2w", step)
        elif key == "when":
            self._check_when(value, step.cell, step.line)
        elif key == "after":
            self._check_after(value, step)
        elif key == "as" and (not value.isidentifier() or value in self.names):
            self._report("RB106", f"as={value!r}", "a Python name that no parameter has", step)

    def _check_when(self, expression: str, cell: int, line: int) -> None:
        try:
            names = expressions.names_in(expression)
        except expressions.ExpressionError as error:
            self.reading._report("RB107", error.found, f"expected {error.expected}", cell=cell, line=line)
            return
        for name in names:
            if name not in self.names:
                close = nearest(name, self.names)
                hint = f"did you mean {close!r}?" if close else f"there are {', '.join(sorted(self.names))}"
                self.reading._report(
                    "RB107", f"when={expression!r} names no parameter: {name}", hint, cell=cell, line=line
                )

    def _check_after(self, value: str, step: Step) -> None:
        for reference in attributes.references(value):
            if "#" in reference:
                continue
            name = reference.partition("@")[0]
            known = self.reading.step_ids - {step.id}
            if name not in known:
                close = nearest(name, known)
                hint = f"did you mean {close!r}?" if close else "an id of another step"
                self._report("RB108", f"after={value!r} names no step: {name}", hint, step)

    def _check_circles(self) -> None:
        """A step waits for what its `after` names and for its sub-steps."""
        waits: dict[str, set[str]] = {step.id: set() for step in self.reading.steps}
        for step in self.reading.steps:
            named = attributes.references(step.attributes.keys.get("after", ""))
            waits[step.id] |= {name for name in named if name in waits and name != step.id}
            if step.parent:
                waits[step.parent].add(step.id)
        try:
            TopologicalSorter(waits).prepare()
        except CycleError as error:
            circle = error.args[1]
            step = next(step for step in self.reading.steps if step.id == circle[0])
            shown = " → ".join(reversed(circle))
            self._report("RB113", f"these steps wait for each other: {shown}", "take one `after` away", step)

    def _check_placeholders(self, number: int, document: Document) -> None:
        known = self.names | self.evidence_names
        for line, name, _ in document.placeholders:
            close = nearest(name, known) if name not in known else None
            if close:
                message, hint = f"{{{{{name}}}}} is no parameter", f"did you mean {{{{{close}}}}}?"
                self.reading._report("RB204", message, hint, cell=number, line=line + 1)
        for match in re.finditer(r"\{\{[ \t]+(\w+)[ \t]*\}\}|\{\{(\w+)[ \t]+\}\}", document.text):
            name = match[1] or match[2]
            in_target = re.search(r"\]\([^)\n]*$", document.text[: match.start()])
            if name in known or in_target:
                line = document.text[: match.start()].count("\n") + 1
                hint = f"write {{{{{name}}}}} without spaces"
                self.reading._report("RB205", f"{match[0]} stays as it is", hint, cell=number, line=line)


@dataclass(frozen=True, kw_only=True)
class _Run:
    """A heading and what follows it up to the next one, in one cell."""

    heading: Heading | None
    start: int
    end: int
    items: tuple[int, ...]


def _runs(document: Document) -> list[_Run]:
    starts: list[tuple[int, Heading | None]] = [(heading.line, heading) for heading in document.headings]
    if not starts or starts[0][0] > 0:
        starts.insert(0, (0, None))
    ends = [start for start, _ in starts[1:]] + [len(document.text.split("\n"))]
    return [
        _Run(
            heading=heading,
            start=start,
            end=end,
            items=tuple(i for i, item in enumerate(document.items) if start <= item.line < end),
        )
        for (start, heading), end in zip(starts, ends, strict=True)
    ]


def _unique(wanted: str, taken: set[str], also: AbstractSet[str] = frozenset()) -> str:
    """A name that neither `taken` nor `also` holds; it is in `taken` from now on."""
    name, count = wanted, 1
    while name in taken or name in also:
        count += 1
        name = f"{wanted}-{count}"
    taken.add(name)
    return name
