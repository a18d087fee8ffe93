"""nbrunbook init: set a repository up."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import click

from nbrunbook.commands.terminal import show, tell
from nbrunbook.documents import files
from nbrunbook.errors import GitError, NbrunbookError
from nbrunbook.project import git, scaffold
from nbrunbook.project.settings import FOLDERS, project_if_any
from nbrunbook.template.starter import FOLDER

WORKFLOW = ".github/workflows/nbrunbook.yml"
HOOKS = ".pre-commit-config.yaml"


@dataclass(frozen=True, kw_only=True)
class Change:
    """A file to write."""

    path: Path
    about: str
    before: bytes
    """Empty where the file is not there yet."""
    after: bytes


@dataclass(frozen=True, kw_only=True)
class Place:
    """What we stand in."""

    root: Path
    configured: bool
    folders: dict[str, Path]
    top: Path | None
    """The work tree's root; None outside of git."""
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


@click.command(name="init")
@click.option("--dry-run", is_flag=True, help="Show what would be written, and write nothing.")
def command(dry_run: bool) -> None:
    """Set a repository up: configuration, folders, lines for git, a pre-commit hook and a workflow for GitHub.

    What is there stays: lines are only added, and a second run changes nothing.

    \b
    Example: nbrunbook init --dry-run
    """
    place = _place(Path.cwd())
    changes = [change for change in _changes(place) if change.before != change.after or not change.path.exists()]
    for change in changes:
        _check(place, change.path)
    for change in changes:
        if not dry_run:
            _write(change)
        name = change.path.relative_to(place.root).as_posix()
        show(f"{'would write ' if dry_run else ''}{name}: {change.about}")
        if dry_run:
            _show_added(change)
    by_hand = _by_hand(place)
    if not changes:
        show("nothing was written" if by_hand else "everything is there: nothing was written")
    if by_hand:
        show(by_hand)
    _show_rest(place)


def _place(start: Path) -> Place:
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
    return Place(root=root, configured=configured, folders=folders, top=top, foreign=foreign)


def _foreign(folder: Path) -> str:
    found = scaffold.foreign(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    return f"{folder.name}/{found}" if found else ""


def _is_configured(root: Path) -> bool:
    if (root / "nbrunbook.toml").is_file():
        return True
    pyproject = root / "pyproject.toml"
    return pyproject.is_file() and "nbrunbook" in tomllib.loads(pyproject.read_text(encoding="utf-8")).get("tool", {})


def _nearest(start: Path) -> Path:
    for folder in (start, *start.parents):
        if (folder / "pyproject.toml").is_file() or (folder / ".git").exists():
            return folder
    return start


def _changes(place: Place) -> Iterator[Change]:
    if not place.configured:
        yield _configuration(place)
    for name in FOLDERS:
        folder = place.folders[name]
        if place.inside(name) not in (None, ".") and not (folder.is_dir() and any(folder.iterdir())):
            yield Change(path=folder / ".gitkeep", about="keeps the folder in git", before=b"", after=b"")
    yield _lines(place, ".gitignore", scaffold.ignored(place.inside("runbooks")), "the journal and session copies")
    yield _attributes(place)
    if place.is_whole and place.inside("templates") is not None:
        yield from _hooks(place)
        yield from _workflow(place)


def _configuration(place: Place) -> Change:
    path = place.root / "pyproject.toml"
    templates = place.folders["templates"].name
    if path.is_file():
        before = path.read_bytes()
        after = scaffold.with_table(before, templates)
        if after is not None:
            return Change(path=path, about="[tool.nbrunbook]", before=before, after=after)
    path = place.root / "nbrunbook.toml"
    return Change(path=path, about="the configuration", before=b"", after=scaffold.own_file(templates))


def _lines(place: Place, name: str, lines: list[str], about: str) -> Change:
    path = place.root / name
    before = _read(path)
    after = scaffold.with_lines(before, lines, f"nbrunbook: {about}")
    return Change(path=path, about=about, before=before, after=after)


def _attributes(place: Place) -> Change:
    lines = scaffold.attributes(place.inside("records"))
    if scaffold.other_diff(_read(place.root / ".gitattributes")):
        lines = lines[:-1]
    return _lines(place, ".gitattributes", lines, "records stay to the byte, notebooks are shown as text")


def _hooks(place: Place) -> Iterator[Change]:
    path = place.root / HOOKS
    before = _read(path)
    after = scaffold.with_hook(before, place.inside("templates") or ".")
    if b"nbrunbook" not in before and after is not None:
        yield Change(path=path, about="the hook nbrunbook-lint", before=before, after=after)


def _workflow(place: Place) -> Iterator[Change]:
    path = place.root / WORKFLOW
    if not path.exists() and not _elsewhere(place):
        standard = (FOLDER / "nbrunbook.yml").read_text(encoding="utf-8")
        after = scaffold.workflow(standard, place.inside("templates") or ".", _default_branch(place.root))
        yield Change(path=path, about="what CI does with a pull request", before=b"", after=after)


def _elsewhere(place: Place) -> str:
    origin = git.known(place.root, "config", "--get", "remote.origin.url")
    return scaffold.elsewhere(origin, sorted(path.name for path in place.root.iterdir()))


def _default_branch(root: Path) -> str:
    remote = git.known(root, "symbolic-ref", "--quiet", "--short", "refs/remotes/origin/HEAD")
    current = git.known(root, "symbolic-ref", "--quiet", "--short", "HEAD")
    return remote.removeprefix("origin/") or (current if current in git.MAIN_BRANCHES else "main")


def _read(path: Path) -> bytes:
    return path.read_bytes() if path.exists() else b""


def _check(place: Place, path: Path) -> None:
    """Tell before anything is written that a folder cannot be made."""
    for above in path.parents:
        if above.exists() and not above.is_dir():
            name = above.relative_to(place.root).as_posix()
            raise NbrunbookError(f"{name} is a file", f"a folder, for {path.name}", "move it away")


def _write(change: Change) -> None:
    """Write a file whole or not at all; one that was there keeps its mode, and a link stays a link."""
    path = change.path.resolve()
    mode = path.stat().st_mode if path.exists() else None
    files.write(path, change.after)
    if mode is not None:
        path.chmod(mode)


def _show_added(change: Change) -> None:
    added = change.after.removeprefix(change.before).decode(errors="replace").replace("\r\n", "\n")
    for line in added.lstrip("\n").splitlines():
        show(f"  + {line}".rstrip())


def _show_rest(place: Place) -> None:
    """What a person has to do, and what was left out and why."""
    if place.foreign:
        tell(f'{scaffold.STANDARD}/ holds other files ({place.foreign}): templates = "{scaffold.BESIDE}" is configured')
    if not git.known(place.root, "config", "--get", "diff.nbrunbook.textconv"):
        show(f"\nrun once in each clone, so that git shows notebooks as text:\n{scaffold.TEXTCONV}")
    other = scaffold.other_diff(_read(place.root / ".gitattributes"))
    if other:
        tell(f".gitattributes has {other!r}, which stays: with diff=nbrunbook instead, notebooks are read as text")
    if place.top is None:
        tell(f"{place.root} is no git repository: 'git init' makes it one")
    else:
        _tell_ignored(place)
    if not place.is_whole or place.inside("templates") is None:
        tell("the templates are not all of this repository's: set pre-commit and CI up in its root (see docs/ci.md)")
        return
    _tell_moved(place)
    reason = _elsewhere(place)
    if reason and not (place.root / WORKFLOW).exists():
        tell(f"no workflow for GitHub, because {reason}: docs/ci.md shows what CI should do")


def _tell_moved(place: Place) -> None:
    """What is never written over, and still names the folder where the templates were."""
    templates = place.inside("templates") or "."
    pattern = scaffold.hook_elsewhere(_read(place.root / HOOKS), templates)
    if pattern:
        tell(f"the hook in {HOOKS} sees only files like {pattern}, and templates are in {templates}: mend it by hand")
    named = scaffold.workflow_elsewhere(_read(place.root / WORKFLOW), templates)
    if named:
        tell(f"{WORKFLOW} has TEMPLATES: {named}, and templates are in {templates}: mend it by hand")


def _by_hand(place: Place) -> str:
    """What to add to a configuration of pre-commit that is written in another way than we can be certain of."""
    before, templates = _read(place.root / HOOKS), place.inside("templates")
    wanted = place.is_whole and templates is not None and b"nbrunbook" not in before
    if not wanted or scaffold.with_hook(before, templates or ".") is not None:
        return ""
    return f"\nadd this to `repos` in {HOOKS} by hand:\n{scaffold.hook(templates or '.').rstrip()}"


def _tell_ignored(place: Place) -> None:
    names = [place.inside(name) for name in FOLDERS]
    probes = [f"{name}/production/1.0.{'html' if name == names[-1] else 'ipynb'}" for name in names if name]
    for name in git.known(place.root, "check-ignore", "--", *probes).splitlines():
        tell(f"git ignores {name}: take the line that does so out of .gitignore, for these files are committed")
