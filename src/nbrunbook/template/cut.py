"""Cutting a release: the folder of the next release's parts becomes its template."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from nbrunbook.errors import NbrunbookError, TemplateError
from nbrunbook.project.names import check_name
from nbrunbook.project.settings import Project
from nbrunbook.template import files as template_files
from nbrunbook.template.template import Template, read_template


def cut(project: Project, release: str) -> Template:
    """Rename the folder of the next release's parts, in each folder of templates that has it, and return the template.

    Raises NbrunbookError where the name is taken, and where there are no parts or nobody can say which steps they are.
    """
    check_name(release, "release")
    homes = project.template_homes
    sources = [home / template_files.NEXT for home in homes if template_files.parts_in(home / template_files.NEXT)]
    targets = [_free(project, home, release) for home in dict.fromkeys([project.templates, *_around(sources)])]
    if not sources:
        raise NbrunbookError(
            f"{project.relative(project.templates / template_files.NEXT)} holds no parts",
            "notebooks (.ipynb) or Markdown files (.md)",
            "'nbrunbook new NAME --next' makes one",
        )
    unclear = read_template(sources[0], homes=homes).unclear
    if unclear:
        raise TemplateError(sources[0], unclear)
    _rename({source: target for source in sources for target in targets if target.parent == source.parent})
    return read_template(sources[0].with_name(release), homes=homes)


def _around(folders: Iterable[Path]) -> list[Path]:
    return [each.parent for each in folders]


def _rename(moves: Mapping[Path, Path]) -> None:
    """All of them, or none."""
    done: list[Path] = []
    try:
        for source, target in moves.items():
            source.rename(target)
            done.append(source)
    except OSError as error:
        for each in done:
            moves[each].rename(each)
        found = f"{source} cannot be renamed ({error.strerror})"
        raise NbrunbookError(found, "a folder that can be written to") from None


def _free(project: Project, home: Path, release: str) -> Path:
    if release in template_files.FOLDERS:
        raise NbrunbookError(f"a release cannot be called {release!r}", "its name, such as 2026.12.0")
    taken = template_files.taken(home, release)
    if taken is not None:
        raise NbrunbookError(f"{project.relative(taken)} exists", "a release without a template")
    return home / release
