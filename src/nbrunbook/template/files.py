"""The files of a template, and where each of their cells stands."""

from __future__ import annotations

import hashlib
import os
import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nbrunbook.documents import notebook, source
from nbrunbook.documents.markdown.filling import Fill, is_relative
from nbrunbook.documents.notebook import Cell, Violation
from nbrunbook.errors import NbrunbookError, NotebookError, nearest
from nbrunbook.template import front_matter
from nbrunbook.template.front_matter import Split
from nbrunbook.template.problems import Problem

SUFFIXES = (".ipynb", ".md")

MEANT = (*SUFFIXES, ".markdown")

STANDING = "always"
"""The folder, beside the templates, of the parts of every release."""

NEXT = "next"
"""The folder of the parts of a release that has no name yet."""

FOLDERS = (NEXT, STANDING)
"""Names that no release can have."""


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
    about: Any = None
    """What its metadata, or its front matter, says under `nbrunbook`."""


def is_part(path: Path) -> bool:
    """Tell whether a file can be a part: a notebook or Markdown, but no README and nothing hidden."""
    known = path.suffix in SUFFIXES and path.is_file()
    return known and not path.name.startswith((".", "_")) and path.stem.lower() != "readme"


def parts_in(folder: Path) -> list[Path]:
    """Return the parts in a folder, in name order; none where there is no such folder."""
    return sorted(filter(is_part, folder.iterdir()), key=_order) if folder.is_dir() else []


def _order(path: Path) -> tuple[str, str]:
    return path.stem, path.suffix


def passed_over(folder: Path) -> list[Path]:
    """Return what in a folder of parts was probably meant as one: another spelling, a dead link, a folder of parts."""
    kept = [path for path in folder.iterdir() if path.name[0] not in "._" and path.stem.lower() != "readme"]
    return sorted(path for path in kept if not is_part(path) and (path.suffix.lower() in MEANT or parts_in(path)))


def is_template(path: Path) -> bool:
    """Tell whether a path is a template: a file that can be a part, or a folder with such files."""
    return is_part(path) or (path.name[:1] not in (".", "_") and bool(parts_in(path)))


def templates_in(folder: Path) -> list[Path]:
    """Return the templates in a folder, in name order; the standing parts are one of them."""
    return sorted(filter(is_template, folder.iterdir()), key=lambda each: each.name) if folder.is_dir() else []


def template_named(path: Path, home: Path | None) -> Path:
    """Return the template that a person means: a path, or its name in the project's folder of templates.

    NbrunbookError, with the nearest name, for a name that nothing there has.
    """
    if home is None or path.exists() or path.name != str(path):
        return path
    found = taken(home, str(path))
    if found is None and path.suffix not in SUFFIXES:
        known = [each.stem if each.suffix in SUFFIXES else each.name for each in templates_in(home)]
        close = nearest(str(path), known)
        raise NbrunbookError(
            f"no template {str(path)!r}",
            f"a path, or one of: {', '.join(known)}" if known else "a path",
            f"did you mean {close!r}?" if close else "",
        )
    return as_typed(found or path)


def taken(folder: Path, name: str) -> Path | None:
    """Return the file, folder or link that has a template's name in a folder already; None where it is free."""
    named = [folder / f"{name}{suffix}" for suffix in ("", *SUFFIXES)]
    return next((path for path in named if path.exists() or path.is_symlink()), None)


def of_parts(name: str, parts: Sequence[str]) -> str:
    """Return the template whose name and parts are known, as paths: the folder of its name, else the first file."""
    folders = [posixpath.dirname(path) for path in parts]
    return next((folder for folder in folders if posixpath.basename(folder) == name), (*parts, "")[0])


def as_typed(path: Path) -> Path:
    """Return a path as a person would type it here: from the working directory where it lies below that."""
    return Path(os.path.relpath(path)) if Path.cwd() in (path, *path.parents) else path


def files_of(path: Path, *, standing: bool = True) -> list[Path]:
    """Return the files of a template in the order of its runbook, on request without the standing parts.

    Those of a folder stand with the standing parts in name order; one that is a single file comes before them.
    Raises NbrunbookError for a folder that holds none.
    """
    others = parts_in(path.parent / STANDING) if standing and path.name != STANDING else []
    if not path.is_dir():
        return [path, *others]
    own = parts_in(path)
    if not own:
        raise NbrunbookError(f"{path}: a folder without parts", "notebooks (.ipynb) or Markdown files (.md) in it")
    return sorted([*own, *others], key=_order)


def load(path: Path, base: Path, content: bytes | None = None) -> File:
    """Return a file's cells; links lead from the folder `base`. `content` is read in place of what it holds.

    NotebookError where it cannot be read at all.
    """
    content = notebook.read_bytes(path) if content is None else content
    part = Part(path=path, sha256=hashlib.sha256(content).hexdigest())
    if path.suffix == ".md":
        split = front_matter.split(text_of(path, content))
        return File(part=part, places=tuple(_in_text(path, split, base)), about=_in_front_matter(path, split))
    found = notebook.parse(content, path)
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


def _in_front_matter(path: Path, found: Split) -> Any:
    try:
        return found.about()
    except ValueError as error:
        raise NotebookError(path, f"its front matter is no YAML ({error})", "YAML between the lines of ---") from None


def _in_text(path: Path, found: Split, base: Path) -> Iterator[Place]:
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
