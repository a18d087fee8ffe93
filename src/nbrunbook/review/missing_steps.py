"""Changes that should come with a step: `expect` in the configuration."""

from __future__ import annotations

import re
from fnmatch import fnmatch
from pathlib import Path

from nbrunbook.project import git
from nbrunbook.project.git import Branch
from nbrunbook.project.settings import Project
from nbrunbook.review import revisions
from nbrunbook.template.problems import Problem
from nbrunbook.texts import listed

ANSWER = re.compile(r"(?im)^[ \t]*nbrunbook:[ \t]*none needed\b")
"""What a commit message says where a change needs no step."""


def problem(project: Project, branch: Branch) -> Problem | None:
    """Return RB301 where files that `expect` names changed on a branch on which no template gained a step.

    A pattern goes by the path from the project's root, with a / in front or without; * stands for anything, / too.
    None where a message of its commits says `nbrunbook: none needed`. Raises GitError where git cannot say.
    """
    names = [project.relative(branch.top / name) for name in branch.files] if project.expect else []
    matching = [name for name in names if any(_matches(name, pattern) for pattern in project.expect)]
    if not matching or ANSWER.search(git.messages(branch.top, branch.base)) or _gained_a_step(project):
        return None
    others = matching[1:]
    return Problem(
        id="RB301",
        message=f"it changed{f' (and {listed(others)})' if others else ''}, and no template gained a step",
        hint="add one (nbrunbook new NAME --next), or say in a commit message: nbrunbook: none needed",
        path=Path(matching[0]),
    )


def _matches(name: str, pattern: str) -> bool:
    return fnmatch(name, pattern) or fnmatch(f"/{name}", pattern)


def _gained_a_step(project: Project) -> bool:
    unreadable: revisions.Unreadable = {}
    reviews = revisions.of_branch(project, revisions.branch_of(project), unreadable)
    changes = [change for review in reviews for change in review.changes]
    # What a template holds that cannot be read is not known: that is a finding by itself.
    return bool(unreadable) or any(change.subject == "step" and change.kind == "added" for change in changes)
