"""nbrunbook init: set a repository up."""

from __future__ import annotations

from pathlib import Path

import click

from nbrunbook.commands.terminal import show, show_code, tell
from nbrunbook.documents import files
from nbrunbook.project import git, repository, scaffold
from nbrunbook.project.repository import HOOKS, WORKFLOW, FileToWrite, Repository, read_if_any
from nbrunbook.template.starter import FOLDER
from nbrunbook.work import naming


@click.command(name="init")
@click.option("--dry-run", is_flag=True, help="Show what would be written, and write nothing.")
def command(dry_run: bool) -> None:
    """Set a repository up: configuration, folders, lines for git, a pre-commit hook and a workflow for GitHub.

    What is there stays: lines are only added, and a second run changes nothing.

    \b
    Example:
      nbrunbook init --dry-run
    """
    place = repository.place_at(Path.cwd())
    name = naming.name_at(place.root, tell=tell)
    changes = repository.changes(place, name, (FOLDER / "nbrunbook.yml").read_text(encoding="utf-8"))
    for change in changes:
        if not dry_run:
            files.rewrite(change.path, change.after)
        file = change.path.relative_to(place.root).as_posix()
        show(f"{'would write ' if dry_run else ''}{file}: {change.about}")
        if dry_run:
            _show_added(change)
    by_hand, exclude = repository.hook_by_hand(place), repository.exclude_by_hand(place)
    if not changes:
        show("nothing was written" if by_hand or exclude else "everything is there: nothing was written")
    if by_hand:
        show(f"\nadd this to `repos` in {HOOKS} by hand:")
        show_code(by_hand)
    if exclude:
        show(f"\nadd this to {HOOKS} by hand, or to the `exclude` that it has: no hook may change a record")
        show_code(exclude)
    _show_rest(place)


def _show_added(change: FileToWrite) -> None:
    before = change.before.decode(errors="replace").splitlines()
    after = change.after.decode(errors="replace").splitlines()
    added, kept = [], 0
    for line in after:
        if kept < len(before) and before[kept] == line:
            kept += 1
        else:
            added.append(line)
    for line in "\n".join(added).lstrip("\n").splitlines():
        show_code(f"  + {line}".rstrip())


def _show_rest(place: Repository) -> None:
    """What a person has to do, and what was left out and why."""
    if place.foreign:
        tell(f'{scaffold.STANDARD}/ holds other files ({place.foreign}): templates = "{scaffold.BESIDE}" is configured')
    if not git.known(place.root, "config", "--get", "diff.nbrunbook.textconv"):
        show("\nrun once in each clone, so that git shows notebooks as text:")
        show_code(scaffold.TEXTCONV)
    other = scaffold.other_diff(read_if_any(place.root / ".gitattributes"))
    if other:
        tell(f".gitattributes has {other!r}, which stays: with diff=nbrunbook instead, notebooks are read as text")
    if place.top is None:
        tell(f"{place.root} is no git repository: 'git init' makes it one")
    else:
        for name in repository.ignored(place):
            tell(f"git ignores {name}: take the line that does so out of .gitignore, for these files are committed")
    if not place.is_whole or place.inside("templates") is None:
        tell("the templates are not all of this repository's: set pre-commit and CI up in its root (see docs/ci.md)")
        return
    _tell_moved(place)
    reason = repository.elsewhere(place)
    if reason and not (place.root / WORKFLOW).exists():
        tell(f"no workflow for GitHub, because {reason}: docs/ci.md shows what CI should do")


def _tell_moved(place: Repository) -> None:
    """What is never written over, and still names the folder where the templates were."""
    templates = place.inside("templates") or "."
    hooks = read_if_any(place.root / HOOKS)
    for folder in (templates, *place.more_templates):
        pattern = scaffold.hook_elsewhere(hooks, folder.replace("*", "app"))
        if pattern:
            tell(f"the hook in {HOOKS} sees only files like {pattern}, and templates are in {folder}: mend it by hand")
            break
    templates = "." if place.more_templates else templates
    named = scaffold.workflow_elsewhere(read_if_any(place.root / WORKFLOW), templates)
    if named:
        tell(f"{WORKFLOW} has TEMPLATES: {named}, and templates are in {templates}: mend it by hand")
