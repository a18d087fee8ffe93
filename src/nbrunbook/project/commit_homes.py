"""The folders of templates that a commit has: a pattern may mean others there than on disk."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from nbrunbook.project import commits, git, paths, template_homes
from nbrunbook.project.settings import Project


def at_commit(project: Project, top: Path, commit: str) -> tuple[Path, ...]:
    """Return the project's folders of templates in a commit of its repository, as their paths in the work tree.

    Those that are named are always among them; in a submodule a pattern means the folders that are on disk.
    Raises GitError.
    """
    root = project.root.resolve()
    if not any(map(template_homes.is_pattern, project.templates_listed)) or not root.is_relative_to(top):
        return project.template_homes
    elsewhere = [each for each in project.more_templates if git.repository_of(each) != top]
    names = [*_folders(top, commit, root), *(way.as_posix() for each in elsewhere if (way := paths.below(each, root)))]
    named = [paths.plain(project.root / each) for each in template_homes.matching(project.templates_listed, names)]
    beside = (project.runbooks, project.records)
    found = [each for each in named if each in project.template_homes or not _is_in(each, beside)]
    return tuple(dict.fromkeys(found))


def write_out(project: Project, top: Path, commit: str, tree: Path) -> list[Path]:
    """Write the folders of templates that a commit has, and its repository holds, into its tree, and return them there.

    First stands that of new templates. Raises GitError.
    """
    if len(project.templates_listed) == 1:
        return [tree / way for each in project.template_homes if (way := _way(each, top)) is not None]
    found = dict.fromkeys(way for each in at_commit(project, top, commit) if (way := _way(each, top)) is not None)
    if len(found) > 1:
        commits.write_out(top, commit, [each.as_posix() for each in found], tree)
    return [tree / each for each in found]


def in_repository(project: Project, top: Path) -> list[Path]:
    """Return the project's folders of templates that lie in a repository."""
    return [each for each in project.template_homes if _way(each, top) is not None]


def _way(folder: Path, top: Path) -> Path | None:
    """The way from a repository's root to a folder in it; None for one elsewhere, and in a submodule."""
    real, root = folder.resolve(), top.resolve()
    return real.relative_to(root) if git.repository_of(real) == root else None


def _is_in(folder: Path, others: tuple[Path, ...]) -> bool:
    return any(folder.is_relative_to(other) for other in others)


def _folders(top: Path, commit: str, root: Path) -> Iterator[str]:
    """The folders below a root that a commit holds, by their names from there."""
    within = root.relative_to(top).as_posix()
    below = ["--", f"{within}/"] if within != "." else []
    said = git.ask_at_most(
        commits.MOST_LISTED, top, "ls-tree", "-r", "-d", "-z", "--name-only", "--full-tree", commit, *below
    )
    for name in filter(None, said.split("\0")):
        yield name if within == "." else name.removeprefix(f"{within}/")
