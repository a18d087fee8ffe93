"""Parameters of a template: what all of its parts declare together, and whether they agree on it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from nbrunbook.documents import notebook
from nbrunbook.documents.notebook import Cell
from nbrunbook.runbook.parameters import MISSING, Parameter
from nbrunbook.template import declarations
from nbrunbook.template import files as template_files
from nbrunbook.template.placed_cells import File, Place
from nbrunbook.template.problems import Problem


@dataclass(frozen=True, kw_only=True)
class Declared:
    """What a template declares."""

    listed: tuple[Parameter, ...]
    """`release` and `environment` are always among them."""
    cells: tuple[Place, ...]
    """The cells that declare them, at most one a file."""


def declared_parameters(path: Path, name: str, files: Sequence[File]) -> tuple[Declared, list[Problem]]:
    """Return the parameters of the template at `path`, for the release `name`, and what is wrong with them."""
    problems: list[Problem] = []
    first: dict[str, tuple[Parameter, Place]] = {}
    cells = []
    for file in files:
        tagged = [place for place in file.places if _declares(place.cell)]
        problems += _wrong_number(path, file, tagged)
        cells += tagged[:1]
    for place in cells:
        found, faults = declarations.read(place.cell["source"])
        problems += [place.problem("RB102", each.message, f"expected {each.expected}", each.line) for each in faults]
        for parameter in found:
            problems += _standard(parameter, place, name)
            problems += _disagreement(parameter, place, first.setdefault(parameter.name, (parameter, place)))
    listed = declarations.with_standard([parameter for parameter, _ in first.values()], name)
    return Declared(listed=tuple(listed), cells=tuple(cells)), problems


def _declares(cell: Cell) -> bool:
    return cell["cell_type"] == "code" and "parameters" in notebook.tags(cell)


def _wrong_number(path: Path, file: File, tagged: Sequence[Place]) -> Iterator[Problem]:
    """One cell declares them in a template that is a notebook, at most one in a part."""
    needed = file.minor is not None and file.part.path == path
    hint = "give one code cell the tag 'parameters', with lines such as release: str = '1.0'"
    if len(tagged) > 1:
        yield tagged[1].problem("RB101", "more than one cell is tagged 'parameters'", hint)
    elif needed and not tagged:
        yield Problem(id="RB101", message="no code cell is tagged 'parameters'", hint=hint, path=path)


def _standard(parameter: Parameter, place: Place, release: str) -> Iterator[Problem]:
    """Whether `release` and `environment` are what they have to be."""
    expected = {"release": ("str", "Version"), "environment": ("str",)}.get(parameter.name)
    if expected and parameter.type.name not in expected:
        message = f"parameter {parameter.name} is a {parameter.type.name}"
        yield place.problem("RB102", message, f"expected a {' or '.join(expected)}", parameter.line)
    elif parameter.name == "release" and parameter.default is not MISSING and str(parameter.default) != release:
        message = f"the release is {parameter.default!r} and the template's name {release!r}"
        hint = "name one after the other"
        if place.path.parent.name in template_files.FOLDERS:
            hint = "leave it out: such a part is of more than one release, or of one without a name yet"
        yield place.problem("RB206", message, hint, parameter.line)


def _disagreement(parameter: Parameter, place: Place, first: tuple[Parameter, Place]) -> Iterator[Problem]:
    other, elsewhere = first
    if (parameter.type, parameter.default) != (other.type, other.default):
        other_file = template_files.named_beside(elsewhere.path, place.path)
        message = f"parameter {parameter.name} is declared otherwise in {other_file}"
        what = "type" if parameter.type != other.type else "default"
        yield place.problem(
            "RB114", message, f"give both the same {what}: there it is a {other.type.name}", parameter.line
        )
