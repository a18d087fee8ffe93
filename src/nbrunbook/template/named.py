"""Which templates are meant: by a path, or by a name in the project's folder of templates."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from nbrunbook.errors import NbrunbookError
from nbrunbook.project import paths, sites
from nbrunbook.project.settings import Project
from nbrunbook.template import files as template_files
from nbrunbook.template.template import Template, read_template


def read_named(project: Project | None, path: Path) -> Template:
    """Return the template at a path, or of a name such as `next`; without a project only a path can be meant.

    Raises as `read_template` does, and NbrunbookError, with the nearest, for a name that nothing has.
    """
    homes = project.template_homes if project else ()
    named = template_files.template_named(path, homes)
    return read_template(named, homes=homes, declared=project.declared if project else ())


def templates_of(homes: Sequence[Path]) -> list[Path]:
    """Return all templates in the project's folders of templates; NbrunbookError where one of them is not there.

    The first may be missing where others are there: nobody has written a new template yet.
    """
    missing = [each for each in homes if not each.is_dir()]
    if missing and (len(missing) == len(homes) or missing != [*homes[:1]]):
        first = next((each for each in missing if each != homes[0]), missing[0])
        there = f"{template_files.as_typed(first)}: {'no folder' if first.exists() else 'not there'}"
        if len(homes) == 1:
            to_do = "put them into a folder 'runbooks' of an app" if sites.registered() else "'nbrunbook init' makes it"
            raise NbrunbookError(there, "the folder of the project's templates", to_do)
        raise NbrunbookError(there, "a folder of the project's templates", "make it, or take it out of `templates`")
    return template_files.templates_in_all([template_files.as_typed(each) for each in homes])


def templates_at(path: Path, homes: Sequence[Path]) -> list[Path]:
    """Return the templates at a path: a part stands for the folder that it is in, any other folder for all in it.

    Nothing for a file in the project's folders of templates, `homes`, that is no part of one.
    """
    home = next((each for each in homes if paths.below(path, each) is not None), None)
    if path.is_dir() and any(each.is_dir() and _is_in(each, path) for each in homes):
        return _inside(path, homes)
    if path.is_file() and home and not template_files.is_part(path):
        return []
    if path.is_file() and template_files.is_part_in(path, homes):
        return template_files.places_of(path.parent, homes)[:1]
    if path.is_dir() and paths.plain(path).parent.resolve() not in [each.resolve() for each in homes]:
        return template_files.templates_in(path)
    return template_files.places_of(path, homes)[:1]


def _inside(folder: Path, homes: Sequence[Path]) -> list[Path]:
    """The templates of the homes that lie in a folder, a home itself or one around it."""
    own = [each for each in homes if each.is_dir() and _is_in(each, folder)]
    if own == [*homes]:
        return templates_of(homes)
    meant = [path for each in own for path in template_files.templates_in(template_files.as_typed(each))]
    return list(dict.fromkeys(template_files.places_of(path, homes)[0] for path in meant))


def _is_in(home: Path, folder: Path) -> bool:
    return paths.below(home, folder) is not None
