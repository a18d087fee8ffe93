"""Changes that should come with a step: `expect` in the configuration."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fnmatch import fnmatch
from pathlib import Path

from nbrunbook import git, places, template
from nbrunbook.errors import NbrunbookError
from nbrunbook.problems import Problem
from nbrunbook.project import Project

ANSWER = re.compile(r"(?im)^[ \t]*nbrunbook:[ \t]*none needed\b")
"""What a commit message says where a change needs no step."""


def problem(found: Project, since: str) -> Problem | None:
    """Return RB301 where files that `expect` names differ from a commit and no template gained a step since.

    None where a later commit's message says `nbrunbook: none needed`. Raises GitError where git cannot say.
    """
    names = [_from_root(found, name) for name in git.changed(found.root, since)] if found.expect else []
    matching = [name for name in names if any(fnmatch(name, pattern) for pattern in found.expect)]
    if not matching or ANSWER.search(git.messages(found.root, since)) or _gained_a_step(found, since):
        return None
    return Problem(
        id="RB301",
        message=f"no template gained a step, and this changed: {_listed(matching)}",
        hint="add one (nbrunbook new NAME --next), or say in a commit message: nbrunbook: none needed",
        path=Path(matching[0]),
    )


def _from_root(found: Project, name: str) -> str:
    """A path from git's root as one from the project's."""
    return found.relative(git.top(found.root) / name)


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")


def _gained_a_step(found: Project, since: str) -> bool:
    inside = found.templates.resolve().relative_to(git.top(found.root).resolve())
    with git.checked_out(found.root, since, inside.as_posix()) as folder:
        return bool(_step_ids(found.templates) - _step_ids(folder / inside))


def _step_ids(folder: Path) -> set[tuple[str, str]]:
    """(title, id) of all steps: one that moves to another template, as `cut` moves it, is not gained."""
    found: set[tuple[str, str]] = set()
    for path in places.templates_in(folder) if folder.is_dir() else ():
        try:
            found |= {(step.title, step.id) for step in template.read(path).steps if step.box}
        except NbrunbookError:
            continue
    return found
