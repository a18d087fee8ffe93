"""Things: what can change between two snapshots, each reduced to what is compared."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from nbrunbook.documents import notebook, source
from nbrunbook.documents.markdown.items import Item
from nbrunbook.documents.markdown.reading import read_markdown
from nbrunbook.documents.notebook import Cell
from nbrunbook.runbook.plan import Plan, Step
from nbrunbook.runbook.sections import Section
from nbrunbook.template import batch_planning
from nbrunbook.template.bindings import Binding, Named
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
    fingerprint: str = ""
    """Of the function that does a step; empty where a person does it."""
    function: str = ""
    """Its name in the side's code."""


class WrittenSteps:
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
        """Yield the sections, each with its heading in Markdown where one is known."""
        for section, prose in self.found:
            inside = section.closed_by if section.closed_by != section.id else None
            facts = {
                **flag_facts(section.flags),
                **({".if-needed": ""} if section.closed_by == section.id else {}),
                **({"in": inside} if inside else {}),
                **({"owner": section.owner} if section.owner else {}),
                **({"when": _all_of(section.when)} if section.when else {}),
                "level": str(section.level),
            }
            written = headings.get(section.id, section.title)
            yield Thing(id=section.id, title=section.title, written=written, text=prose, facts=facts)


class CellsInOrder:
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


def thing_of_piece(piece: Piece, text: str, *, runbook: bool = False) -> Thing:
    """Return what becomes one cell of a runbook, with the text that it would have there."""
    if piece.kind == "section":
        return Thing(id=piece.section, facts={"kind": "section"})
    if piece.kind == "text":
        return _text(piece.cell_id, source.with_shown_tags(text) if runbook else text)
    return _code(piece.cell_id, piece.kind, piece.cell, runbook=runbook)


def thing_of_cell(cell: Cell) -> Thing:
    """Return one cell of a runbook."""
    ours = cell["metadata"].get("nbrunbook")
    cell_id = str(cell.get("id", ""))
    if isinstance(ours, dict) and isinstance(ours.get("section"), str):
        return Thing(id=ours["section"], facts={"kind": "section"})
    if not notebook.is_author_s(cell):
        return _code(cell_id, "parameters", cell)
    if cell["cell_type"] == "markdown":
        # One that an older nbrunbook made has <version> as it was written.
        return _text(cell_id, source.with_shown_tags(cell["source"]))
    return _code(cell_id, cell["cell_type"], cell, runbook=True)


def _all_of(conditions: tuple[str, ...]) -> str:
    return conditions[0] if len(conditions) == 1 else " and ".join(f"({each})" for each in conditions)


def flag_facts(flags: Iterable[str]) -> dict[str, str]:
    """Return flags as facts without a value."""
    return {f".{flag}": "" for flag in flags}


def box_fact(box: bool) -> dict[str, str]:
    """Return that a step has a box of its own as a fact without a value."""
    return {"box": ""} if box else {}


def automation_facts(step: Step) -> dict[str, str]:
    """Return how the machine does a step of a plan, as attributes; nothing for one that a person does."""
    return {"kind": step.kind, **step.automation.options} if step.automation else {}


def binding_facts(binding: Binding | None) -> dict[str, str]:
    """Return the same as its decorator, or a batch, is written."""
    if binding is None:
        return {}
    said = {name: each for name, each in binding.arguments.items() if each is not None and name != "throttle"}
    held = {"throttle": ", ".join(batch_planning.words_of(binding))} if "throttle" in binding.expressions else {}
    return {"kind": binding.kind, **{name: _as_said(each) for name, each in said.items()}, **held}


def _as_said(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return value.parameter if isinstance(value, Named) else str(value)


def code_things(code: Sequence[str]) -> Iterator[Thing]:
    """Yield the code of a plan, a cell each."""
    for number, text in enumerate(code, 1):
        yield Thing(id=f"code-{number}", title=f"code cell {number}", text=text, facts={"kind": "code"})


def declared_parameters(template: Template) -> Iterator[Thing]:
    """Yield a template's parameters as they are declared."""
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


def parameter_values(made: Plan) -> tuple[Thing, ...]:
    """Return a plan's parameters with their values."""
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


def image_things(images: Mapping[str, str]) -> tuple[Thing, ...]:
    """Return images by what names them."""
    return tuple(Thing(id=target, title=target, text=content) for target, content in images.items())
