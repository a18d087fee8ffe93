"""Commits: whether one holds what a runbook is made from, and what is said, and refused, where none does."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from nbrunbook.errors import NbrunbookError
from nbrunbook.project import commits, git
from nbrunbook.project.settings import Project
from nbrunbook.template import files as template_files
from nbrunbook.template.template import Template
from nbrunbook.texts import listed


@dataclass(frozen=True, kw_only=True)
class Held:
    """What git says of a template's files as they are on disk."""

    uncommitted: tuple[str, ...] = ()
    """Those that the commit that is checked out does not hold so, and parts that only it holds; from the root."""
    last_changes: Mapping[Path, str] = field(default_factory=dict)
    """The commits that last changed its parts, as far as git knows them."""
    unknown: str = ""
    """Why git cannot say, in words; empty where it can."""
    outside: bool = False
    """Whether there is no git repository."""

    @property
    def said(self) -> str:
        """What a person has to know of it; nothing where there is no repository, and where all is committed."""
        if self.unknown:
            return "" if self.outside else f"nobody knows whether its steps are committed: {self.unknown}"
        return f"not committed: {listed(self.uncommitted)}" if self.uncommitted else ""


def look(template: Template, project: Project) -> Held:
    """Return what git says of a template's files: its parts, the standing ones too, and its images."""
    try:
        images = [path for path in template.image_files if path.is_file()]
        return _look(template, project, [part.path for part in template.parts], images)
    except (NbrunbookError, OSError, ValueError) as error:
        return Held(unknown=str(error))


def _look(template: Template, project: Project, parts: Sequence[Path], images: Iterable[Path]) -> Held:
    homes: dict[Path | None, list[Path]] = {}
    for path in dict.fromkeys([*parts, *images]):
        homes.setdefault(git.repository_of(path), []).append(path)
    if set(homes) <= {None} and git.repository_of(project.root) is None:
        return Held(unknown="they are in no git repository", outside=True)
    missing = [path for home, paths in homes.items() for path in (commits.uncommitted(home, paths) if home else paths)]
    changes = {
        path: commits.last_change(home, path.resolve().relative_to(home).as_posix())
        for home, paths in homes.items()
        for path in paths
        if home is not None and path in parts and path not in missing
    }
    names = [project.relative(path) for path in [*missing, *_gone(template, project)]]
    return Held(uncommitted=tuple(sorted(set(names))), last_changes=changes)


def _gone(template: Template, project: Project) -> list[Path]:
    """The parts that the commit holds and the disk does not: deleted, or left out of a sparse checkout."""
    around = template_files.homes_around(template.path, project.template_homes)
    folders = [*filter(Path.is_dir, template.lies_at), *(each / template_files.STANDING for each in around)]
    lost = [home / name for home in around if len(around) > 1 for name in _lost_places(home, template.name)]
    return lost + [
        folder / name
        for folder in dict.fromkeys(folders)
        for name in commits.held_in(folder)
        if template_files.is_name_of_part(name) and not os.path.lexists(folder / name)
    ]


def _lost_places(home: Path, name: str) -> list[str]:
    """What a home lacks of a template that other homes have, and the commit has it there."""
    of_it = {f"{name}{suffix}" for suffix in ("", *template_files.SUFFIXES)}
    return [each for each in commits.held_in(home) if each in of_it and not os.path.lexists(home / each)]


def refuse_uncommitted(project: Project, environment: str, held: Held) -> None:
    """Raise NbrunbookError where an environment takes committed steps only, and these are not."""
    if project.settings(environment).committed and (held.uncommitted or held.unknown):
        found = f"not committed: {listed(held.uncommitted)}"
        if held.unknown:
            found = f"nobody knows whether these steps are committed: {held.unknown}"
        raise NbrunbookError(found, f"committed steps in {environment}", "commit them; --dirty takes them as they are")
