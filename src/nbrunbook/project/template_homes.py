"""The folders of templates: those that `templates` lists by name and by pattern, and those in Django's apps."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from nbrunbook.errors import ConfigurationError
from nbrunbook.project import author_files, paths, scaffold

if TYPE_CHECKING:
    from nbrunbook.project.settings import Project

DEFAULT = "templates"
IN_AN_APP = "runbooks"
"""The folder of an app of Django's that holds templates."""
INSTALLED = ("site-packages", "dist-packages")
"""Folders of what was installed: apps in them are nobody's of the project."""


@cache
def default_of_site(root: Path) -> str:
    """Return where a Django site's new templates are written that does not say it: `templates` may hold its pages."""
    folder = root / DEFAULT
    names = (each.relative_to(folder).as_posix() for each in folder.rglob("*") if each.is_file())
    return scaffold.BESIDE if folder.is_dir() and scaffold.foreign(names) else DEFAULT


def read(path: Path, setting: Any) -> tuple[str, ...]:
    """Return what the key `templates` of a configuration lists: a folder first, where 'new' and 'cut' write."""
    listed = setting if isinstance(setting, list) else [setting]
    for each in listed:
        if not isinstance(each, str) or not each.strip() or not each.isprintable():
            raise ConfigurationError(path, f"templates = {setting!r}", "the path of a folder, or a list of such paths")
    if not isinstance(setting, list):
        return (setting,)
    if not listed or is_pattern(listed[0]):
        expected = 'a folder first, where new templates are written, as in ["templates", "*/runbooks"]'
        raise ConfigurationError(path, f"templates = {setting!r}", expected)
    for each in filter(is_pattern, listed):
        if "**" in each or each.startswith("/") or ".." in each.split("/"):
            expected = "patterns below the project's root in which each * stands for one name, such as apps/*/runbooks"
            raise ConfigurationError(path, f"templates has the pattern {each!r}", expected)
    return tuple(dict.fromkeys(listed))


def is_pattern(text: str) -> bool:
    """Tell whether a text of a list of folders is a pattern."""
    return any(sign in text for sign in "*?[")


def homes(root: Path, listed: Sequence[str], beside: Sequence[Path] = ()) -> list[Path]:
    """Return the folders that a list means, in its order, those of a pattern in name order; each once.

    Patterns mean folders that are there, and neither hidden ones nor those in one of `beside`, such as runbooks;
    nor links that lead out of the repository, or to a folder that is there by its own name.
    """
    found: list[Path] = []
    for each in listed:
        if not is_pattern(each):
            found.append(paths.plain(root / each))
            continue
        matched = [folder for folder in sorted(root.glob(_posix(each))) if folder.is_dir()]
        meant = [folder for folder in matched if may_be_home(folder, root, [*found, *beside])]
        found += _once(meant, root, found)
    return list(dict.fromkeys(found))


def _once(folders: Sequence[Path], root: Path, known: Iterable[Path]) -> list[Path]:
    """Folders but for the links that lead out of the repository, or to a folder that is there by its own name."""
    links = [each for each in folders if each.resolve() != root.resolve() / each.relative_to(root)]
    there = {each.resolve() for each in (*known, *folders) if each not in links}
    left_out = []
    for each in links:
        real = each.resolve()
        if real in there or not real.is_relative_to(author_files.repository(root / DEFAULT)):
            left_out.append(each)
        there.add(real)
    return [each for each in folders if each not in left_out]


def _posix(pattern: str) -> str:
    return str(PurePosixPath(pattern))


def may_be_home(folder: Path, root: Path, others: Iterable[Path]) -> bool:
    """Tell whether a folder that nobody named may hold templates: none that is hidden, installed, or in another one."""
    if _is_passed_over(folder.relative_to(root).parts):
        return False
    return not any(folder == other or folder.is_relative_to(other) for other in others)


def of_apps(root: Path, folders: Iterable[Path], beside: Iterable[Path] = ()) -> list[Path]:
    """Return those folders `runbooks` that are there in apps' folders below a root, in the order of their paths."""
    within = (paths.below(folder / IN_AN_APP, root) for folder in folders)
    inside = sorted({root / each for each in within if each is not None and (root / each).is_dir()})
    known = list(beside)
    return [each for each in inside if may_be_home(each, root, known)]


def with_apps(project: Project, folders: Iterable[Path]) -> Project:
    """Return a project whose templates are those in its apps' folders, too."""
    known = project.template_homes
    more = of_apps(project.root, folders, (*known, project.runbooks, project.records))
    return replace(
        project,
        more_templates=(*project.more_templates, *more),
        templates_listed=(*project.templates_listed, *(each.relative_to(project.root).as_posix() for each in more)),
    )


def matching(listed: Sequence[str], names: Iterable[str]) -> Iterator[str]:
    """Yield which of some folders, named from a root by `/`, a list means, in its order; its plain folders always."""
    known = sorted(names)
    told: set[str] = set()
    for each in listed:
        meant = [name for name in known if _fits(each, name)] if is_pattern(each) else [each]
        for name in meant:
            if name not in told:
                told.add(name)
                yield name


def _fits(pattern: str, name: str) -> bool:
    wanted, parts = _posix(pattern).split("/"), name.split("/")
    same_depth = len(wanted) == len(parts)
    return same_depth and not _is_passed_over(parts) and PurePosixPath(name).match(_posix(pattern))


def _is_passed_over(parts: Iterable[str]) -> bool:
    """Whether a way from the root leads into what is hidden, or installed."""
    return any(part.startswith((".", "_")) or part in INSTALLED for part in parts)
