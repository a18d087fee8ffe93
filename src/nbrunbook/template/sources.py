"""Sources: whether a template's steps are written once, and by a merge that is finished. RB118, RB119."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from nbrunbook.documents import conflicts
from nbrunbook.documents.conflicts import Mark
from nbrunbook.template import files as template_files
from nbrunbook.template.placed_cells import File, Place
from nbrunbook.template.problems import Problem


def problems(places: Sequence[Path], files: Sequence[File]) -> list[Problem]:
    """Return the problems for which nobody can say what the steps of a template are.

    `places` are where it lies, in each home that has it; `files` are its files as read.
    """
    parts = [file.part.path for file in files if file.part.path not in places]
    standing = dict.fromkeys(each.parent for each in parts if each.parent.name == template_files.STANDING)
    twins = [
        *(template_files.twins(each) for each in {**dict.fromkeys(places), **standing}),
        *(template_files.twins(each, template_files.is_part) for each in parts),
    ]
    found = [*(_of_twins(each) for each in twins if each), *filter(None, map(_conflict, files))]
    return list(dict.fromkeys(found))


# One source


def _of_twins(twins: Sequence[Path]) -> Problem:
    """One problem, whichever of them is read; it stands at the first."""
    names = [each.name for each in twins]
    message = f"{', '.join(names[:-1])} and {names[-1]} have one name"
    if len({template_files.release_of(each) for each in twins}) > 1:
        hint = "names that differ only in case or composed letters are one file on macOS and Windows: rename one"
    elif {each.suffix for each in twins if each.is_file()} == set(template_files.SUFFIXES):
        notebook = next(each for each in twins if each.suffix == ".ipynb")
        unpair = f"""jupytext --update-metadata '{{"jupytext": null}}' {notebook.name}"""
        hint = f"keep one, and delete the other; where jupytext pairs them it comes back: unpair it first, {unpair}"
    else:
        hint = "keep one: move its steps into the other, and delete it"
    return Problem(id="RB118", message=message, hint=hint, path=twins[0])


# A merge that is finished


def _conflict(file: File) -> Problem | None:
    """Where a merge conflict begins; it may go through all cells, as nbdime has it."""
    if file.minor is None:
        first = conflicts.first(conflicts.marks(file.whole, prose=file.places[-1].cell["source"]))
        return _problem(Place(path=file.part.path, number=None, above=0, cell={}), first) if first else None
    cells = [place.cell for place in file.places]
    proses = [cell["source"] if cell["cell_type"] == "markdown" else "" for cell in cells]
    marks = [
        mark
        for number, cell in enumerate(cells)
        for mark in conflicts.marks(cell["source"], number, prose=proses[number])
    ]
    first = conflicts.first(marks)
    return _problem(file.places[first.text], first) if first else None


def _problem(place: Place, first: Mark) -> Problem:
    hint = "finish the merge: keep what is right of both sides; marks that are an example stand indented"
    return place.problem("RB119", f"a merge conflict begins with {first.sign * first.size}", hint, first.line)
