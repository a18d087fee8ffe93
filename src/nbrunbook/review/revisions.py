"""Where the two sides of a review come from: files, commits, and what a branch changed."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from nbrunbook.errors import NbrunbookError
from nbrunbook.extras import MissingExtraError
from nbrunbook.project import commit_homes, commits, git
from nbrunbook.project.git import Branch
from nbrunbook.project.settings import Project, find_project
from nbrunbook.review.at_revision import (
    FileAtRevision,
    at_merge_base,
    compare_two,
    from_top,
    homes_here,
    load,
    parted,
    read,
    template_of,
)
from nbrunbook.review.changes import Review
from nbrunbook.template import files as template_files
from nbrunbook.texts import listed

Unreadable = dict[str, NbrunbookError]
"""Why templates cannot be read, by their names."""


def reviews(old: str | None, new: str | None, unreadable: Unreadable | None = None) -> list[Review]:
    """Return what changed between two arguments of `diff`, or between one and what it is compared with.

    Without arguments `unreadable` is as in `of_branch`.
    """
    if old is None:
        return of_branch(project := find_project(), branch_of(project), unreadable)
    if new is not None:
        return [compare_two(read(old), read(new))]
    revision, path = parted(old)
    if revision:
        return [compare_two(read(old), load(git.top(Path.cwd()) / path, path, {}, homes=homes_here()))]
    found = read(old)
    if found.plan is not None:
        return [compare_two(found, template_of(found))]
    return [compare_two(at_merge_base(Path(found.label)), found)]


# What a branch changed


def branch_of(project: Project) -> Branch:
    """Return what the work has changed in the repository of the templates, which may be a submodule; else GitError."""
    return git.branch(git.repository_of(project.templates) or project.root)


def not_compared(project: Project, branch: Branch) -> str:
    """Return which folders of templates a branch says nothing of, in words; empty where it is asked of all.

    Those of another repository, such as a submodule.
    """
    own = commit_homes.in_repository(project, branch.top)
    others = [project.relative(each) for each in project.template_homes if each not in own]
    found = f"not compared, since another repository holds {'it' if len(others) == 1 else 'them'}: {listed(others)}"
    return found if others and own else ""


def of_branch(project: Project, branch: Branch, unreadable: Unreadable | None = None) -> list[Review]:
    """Return what a branch changed in each template, those that did not change left out.

    A template that moved, as `cut` moves one, is compared with what it was. The standing parts count as one template
    of their own; one that could not be read where the branch began counts as not there.
    Those that cannot be read now are put into `unreadable`, if that is given, and the others are compared.
    """
    folder = from_top(project.templates.resolve(), branch.top)  # git looks behind no link
    began = f"{branch.base[:10]}:"
    with commits.checked_out(branch.top, branch.base, folder) as tree:
        was = _Homes(commit_homes.write_out(project, branch.top, branch.base, tree), tree, began)
        now = _Homes(commit_homes.in_repository(project, branch.top), branch.top.resolve(), "")
        names = was.names(branch) | now.names(branch)
        if has_other_changes(project, branch):
            names |= {now.key(path) for path in template_files.templates_in_all(now.folders)}
        old = dict(_templates(was, names, {f"{tree}/": began}, {}))
        new = dict(_templates(now, names, {}, unreadable))
    for name in unreadable or ():
        old.pop(name, None)
    return [each for each in (compare_two(*pair) for pair in _paired(old, new, began)) if each.changes]


@dataclass(frozen=True)
class _Homes:
    """The folders of templates of one side, and how their templates are told apart."""

    folders: Sequence[Path]
    root: Path
    """The work tree's, or that of a commit's tree."""
    label: str
    """What stands in front of a path from there."""

    def key(self, path: Path) -> str:
        """What a template is compared by: its file's name; where several folders may share it, its release's."""
        if len(self.folders) < 2 or path.name == f"{template_files.STANDING}.md":
            return path.name
        return template_files.release_of(path)

    def names(self, branch: Branch) -> set[str]:
        """The keys of what a branch changed."""
        found = set()
        for folder in self.folders:
            way = folder.resolve().relative_to(self.root).as_posix()
            prefix = f"{way}/" if way != "." else ""
            for name in (each.removeprefix(prefix) for each in branch.files if each.startswith(prefix)):
                first, *rest = name.split("/")
                stem, suffix = posixpath.splitext(first)
                is_file = not rest and suffix in template_files.SUFFIXES and len(self.folders) > 1
                found.add(stem if is_file and stem != template_files.STANDING else first)
        return found

    def told(self, path: Path) -> str:
        """How a template is called in a review."""
        return f"{self.label}{(path.parent.resolve() / path.name).relative_to(self.root).as_posix()}"


def changed_templates(project: Project, branch: Branch) -> list[Path]:
    """Return the templates that are there and of which a branch changed, added or deleted a part."""
    changed, homes = _changed_files(branch), project.template_homes
    found = [
        path
        for path in template_files.templates_in_all(homes)
        if any(_has_changed(place, changed) for place in _places(path, homes))
    ]
    return [template_files.as_typed(path) for path in found]


def _places(path: Path, homes: Sequence[Path]) -> list[Path]:
    """Where a template may lie, or may have lain."""
    if len(homes) < 2:
        return [path.resolve()]
    name = template_files.release_of(path)
    return [home.resolve() / f"{name}{suffix}" for home in homes for suffix in ("", *template_files.SUFFIXES)]


def changed_among(project: Project, branch: Branch, paths: Sequence[Path]) -> list[Path]:
    """Return those of some templates that a branch changed.

    All of them where a standing part or an image changed, which may be in any of them.
    """
    names = {path.resolve() for path in changed_templates(project, branch)}
    standing = {(home / template_files.STANDING).resolve() for home in project.template_homes}
    everything = bool(standing & names) or has_other_changes(project, branch)
    return [path for path in paths if everything or path.resolve() in names]


def has_other_changes(project: Project, branch: Branch) -> bool:
    """Tell whether a file below the templates changed that is no part, such as an image: any of them may show it."""
    homes = {home.resolve() for home in project.template_homes}
    inside = [path for path in _changed_files(branch) if homes.intersection(path.parents)]
    return any(path.suffix not in template_files.SUFFIXES and not path.name.startswith(".") for path in inside)


def _changed_files(branch: Branch) -> set[Path]:
    return {Path(os.path.realpath(branch.top / name)) for name in branch.files}  # resolve() has no answer to a loop


def _has_changed(template_path: Path, changed: Iterable[Path]) -> bool:
    parts = {path for path in changed if path.suffix in template_files.SUFFIXES}
    return template_path in {*parts, *(path.parent for path in parts)}


def _templates(
    side: _Homes, names: Iterable[str], shown: Mapping[str, str], unreadable: Unreadable | None
) -> Iterator[tuple[str, FileAtRevision]]:
    for path in template_files.templates_in_all(side.folders):
        name = side.key(path)
        if name in names:
            typed = path if side.label else template_files.as_typed(path)
            try:
                found = load(typed, side.told(path), shown, homes=side.folders, standing=False)
            except MissingExtraError:
                raise
            except NbrunbookError as error:
                if unreadable is None:
                    raise
                unreadable[name] = error
                continue
            # A page of Markdown among the templates, such as a README, has no steps.
            if found.template and (found.template.steps or path.suffix != ".md"):
                yield name, found


def _paired(
    old: Mapping[str, FileAtRevision], new: Mapping[str, FileAtRevision], began: str
) -> Iterator[tuple[FileAtRevision, FileAtRevision]]:
    was = {name: name for name in new if name in old} | _moved(old, new)
    moved_away = {origin for name, origin in was.items() if name != origin}
    for name, found in new.items():
        origin = was.get(name)
        if origin is None or (origin == name and name in moved_away):
            yield FileAtRevision(label=f"{began}{found.label} (not there)"), found
        else:
            yield old[origin], found
    for name in sorted(set(old) - set(new) - moved_away):
        yield old[name], FileAtRevision(label=f"{old[name].label.removeprefix(began)} (not there)")


def _moved(old: Mapping[str, FileAtRevision], new: Mapping[str, FileAtRevision]) -> dict[str, str]:
    """New templates -> the old ones that have become them: most of their steps are there now."""
    found: dict[str, str] = {}
    for name in sorted(set(new) - set(old)):
        shared = {}
        for origin in set(old) - set(found.values()):
            gone = _ids(old[origin]) - (_ids(new[origin]) if origin in new else set())
            common = len(gone & _ids(new[name]))
            if common * 2 > len(_ids(old[origin])):
                shared[origin] = common
        if shared:
            found[name] = max(sorted(shared), key=lambda each: shared[each])
    return found


def _ids(found: FileAtRevision) -> set[str]:
    return {step.id for step in found.template.steps} if found.template else set()
