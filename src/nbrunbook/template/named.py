"""Which templates are meant: by a path, or by a name in the project's folder of templates."""

from __future__ import annotations

from pathlib import Path

from nbrunbook.errors import NbrunbookError
from nbrunbook.project import paths
from nbrunbook.project.settings import Project
from nbrunbook.template import files as template_files
from nbrunbook.template.template import Template, read_template


def read_named(project: Project | None, path: Path) -> Template:
    """Return the template at a path, or of a name such as `next`; without a project only a path can be meant.

    Raises as `read_template` does, and NbrunbookError, with the nearest, for a name that nothing has.
    """
    named = template_files.template_named(path, project.templates if project else None)
    return read_template(named, declared=project.declared if project else ())


def templates_of(home: Path) -> list[Path]:
    """Return all templates in the project's folder of templates; NbrunbookError where it is not there."""
    home_as_typed = template_files.as_typed(home)
    if not home.is_dir():
        there = f"{home_as_typed}: {'no folder' if home.exists() else 'not there'}"
        raise NbrunbookError(there, "the folder of the project's templates", "'nbrunbook init' makes it")
    return template_files.templates_in(home_as_typed)


def templates_at(path: Path, home: Path | None) -> list[Path]:
    """Return the templates at a path: a part stands for the folder that it is in, any other folder for all in it.

    Nothing for a file in the project's folder of templates, `home`, that is no part of one.
    """
    if home and home.is_dir() and path.is_dir() and _is_in(home, path):
        return templates_of(home)
    inside = home is not None and paths.below(path, home) is not None
    if path.is_file() and inside and not template_files.is_part(path):
        return []
    if path.is_file() and home and template_files.is_part_in(path, home):
        return [path.parent]
    if path.is_dir() and (home is None or paths.plain(path).parent.resolve() != home.resolve()):
        return template_files.templates_in(path)
    return [path]


def _is_in(home: Path, folder: Path) -> bool:
    return paths.below(home, folder) is not None
