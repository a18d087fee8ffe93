"""A repository that is set up: what it is like, and which files are written into it."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from nbrunbook.errors import GitError, NbrunbookError
from nbrunbook.project import configuration, git, scaffold
from nbrunbook.project.settings import project_if_any

WORKFLOW = ".github/workflows/nbrunbook.yml"
HOOKS = ".pre-commit-config.yaml"
FOLDERS = ("templates", *configuration.FOLDERS)
"""Those that a set-up repository has, as projects call them."""


@dataclass(frozen=True, kw_only=True)
class FileToWrite:
    """A file to write."""

    path: Path
    about: str
    before: bytes
    """Empty where the file is not there yet."""
    after: bytes


@dataclass(frozen=True, kw_only=True)
class Repository:
    """What we stand in."""

    root: Path
    configured: bool
    folders: dict[str, Path]
    top: Path | None
    """The work tree's root; None outside of git."""
    more_templates: tuple[str, ...] = ()
    """The other folders of templates, as the configuration lists them."""
    foreign: str = ""
    """A file that shows the folder `templates` to be another tool's, so that ours is another one."""

    def inside(self, name: str) -> str | None:
        """Return one of FOLDERS from the root; None for one outside of it."""
        folder = Path(os.path.normpath(self.folders[name]))
        return folder.relative_to(self.root).as_posix() if folder.is_relative_to(self.root) else None

    @property
    def is_whole(self) -> bool:
        """Whether the project is all of the repository, where CI and pre-commit look for their files."""
        return self.top is None or self.top.resolve() == self.root.resolve()


def place_at(start: Path) -> Repository:
    """Return the repository, or the project in it, that a folder is in."""
    start = start.resolve()
    project = project_if_any(start)
    configured = project is not None and _is_configured(project.root)
    root = project.root if project is not None and configured else _nearest(start)
    folders = {name: getattr(project, name) if project and configured else root / name for name in FOLDERS}
    foreign = "" if configured else _foreign(folders["templates"])
    if foreign:
        folders["templates"] = root / scaffold.BESIDE
    try:
        top = git.top(root)
    except GitError:
        top = None
    more = project.templates_listed[1:] if project is not None and configured else ()
    return Repository(root=root, configured=configured, folders=folders, top=top, more_templates=more, foreign=foreign)


def _foreign(folder: Path) -> str:
    found = scaffold.foreign(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    return f"{folder.name}/{found}" if found else ""


def _is_configured(root: Path) -> bool:
    if (root / "nbrunbook.toml").is_file():
        return True
    pyproject = root / "pyproject.toml"
    if not pyproject.is_file():
        return False
    return "nbrunbook" in tomllib.loads(pyproject.read_text(encoding="utf-8-sig")).get("tool", {})


def _nearest(start: Path) -> Path:
    for folder in (start, *start.parents):
        if (folder / "pyproject.toml").is_file() or (folder / ".git").exists():
            return folder
    return start


def changes(place: Repository, name: str, workflow: str) -> list[FileToWrite]:
    """Return what is to be written: files that are not there, or that lack something of ours.

    `name` is the project's; `workflow` is GitHub's, as it stands for the usual names.
    Raises NbrunbookError where a folder cannot be made.
    """
    found = [each for each in _changes(place, name, workflow) if each.before != each.after or not each.path.exists()]
    for each in found:
        _refuse_file_above(place, each.path)
    return found


def _changes(place: Repository, name: str, workflow: str) -> Iterator[FileToWrite]:
    yield _named(place, name) if place.configured else _configuration(place, name)
    for kind in FOLDERS:
        folder = place.folders[kind]
        if place.inside(kind) not in (None, ".") and not (folder.is_dir() and any(folder.iterdir())):
            yield FileToWrite(path=folder / ".gitkeep", about="keeps the folder in git", before=b"", after=b"")
    yield _lines(place, ".gitignore", scaffold.ignored(place.inside("runbooks")), "the journal and session copies")
    yield _attributes(place)
    if place.is_whole and place.inside("templates") is not None:
        yield from _hooks(place)
        yield from _workflow(place, workflow)


def _named(place: Repository, name: str) -> FileToWrite:
    """The configuration with the project's name, where it does not say one."""
    own = place.root / "nbrunbook.toml"
    path, table = (own, "") if own.is_file() else (place.root / "pyproject.toml", "[tool.nbrunbook]")
    before = path.read_bytes()
    found = tomllib.loads(before.decode("utf-8-sig"))
    settings = found["tool"]["nbrunbook"] if table else found
    after = before if "name" in settings else scaffold.with_name(before, name, table)
    return FileToWrite(path=path, about="the project's name", before=before, after=after)


def _configuration(place: Repository, name: str) -> FileToWrite:
    path = place.root / "pyproject.toml"
    templates = place.folders["templates"].name
    if path.is_file():
        before = path.read_bytes()
        after = scaffold.with_table(before, name, templates)
        if after is not None:
            return FileToWrite(path=path, about="[tool.nbrunbook]", before=before, after=after)
    path = place.root / "nbrunbook.toml"
    return FileToWrite(path=path, about="the configuration", before=b"", after=scaffold.own_file(name, templates))


def _lines(place: Repository, name: str, lines: list[str], about: str) -> FileToWrite:
    path = place.root / name
    before = read_if_any(path)
    after = scaffold.with_lines(before, lines, f"nbrunbook: {about}")
    return FileToWrite(path=path, about=about, before=before, after=after)


def _attributes(place: Repository) -> FileToWrite:
    lines = scaffold.attributes(place.inside("records"))
    if scaffold.other_diff(read_if_any(place.root / ".gitattributes")):
        lines = lines[:-1]
    return _lines(place, ".gitattributes", lines, "records stay to the byte, notebooks are shown as text")


def _hooks(place: Repository) -> Iterator[FileToWrite]:
    path = place.root / HOOKS
    before = after = read_if_any(path)
    about = []
    hooked = scaffold.with_hook(before, place.inside("templates") or ".", place.more_templates)
    if b"nbrunbook" not in before and hooked is not None:
        after, about = hooked, ["the hook nbrunbook-lint"]
    excluded = _with_exclude(place, after)
    if excluded not in (None, after):
        after, about = excluded or b"", [*about, "no hook changes a record"]
    if about:
        yield FileToWrite(path=path, about=", ".join(about), before=before, after=after)


def _with_exclude(place: Repository, before: bytes) -> bytes | None:
    """The configuration of pre-commit with the records left out; None where that is for a person."""
    records = place.inside("records")
    return before if records is None else scaffold.with_exclude(before, records)


def _workflow(place: Repository, standard: str) -> Iterator[FileToWrite]:
    path = place.root / WORKFLOW
    if not path.exists() and not elsewhere(place):
        folder = "." if place.more_templates else place.inside("templates") or "."  # one pathspec of git's
        after = scaffold.workflow(standard, folder, _default_branch(place.root))
        yield FileToWrite(path=path, about="what CI does with a pull request", before=b"", after=after)


def elsewhere(place: Repository) -> str:
    """Return where its CI runs if that is plainly not GitHub, else nothing."""
    origin = git.known(place.root, "config", "--get", "remote.origin.url")
    return scaffold.elsewhere(origin, sorted(path.name for path in place.root.iterdir()))


def _default_branch(root: Path) -> str:
    remote = git.known(root, "symbolic-ref", "--quiet", "--short", "refs/remotes/origin/HEAD")
    current = git.known(root, "symbolic-ref", "--quiet", "--short", "HEAD")
    return remote.removeprefix("origin/") or (current if current in git.MAIN_BRANCHES else "main")


def read_if_any(path: Path) -> bytes:
    """Return what a file holds; nothing where there is none."""
    return path.read_bytes() if path.exists() else b""


def _refuse_file_above(place: Repository, path: Path) -> None:
    for above in path.parents:
        if above.exists() and not above.is_dir():
            name = above.relative_to(place.root).as_posix()
            raise NbrunbookError(f"{name} is a file", f"a folder, for {path.name}", "move it away")


def hook_by_hand(place: Repository) -> str:
    """Return the hook that has to be added by hand: pre-commit is configured in another way than we can be certain of.

    Empty where it does not have to.
    """
    before, templates = read_if_any(place.root / HOOKS), place.inside("templates")
    wanted = place.is_whole and templates is not None and b"nbrunbook" not in before
    if not wanted or scaffold.with_hook(before, templates or ".", place.more_templates) is not None:
        return ""
    return scaffold.hook(templates or ".", place.more_templates).rstrip()


def exclude_by_hand(place: Repository) -> str:
    """Return the line that keeps hooks from records where a person has to add it; empty where not."""
    before, records = read_if_any(place.root / HOOKS), place.inside("records")
    wanted = place.is_whole and place.inside("templates") is not None and records is not None and bool(before.strip())
    return scaffold.exclude(records) if wanted and records and _with_exclude(place, before) is None else ""


def ignored(place: Repository) -> list[str]:
    """Return the files that git ignores although they are committed, such as a runbook would be."""
    names = [place.inside(name) for name in FOLDERS]
    probes = [f"{name}/production/1.0.{'html' if name == names[-1] else 'ipynb'}" for name in names if name]
    said = git.known(place.root, "check-ignore", "-z", "--stdin", stdin="\0".join(probes))
    return [name for name in said.split("\0") if name]
