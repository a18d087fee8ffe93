"""Templates: what an author wrote for one release, and what is wrong with it.

Reading a template runs nothing and needs no parameter's value. It is a row of stages, each of which
gives what it read and the problems that it found: files, environments, Markdown, parameters, outline, images,
checks; what is made of the cells comes last. Problems are data: see `PROBLEMS` for what each id means.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from nbrunbook.documents.notebook import Cell
from nbrunbook.errors import NotebookError
from nbrunbook.runbook.parameters import Parameter
from nbrunbook.runbook.sections import Section
from nbrunbook.template import checks, images, limits, placed_cells, sources
from nbrunbook.template import files as template_files
from nbrunbook.template.bindings import Bindings, read_bindings
from nbrunbook.template.bindings import sources as sources_of_code
from nbrunbook.template.cells import Cutting, Piece
from nbrunbook.template.environments import read_environments
from nbrunbook.template.markdown_cells import MarkdownCells, read_markdown_cells
from nbrunbook.template.outline import Outline, outline_of
from nbrunbook.template.parameters import Declared, declared_parameters
from nbrunbook.template.placed_cells import File, Part, Place
from nbrunbook.template.problems import UNCLEAR, Problem
from nbrunbook.template.written_step import WrittenStep


@dataclass(frozen=True, kw_only=True)
class Template:
    """One release's steps as the author wrote them."""

    path: Path
    lies_at: tuple[Path, ...]
    """That path, and where else it lies in a project with several folders of templates."""
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
    bindings: Bindings
    """What its code says of steps that the machine does."""
    references: Mapping[str, Mapping[str, str]]
    """Reference links: label -> title, href."""
    images: Mapping[str, str]
    """Targets of images -> data: URIs."""
    image_files: tuple[Path, ...]
    """The files that its images name, also where there is none."""
    metadata: Mapping[str, Any]
    environments: tuple[str, ...] | None
    """The environments and groups in which it applies; None for all."""
    problems: tuple[Problem, ...]

    @property
    def code(self) -> tuple[str, ...]:
        """What a run of an automated step loads: see bindings.py."""
        return sources_of_code(self.pieces)

    @property
    def stopping(self) -> list[Problem]:
        """The problems that keep it from becoming a runbook."""
        return [problem for problem in self.problems if problem.stops]

    @property
    def unclear(self) -> list[Problem]:
        """Those of them for which nobody can say what its steps are."""
        return [problem for problem in self.problems if problem.id in UNCLEAR]


def read_template(
    path: Path,
    *,
    homes: Sequence[Path] = (),
    instead: Mapping[Path, bytes] | None = None,
    standing: bool = True,
    declared: Collection[str] = (),
    check: bool = True,
) -> Template:
    """Return the template in a file, or in a folder of parts; the standing parts beside it belong to it.

    `homes` are the project's folders of templates: in one of them, what the others have of its name belongs to it, too.
    `instead` is read in place of what those files hold; `standing` may leave those parts out.
    `declared` holds the names of environments and groups, where there are any.
    Without `check` a notebook's schema is not looked at, which needs nbformat: for whoever asks for steps alone.
    NotebookError where a file cannot be read at all, NbrunbookError for a folder without parts.
    """
    return _template(_read(path, homes, instead or {}, declared, standing=standing, check=check))


def check_template(path: Path, *, homes: Sequence[Path] = (), declared: Collection[str] = ()) -> tuple[Problem, ...]:
    """Return what is wrong with a template, without making anything of it; raises as `read_template` does.

    But a part that cannot be read is a problem, and the other parts are looked at all the same.
    """
    unreadable: list[NotebookError] = []
    try:
        found = _read(path, homes, {}, declared, standing=True, unreadable=unreadable).problems
    except NotebookError:
        found = ()
    if unreadable:
        found = tuple(each for each in found if each.id not in OF_ALL_PARTS)
    return (*(Problem.of_error(path, error) for error in unreadable), *found)


OF_ALL_PARTS = ("RB101", "RB106", "RB107", "RB108", "RB115", "RB121", "RB125", "RB126", "RB204", "RB209")
"""What may be wrong only because a part is missing that declares a parameter or holds a step."""


@dataclass(frozen=True, kw_only=True)
class _Read:
    """A template's files as read, before anything is made of them."""

    path: Path
    lies_at: Sequence[Path]
    name: str
    folder: Path
    files: Sequence[File]
    environments: tuple[str, ...] | None
    texts: MarkdownCells
    declared: Declared
    outline: Outline
    bindings: Bindings
    images: Mapping[str, str]
    image_files: tuple[Path, ...]
    problems: tuple[Problem, ...]
    """In the order of the files."""


def _read(
    path: Path,
    homes: Sequence[Path],
    instead: Mapping[Path, bytes],
    declared: Collection[str],
    *,
    standing: bool,
    check: bool = True,
    unreadable: list[NotebookError] | None = None,
) -> _Read:
    places = template_files.places_of(path, homes)
    path = places[0]
    folder, name = path if path.is_dir() else path.parent, template_files.release_of(path)
    files = []
    for each in template_files.files_of(path, homes, standing=standing):
        try:
            files.append(placed_cells.load(each, folder, instead.get(each), check=check))
        except NotebookError as error:
            if unreadable is None:
                raise
            unreadable.append(error)
    if unreadable and not files:
        raise unreadable[0]
    _check_lengths(path, [place.cell for file in files for place in file.places])
    environments, named = read_environments(files, declared)
    texts = read_markdown_cells(files)
    parameters, declaring = declared_parameters(path, name, files)
    outline, outlined = outline_of(files, texts, tell_files=len(homes) > 1)
    limits.check(path, limits.MOST_STEPS, len(outline.sections), "sections")
    embedded, lost = images.embedded(texts.documents, folder)
    bindings = read_bindings(files)
    checked = checks.run(folder, files, texts.documents, outline.sections, outline.steps, parameters.listed, bindings)
    unclear = sources.problems(places, files)
    passed_over = [problem for each in places for problem in _passed_over(each)]
    problems = _first_of([*unclear, *named, *declaring, *outlined, *lost, *passed_over], checked)
    return _Read(
        path=path,
        lies_at=places,
        name=name,
        folder=folder,
        files=files,
        environments=environments,
        texts=texts,
        declared=parameters,
        outline=outline,
        bindings=bindings,
        images=embedded,
        image_files=images.named(texts.documents, folder),
        problems=_in_order(problems, files),
    )


def _check_lengths(path: Path, cells: Sequence[Cell]) -> None:
    limits.check_text(path, [cell["source"] for cell in cells])
    code = [len(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    limits.check(path, limits.MOST_CODE, max(code, default=0), "characters of code in one cell")


def _first_of(found: list[Problem], more: Iterator[Problem]) -> list[Problem]:
    """The problems that anybody would read; the rest is not looked for."""
    found += islice(more, max(0, limits.MOST_PROBLEMS + 1 - len(found)))
    if len(found) <= limits.MOST_PROBLEMS:
        return found
    message, hint = f"more than {limits.MOST_PROBLEMS:,} findings", "mend these; the rest is not looked for before"
    return [
        *found[: limits.MOST_PROBLEMS],
        Problem(id="RB117", message=message, hint=hint, path=found[limits.MOST_PROBLEMS].path),
    ]


def _passed_over(path: Path) -> list[Problem]:
    message, hint = "it is no part of the template", "parts are files that end in .ipynb or .md, in the folder itself"
    found = template_files.passed_over(path) if path.is_dir() else []
    if path.stem == template_files.STANDING and path.is_file():
        message, hint = "no release has its steps", f"the parts of every release are files in the folder {path.stem}/"
        found = [path]
    return [Problem(id="RB219", message=message, hint=hint, path=each) for each in found]


def _in_order(problems: Sequence[Problem], files: Sequence[File]) -> tuple[Problem, ...]:
    order = {file.part.path: number for number, file in enumerate(files)}
    return tuple(sorted(problems, key=lambda each: (order.get(each.path, -1), each.cell or 0, each.line or 0)))


def _template(read: _Read) -> Template:
    cutting = Cutting(read.name, read.declared.cells, read.outline.cells)
    places = [place for file in read.files for place in file.places]
    cutting.run(places, join=len(read.files) > 1)
    return Template(
        path=read.path,
        lies_at=tuple(read.lies_at),
        name=read.name,
        folder=read.folder,
        parts=tuple(file.part for file in read.files),
        places=tuple(places),
        parameters=read.declared.listed,
        sections=tuple(cutting.sections),
        steps=read.outline.steps,
        pieces=tuple(cutting.pieces),
        bindings=read.bindings,
        references=read.texts.references,
        images=read.images,
        image_files=read.image_files,
        metadata=next((file.metadata for file in read.files if file.metadata), {}),
        environments=read.environments,
        problems=read.problems,
    )
