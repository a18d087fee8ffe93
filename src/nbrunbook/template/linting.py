"""Linting: the problems of many templates, each told once."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

from nbrunbook.documents import notebook
from nbrunbook.errors import NbrunbookError
from nbrunbook.extras import MissingExtraError
from nbrunbook.project.settings import Project
from nbrunbook.template import cross_references, database_names
from nbrunbook.template import files as template_files
from nbrunbook.template.problems import Problem
from nbrunbook.template.template import check_template

ToldAlready = tuple[object, ...]

MANY = 100
"""Templates from which on more than one process reads them: a process takes as long to start as some of them."""


def problems_in(targets: Sequence[Path], project: Project | None) -> list[Problem]:
    """Return what is wrong in some templates, in order; many are shared out to all processors.

    What the standing parts beside them have by themselves is told once, of those. What cannot be read is a problem.
    MissingExtraError for notebooks where nbformat is not installed.
    """
    homes = project.template_homes if project else ()
    told = {folder: _of_standing(folder, homes) for folder in {path.parent for path in targets}}
    problems_of = partial(_problems_of, told=told, project=project)
    if len(targets) < MANY:
        return [problem for path in targets for problem in problems_of(path)]
    # Loaded here, since few projects have that many, and it takes as long as all the rest of a start.
    from concurrent.futures import ProcessPoolExecutor

    with ProcessPoolExecutor(initializer=notebook.skip_iri_checks) as pool:
        of_each = pool.map(problems_of, targets, chunksize=len(targets) // (4 * (os.cpu_count() or 1)) or 1)
        return [problem for each in of_each for problem in each]


def _problems_of(path: Path, told: Mapping[Path, frozenset[ToldAlready]], project: Project | None) -> list[Problem]:
    declared, homes = (project.declared, project.template_homes) if project else ((), ())
    try:
        elsewhere = told[path.parent] if path.name != template_files.STANDING else frozenset()
        problems = list(check_template(path, homes=homes, declared=declared))
        if project and not any(each.id == "RB100" for each in problems):
            problems += cross_references.problems(path, project)
            problems += database_names.problems(path, project)
        return [each for each in problems if _told_of(each) not in elsewhere]
    except MissingExtraError:
        raise
    except NbrunbookError as error:
        return [Problem.of_error(path, error)]


def _told_of(problem: Problem) -> ToldAlready:
    """What a finding is about, whatever the words."""
    return (problem.id, problem.path, problem.cell, problem.line)


def _of_standing(folder: Path, homes: Sequence[Path]) -> frozenset[ToldAlready]:
    """What is wrong by themselves with the standing parts of a folder of templates: that is told once, of those."""
    places = template_files.places_of(folder / template_files.STANDING, homes)
    standing = next(filter(template_files.parts_in, places), None)
    try:
        found = check_template(standing, homes=homes) if standing else ()
        return frozenset(_told_of(each) for each in found if each.id != "RB100")
    except MissingExtraError:
        raise
    except NbrunbookError:
        return frozenset()
