"""The cells of a template's files, and where each of them stands."""

from __future__ import annotations

import hashlib
import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nbrunbook.documents import conflicts, notebook, source
from nbrunbook.documents.markdown.filling import Fill, is_relative
from nbrunbook.documents.notebook import Cell, Violation
from nbrunbook.errors import NotebookError
from nbrunbook.project.author_files import LARGEST_TEMPLATE
from nbrunbook.template import front_matter
from nbrunbook.template.front_matter import PartedFile
from nbrunbook.template.problems import Problem


@dataclass(frozen=True, kw_only=True)
class Part:
    """One file of a template."""

    path: Path
    sha256: str


@dataclass(frozen=True, kw_only=True, eq=False)
class Place:
    """A cell, and where it stands."""

    path: Path
    number: int | None
    """Counted from 1; None in a Markdown file."""
    above: int
    """How many lines of the file stand above its first: 0 in a notebook, where lines are counted in the cell."""
    cell: Cell = field(repr=False)

    def problem(self, problem_id: str, message: str, hint: str = "", line: int | None = None) -> Problem:
        """Return a problem here; `line` is counted from 1 in the cell."""
        shown = line + self.above if line is not None else None
        return Problem(id=problem_id, message=message, hint=hint, path=self.path, cell=self.number, line=shown)


@dataclass(frozen=True, kw_only=True)
class File:
    """One file of a template as read."""

    part: Part
    places: tuple[Place, ...]
    metadata: Mapping[str, Any] = field(default_factory=dict)
    violations: tuple[Violation, ...] = ()
    minor: int | None = None
    """The version behind nbformat 4; None for a Markdown file."""
    whole: str = field(default="", repr=False)
    """All that a Markdown file holds, its front matter included; empty for a notebook."""
    about: Any = None
    """What its metadata, or its front matter, says under `nbrunbook`."""


def load(path: Path, base: Path, content: bytes | None = None, *, check: bool = True) -> File:
    """Return a file's cells; links lead from the folder `base`. `content` is read in place of what it holds.

    NotebookError where it cannot be read at all. Without `check` a notebook's schema is not looked at.
    """
    content = notebook.read_bytes(path, at_most=LARGEST_TEMPLATE) if content is None else content
    part = Part(path=path, sha256=hashlib.sha256(content).hexdigest())
    if path.suffix == ".md":
        text = text_of(path, content)
        split = front_matter.split(text)
        about = _in_front_matter(path, split)
        return File(part=part, places=tuple(_in_text(path, split, base)), whole=text, about=about)
    found = notebook.parse(content, path, check=check)
    about = found.metadata.get("nbrunbook")
    if isinstance(about, dict) and ("key" in about or "schema" in about):
        raise NotebookError(path, "a runbook", "a template", "a runbook is made from one, in templates/")
    places = [
        Place(path=path, number=number, above=0, cell=_rebased(cell, path, base))
        for number, cell in enumerate(found.cells, 1)
    ]
    return File(
        part=part,
        places=tuple(places),
        metadata=found.metadata,
        violations=found.violations,
        minor=found.minor,
        about=about,
    )


def text_of(path: Path, content: bytes) -> str:
    """Return what a Markdown file holds, without a byte-order mark; NotebookError where it is not UTF-8."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise NotebookError(path, f"not UTF-8 (byte {error.start})", "a Markdown file in UTF-8") from None


def _in_front_matter(path: Path, found: PartedFile) -> Any:
    try:
        return found.about()
    except ValueError as error:
        if conflicts.first(conflicts.marks(found.front_matter)):
            raise NotebookError(
                path, "a merge conflict in its front matter", "one side of it", "finish the merge"
            ) from None
        raise NotebookError(path, f"its front matter is no YAML ({error})", "YAML between the lines of ---") from None


def _in_text(path: Path, found: PartedFile, base: Path) -> Iterator[Place]:
    """A Markdown file's cells: its parameters, if it has any, and its text."""
    name = re.sub(r"[^\w-]+", "-", path.stem, flags=re.ASCII)
    if found.parameters is not None:
        cell = notebook.code_cell(f"{name}-parameters", found.parameters, {"tags": ["parameters"]})
        yield Place(path=path, number=None, above=found.parameters_line or 0, cell=cell)
    cell = notebook.markdown_cell(name, found.text)
    yield Place(path=path, number=None, above=0, cell=_rebased(cell, path, base))


def _rebased(cell: Cell, path: Path, base: Path) -> Cell:
    """A Markdown cell whose relative links, which led from the file's folder, lead from `base`."""
    if cell["cell_type"] != "markdown" or path.parent == base:
        return cell

    def moved(target: str) -> str:
        if not is_relative(target):
            return target
        return posixpath.relpath(posixpath.join(path.parent.absolute(), target), base.absolute())

    try:
        return {**cell, "source": source.fill_source(cell["source"], Fill(links=moved))}
    except ValueError:
        return cell
