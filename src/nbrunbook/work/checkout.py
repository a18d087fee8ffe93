"""Checkouts: the revision that templates are read at: a commit, in a folder that is thrown away, or the work tree.

A release is deployed at a commit. What else is checked out or edited here must not become its steps.
"""

from __future__ import annotations

import contextlib
import os
import shlex
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from nbrunbook.errors import GitError, NbrunbookError, visible
from nbrunbook.project import ci, commit_homes, commits, git
from nbrunbook.project.settings import Project
from nbrunbook.template import files as template_files
from nbrunbook.template.template import Template, read_template
from nbrunbook.texts import listed
from nbrunbook.work.commits import Held, look


@dataclass(frozen=True, kw_only=True)
class _Source:
    """Where a commit's files come from, and where they lie."""

    repository: Path
    commit: str
    """Of that repository, which may be a submodule."""
    below: str
    """The folder of it in the outer repository; empty for that one itself."""
    top: Path
    """The outer repository's root."""
    tree: Path
    """The folder that is thrown away, which stands for the outer repository's root."""
    label: str
    """How the commit is called in front of a path."""

    def name(self, path: Path) -> str | None:
        """What the repository calls a file of the tree; None for one outside of it."""
        real, root = Path(os.path.normpath(path)), self.tree / self.below
        return real.relative_to(root).as_posix() if real.is_relative_to(root) else None


@dataclass(frozen=True, kw_only=True)
class Checkout:
    """The templates of one revision."""

    project: Project
    """With the folders of its root and its templates where they are to be read."""
    commit: str = ""
    """The commit that was named; empty for the work tree."""
    said_by: str = ""
    """Who named it, in words; of the work tree's, why it is read although a commit was named."""
    sources: tuple[_Source, ...] = ()
    """Of each repository that has templates, first of the one that has new ones; none for the work tree."""
    lost: tuple[str, ...] = ()
    """Links among the templates that lead to nothing in the commit."""

    @property
    def words(self) -> str:
        """Which revision it is."""
        if not self.commit:
            words = ", ".join(filter(None, ["templates as they are in the work tree", self._missing()]))
            return f"{words}: {self.said_by}" if self.said_by else words
        lost = listed([visible(name) for name in self.lost])
        without = f", without {lost}, which the commit has as a link to nothing in it" if lost else ""
        return f"templates of commit {self.commit[:12]} ({self.said_by}){without}"

    def _missing(self) -> str:
        """What of the templates is not on disk, and the commit that is checked out has: deleted, or sparse."""
        gone: list[str] = []
        for folder in self.project.template_homes:
            with contextlib.suppress(NbrunbookError):
                held = [name for name in commits.held_in(folder) if not name.startswith((".", "_"))]
                lacking = [name for name in held if not os.path.lexists(folder / name)]
                gone += [name if folder == self.project.templates else self._told(folder, name) for name in lacking]
        return f"without {listed(gone)}, which the commit has" if gone else ""

    def _told(self, folder: Path, name: str) -> str:
        return self.project.relative(folder / name)

    @property
    def option(self) -> str:
        """What to give to a command that is to read the same; empty for the work tree."""
        return f" --at {shlex.quote(self.sources[0].label)}" if self.sources else ""

    def told(self, fault: object) -> str:
        """Return a fault in words, without the folder in which the templates were read."""
        if not self.sources:
            return str(fault).replace(f"{self.project.root}/", "")
        return str(fault).replace(f"{self.sources[0].tree}/", f"{self.sources[0].label}:")

    def _source(self, path: Path) -> _Source | None:
        """Where a file of the tree comes from: the repository that is nearest around it."""
        around = [each for each in self.sources if each.name(path) is not None]
        return max(around, key=lambda each: len(each.below), default=None)

    def read(self, path: Path, *, check: bool = True) -> Template:
        """Return a template of it; raises as `read_template` does."""
        template = self._read(path, check=check)
        if self._fetched([each for each in template.image_files if not os.path.lexists(each)]):
            template = self._read(path, check=check)
        return template

    def _read(self, path: Path, *, check: bool) -> Template:
        return read_template(path, homes=self.project.template_homes, declared=self.project.declared, check=check)

    def _fetched(self, images: list[Path]) -> bool:
        """Take in images that lie elsewhere in the commit; return whether there were any."""
        wanted: dict[_Source, list[str]] = {}
        for each in images:
            if (source := self._source(each)) and (name := source.name(each)):
                wanted.setdefault(source, []).append(name)
        for source, names in wanted.items():
            commits.write_out(source.repository, source.commit, names, source.tree / source.below, below=False)
        return bool(wanted)

    def named(self, path: Path) -> Path:
        """Return where the template is that a person means: by its name, or its path in the work tree."""
        found = template_files.template_named(path, self.project.template_homes)
        if not self.sources or found.is_relative_to(self.sources[0].tree):
            return found
        first = self.sources[0]
        there = first.tree / os.path.relpath(found.parent.resolve() / found.name, first.top)
        source = self._source(there) or first
        names = [name for each in (there, there.parent / template_files.STANDING) if (name := source.name(each))]
        if names and not there.exists():
            commits.write_out(source.repository, source.commit, names, source.tree / source.below)
        if not names or not there.exists():
            raise NbrunbookError(f"commit {self.commit[:12]} holds no {path}", "a template of that commit")
        return there

    def held(self, template: Template) -> Held:
        """Return what git says of a template's files; those of a commit are committed."""
        if not self.sources:
            return look(template, self.project)
        return Held(last_changes={part.path: self._last_change(part.path) for part in template.parts})

    def _last_change(self, path: Path) -> str:
        source = self._source(path) or self.sources[0]
        return commits.last_change(source.repository, source.name(path) or "", source.commit)


@contextmanager
def checkout(project: Project, at: str | None = None) -> Iterator[Checkout]:
    """Yield the templates of a commit: of the one that is given, else that CI names; else those of the work tree.

    An error within names files as the commit does. Raises GitError where git here does not know the commit.
    """
    named, who = (at, f"--at {visible(at)}") if at is not None else (ci.commit(), ci.service())
    if at is None and (not named or git.repository_of(project.root) is None):
        why = f"there is no git repository that has the commit {visible(named):.12}, which {who} names" if named else ""
        yield Checkout(project=project, said_by=why)
        return
    top = git.top(project.root).resolve()
    commit = git.commit(top, named) if at is not None else _commit_of_ci(top, named, who)
    places = [each.resolve() for each in commit_homes.at_commit(project, top, commit)]
    homes = [_home(top, commit, each) for each in places]
    if outside := next((home for home, its_commit in homes if not its_commit), None):
        why = f"they lie outside of the repository, in {outside}, and commit {commit[:12]} says nothing of them"
        if at is not None:
            raise NbrunbookError(why, "templates in the repository that --at is a commit of", "leave --at out")
        yield Checkout(project=project, said_by=why)
        return
    with _written_out(homes, places, top, at or commit[:12]) as (sources, lost):
        root, *templates = (sources[0].tree / each.relative_to(top) for each in (project.root.resolve(), *places))
        there = replace(project, root=root, templates=templates[0], more_templates=tuple(templates[1:]))
        found = Checkout(project=there, commit=commit, said_by=who, sources=sources, lost=lost)
        try:
            yield found
        except NbrunbookError as error:
            if found.told(error) == str(error):
                raise
            raise NbrunbookError(found.told(error)) from None


@contextmanager
def _written_out(
    homes: Sequence[tuple[Path, str]], places: Sequence[Path], top: Path, label: str
) -> Iterator[tuple[tuple[_Source, ...], tuple[str, ...]]]:
    """Write the folders of templates into a folder that is thrown away; yield whence, and links that lead to nothing.

    `homes` are the repositories in which the places lie, each with its commit.
    """
    paths = [place.relative_to(home).as_posix() for (home, _), place in zip(homes, places, strict=True)]
    below = [home.relative_to(top).as_posix() for home, _ in homes]
    with commits.checked_out(*homes[0], paths[0], below=below[0]) as tree:
        sources: dict[Path, _Source] = {}
        for (home, commit), within, path in zip(homes, below, paths, strict=True):
            if sources:
                (tree / within).mkdir(parents=True, exist_ok=True)
                commits.write_out(home, commit, [path], tree / within)
            source = _Source(repository=home, commit=commit, below=within, top=top, tree=tree, label=label)
            sources.setdefault(home, source)
        lost = [
            name
            for (home, commit), path in zip(homes, paths, strict=True)
            for name in commits.lost_links(home, commit, path)
        ]
        yield tuple(sources.values()), tuple(dict.fromkeys(lost))


def _commit_of_ci(top: Path, named: str, service: str) -> str:
    try:
        return git.commit(top, named)
    except GitError:
        raise GitError(
            f"this clone has no commit {visible(named)[:12]}, which {service} names",
            "the commit that is deployed",
            f"'git fetch origin {visible(named)}' brings it (actions/checkout: fetch-depth: 0); "
            "--at HEAD means what is checked out",
        ) from None


def _home(top: Path, commit: str, place: Path) -> tuple[Path, str]:
    """The repository in which a folder lies, and the commit that one of the outer repository means of it.

    Empty where that one says nothing of it: the folder lies elsewhere, or in what is no submodule there.
    """
    if not place.is_relative_to(top):
        return place, ""
    inner = [each for each in (place, *place.parents) if each.is_relative_to(top) and git.is_repository(each)]
    home = top
    for each in reversed([each for each in inner if each != top]):
        commit = commits.submodule(home, commit, each.relative_to(home).as_posix()) if commit else ""
        home = each
    return home, commit
